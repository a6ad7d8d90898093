/** How `heldar explain` is done. It ends with 1 when the event can't be made again as it is. */
import { explainEvent, type Again, type Explanation } from '../replay/explain-event.ts';
import { subjectOf } from '../replay/subject.ts';
import type { RecordedEvent } from '../store/recorded-queries.ts';
import { readComposition, type CompositionFlags } from './composition.ts';
import { openRecordedOf } from './recorded-store.ts';
import { surveyPlugins } from './survey.ts';
import { alignColumns } from './table.ts';

export async function explain(id: string, flags: CompositionFlags & { readonly json?: true }): Promise<void> {
  const config = await readComposition(flags);
  using recorded = openRecordedOf(config);
  const explanation = await explainEvent(recorded, id, async (plugin) =>
    subjectOf(await surveyPlugins(config), plugin, config.cwd),
  );
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(explanation, null, 2)}\n` : textOf(explanation),
  );
  const { outcome } = explanation.again;
  process.exitCode = outcome === 'same' || outcome === 'none' ? 0 : 1;
}

function textOf(explanation: Explanation): string {
  const { event, generation, now } = explanation;
  const { type, cameraId, atMs, id, source, consumer, payload } = event;
  const rows = [
    ['id', id],
    ['payload', payload],
    ['from', consumer === null ? source : `${source}.${consumer.name}, ${laneText(consumer.lane, event)}`],
    ['because', causeText(explanation)],
    ...(generation === null
      ? []
      : [['ran with', `${withText(generation)}, since ${timeText(generation.startedAt)}`]]),
    ...(now === null
      ? []
      : [['now', isAlike(generation, now) ? 'the same version and options' : withText(now)]]),
  ];
  return `${type} ${cameraId ?? 'no camera'} ${timeText(atMs)}\n${alignColumns(
    rows.map(([label = '', value = '']) => [`  ${label}`, value]),
  )}${againText(explanation.again, event)}\n`;
}

function laneText(lane: number, { consumer }: RecordedEvent): string {
  return `${lane === 0 ? 'lane of all cameras' : `lane ${lane}`}, epoch ${consumer?.epoch ?? 0}`;
}

function causeText({ event: { cause }, record, detections }: Explanation): string {
  if (cause === null) return 'no record of the log or tick';
  if (cause.kind === 'tick') return `the tick at ${timeText(cause.at)}`;
  if (record === null) return `record ${cause.at} of the log, which is not kept any more`;
  const { kind, type, camera_id: camera, received, frame_id: frame } = record;
  const what =
    kind === 'batch' ? `batch ${cause.at} of task type ${type}` : `control record ${cause.at}, ${type}`;
  return [
    what,
    ...(camera === null ? [] : [`camera ${camera}`]),
    ...(frame === null ? [] : [`frame ${frame}`]),
    ...(detections === null ? [] : [detections === 1 ? '1 detection' : `${detections} detections`]),
    `received ${timeText(received)}`,
  ].join(', ');
}

function withText({ version, config }: { version: string; config: string }): string {
  return `${version === '' ? 'no version' : `version ${version}`}, options ${config}`;
}

function isAlike(before: Explanation['generation'], now: NonNullable<Explanation['now']>): boolean {
  return before?.version === now.version && before.config === now.config;
}

function againText(again: Again, event: RecordedEvent): string {
  switch (again.outcome) {
    case 'same':
      return `✔ made again from ${again.records} records of its lane: the same event`;
    case 'changed':
      return `✖ made again from ${again.records} records of its lane, it is another: ${changesText(again, event)}`;
    case 'absent':
      return `✖ ${again.records} records of its lane do not give it again${again.reason === null ? ': the code or the options of now decide otherwise' : `: ${again.reason}`}`;
    case 'none':
      return `not made again: ${again.reason}`;
  }
}

function changesText({ event: made }: Extract<Again, { outcome: 'changed' }>, event: RecordedEvent): string {
  const members = ['type', 'cameraId', 'siteId', 'severity', 'atMs', 'payload'] as const;
  return members
    .filter((member) => made[member] !== event[member])
    .map((member) => `${member} ${String(event[member])} → ${String(made[member])}`)
    .join(', ');
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
