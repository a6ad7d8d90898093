export interface TemporaryFolder extends Disposable {
    readonly path: string;
    /** The absolute path of a file in it. */
    file(name: string): string;
}
/** `files`: by path in the folder. The packages of this project can be imported from there by their names. */
export declare function folderWith(files: Readonly<Record<string, string>>): TemporaryFolder;
//# sourceMappingURL=folder-with.d.ts.map