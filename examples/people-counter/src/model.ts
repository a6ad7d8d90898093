/** Where do the weights of the detector come from, and on what do they run? */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import type { GraphModel } from '@tensorflow/tfjs-converter';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import type { io } from '@tensorflow/tfjs-core';

const { resolve } = createRequire(import.meta.url);

/** CenterNet on MobileNet v3, trained on COCO; the package carries the weights, so nothing is downloaded. */
const modelFile = path.join(path.dirname(resolve('@vladmandic/human')), '../models/centernet.json');

/** WebAssembly on one thread: a recorder on the same machine keeps the other cores. */
export async function loadModel(): Promise<GraphModel> {
  setWasmPaths(path.join(path.dirname(resolve('@tensorflow/tfjs-backend-wasm')), path.sep));
  setThreadsCount(1);
  if (!(await setBackend('wasm'))) throw new Error('this machine cannot run the WebAssembly backend');
  await ready();
  return loadGraphModel({ load: readModel });
}

async function readModel(): Promise<io.ModelArtifacts> {
  const model = JSON.parse(await readFile(modelFile, 'utf8')) as io.ModelJSON;
  const parts = model.weightsManifest.flatMap(({ paths }) => paths);
  const bytes = await Promise.all(parts.map((part) => readFile(path.join(path.dirname(modelFile), part))));
  return {
    modelTopology: model.modelTopology,
    weightSpecs: model.weightsManifest.flatMap(({ weights }) => weights),
    weightData: new Uint8Array(Buffer.concat(bytes)).buffer,
  };
}
