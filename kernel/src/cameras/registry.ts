/** Which cameras exist right now: a view in memory, kept in step with the control records of every commit. */
import type { CameraRow } from '../store/cameras.ts';
import { listCameras, readCamera } from '../store/camera-queries.ts';
import type { Store } from '../store/store.ts';
import type { LoggedRecord } from '../store/units.ts';

/** A camera as it stands; nothing in it is secret. */
export type Camera = CameraRow;

export interface CameraRegistry {
  get(id: string): Camera | undefined;
  /** Ascending by id. */
  list(): Camera[];
  incarnation(id: string): number | undefined;
  /** Call with every record that became durable, in log order. */
  apply(record: Pick<LoggedRecord, 'type' | 'cameraId'>): void;
  /** Calls back after a camera was created, changed or deleted; answers how to end that. */
  onChange(listener: (id: string) => void): () => void;
}

/** Reads all cameras once; from then on `apply` keeps the view true. */
export function createCameraRegistry(options: { store: Pick<Store, 'read'> }): CameraRegistry {
  const { store } = options;
  const cameras = new Map(listCameras(store.read).map((camera) => [camera.id, camera]));
  const listeners = new Set<(id: string) => void>();

  return {
    get: (id) => cameras.get(id),
    list: () => [...cameras.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    incarnation: (id) => cameras.get(id)?.incarnation,
    apply({ type, cameraId }) {
      if (cameraId === null || !type.startsWith('camera.')) return;
      const camera = readCamera(store.read, cameraId);
      if (camera === undefined) cameras.delete(cameraId);
      else cameras.set(cameraId, camera);
      for (const listener of listeners) listener(cameraId);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
