/** Which routes the kernel owns, known before any of them exists: for the pre-flight of plugins. A test keeps it true. */

export const kernelRouteNames: readonly string[] = [];
