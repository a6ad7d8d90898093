/** How much memory does this isolate use by itself? */
import { getHeapStatistics } from 'node:v8';

/** Its heap and what hangs on it outside (buffers), bytes. */
export function heapAndBuffers(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}
