/** Which batches does a plugin get when its author names none? Tracks of the task types that it consumes, on two cameras. */
import type { Consumes, JsonObject, PluginDefinition, Schema } from '@heldar/plugin-sdk';
import { HeldarError } from '../../errors.ts';
import { sampleOf } from '../../plugins/describe-schema.ts';
import { track, type SeenBatch } from '../batches.ts';

const cameras = ['gate', 'yard'];
const frames = 6;

/** @throws HeldarError `plugin_invalid` when nothing can be made up that its schema takes. */
export function madeUpBatches(definition: PluginDefinition): SeenBatch[] {
  const walks = Object.entries(taskTypes(definition)).flatMap(([taskType, schema]) =>
    cameras.map((camera, index) =>
      track({
        camera,
        taskType,
        track: `${index + 1}`,
        attributes: schema === null ? {} : attributesFor(definition.name, taskType, schema),
        frames,
      }),
    ),
  );
  // Frame by frame, as cameras take turns.
  return Array.from({ length: frames }, (_, frame) =>
    walks.flatMap((walk) => walk.slice(frame, frame + 1)),
  ).flat();
}

function taskTypes({ consumes = [] }: PluginDefinition): Readonly<Record<string, Schema | null>> {
  if (consumes === '*') return { detection: null };
  if (isList(consumes)) return Object.fromEntries(consumes.map((taskType) => [taskType, null]));
  return consumes;
}

function isList(consumes: Exclude<Consumes, '*'>): consumes is readonly string[] {
  return Array.isArray(consumes);
}

function attributesFor(plugin: string, taskType: string, schema: Schema): JsonObject {
  const sample = sampleOf(schema);
  const outcome = schema['~standard'].validate(sample);
  if (outcome instanceof Promise || outcome.issues !== undefined)
    throw new HeldarError(
      'plugin_invalid',
      `no attributes of '${taskType}' can be made up that ${plugin} takes; give some: conformance(${plugin}, { batches: track({ camera: 'gate', taskType: '${taskType}', attributes: { … } }) })`,
    );
  return sample as JsonObject;
}
