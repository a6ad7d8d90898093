/** How is a replay told to people? */
import type { ConsumerEvent } from '../store/results-queries.ts';
import type { Difference, Differences, Row } from './difference.ts';
import type { ReplayReport } from './report.ts';

/** Of each kind of difference; `--json` has all. */
const shownOfEach = 20;

export function showReport(report: ReplayReport): string {
  const { difference, notes } = report;
  const lines = [headline(report), ''];
  if (difference === null) lines.push(...resultLines(report));
  else {
    lines.push(...linesOf(difference));
    lines.push('', difference.same ? '✔ the same as production recorded' : '✖ not what production recorded');
  }
  lines.push(...notes.map((note) => `  note: ${note}`));
  return `${lines.join('\n')}\n`;
}

function headline({ plugin, version, batches, records, firstAt, lastAt, elapsedMs }: ReplayReport): string {
  const over = amountOf(records, batches, ' and ');
  const when = firstAt === null || lastAt === null ? '' : `, ${timeText(firstAt)} – ${timeText(lastAt)}`;
  const rate = elapsedMs > 0 ? Math.round((batches / elapsedMs) * 1000) : 0;
  return `${`${plugin} ${version}`.trim()} over ${over}${when} (${(elapsedMs / 1000).toFixed(1)} s, ${count(rate)} batches/s)`;
}

function resultLines({ events, rows, fingerprint }: ReplayReport): string[] {
  return [
    ...Object.entries(events)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([type, n]) => `events  ${type}  ${count(n)}`),
    ...Object.entries(rows).map(([table, n]) => `table ${table}  ${count(n)} ${n === 1 ? 'row' : 'rows'}`),
    `fingerprint  ${fingerprint}`,
  ];
}

/** How the two sides are called, behind a number. */
export interface Sides {
  readonly before: string;
  readonly after: string;
}

const productionAndReplay: Sides = { before: 'only in production', after: 'only in the replay' };

/** Events first, then each table. */
export function linesOf(difference: Difference, sides: Sides = productionAndReplay): string[] {
  return [
    ...differenceLines('events', difference.events, sides, eventLine, changesOfEvent),
    ...difference.tables.flatMap((table) =>
      differenceLines(`table ${table.name}`, table, sides, rowLine, changesOfRow),
    ),
  ];
}

function differenceLines<Item>(
  what: string,
  { same, renumbered, missing, extra, changed }: Differences<Item>,
  sides: Sides,
  show: (item: Item) => string,
  changes: (before: Item, after: Item) => string,
): string[] {
  const summary = [
    `${count(same)} the same`,
    ...(renumbered > 0 ? [`${count(renumbered)} under another id`] : []),
    ...(missing.length > 0 ? [`${count(missing.length)} ${sides.before}`] : []),
    ...(extra.length > 0 ? [`${count(extra.length)} ${sides.after}`] : []),
    ...(changed.length > 0 ? [`${count(changed.length)} changed`] : []),
  ];
  return [
    `${what}  ${summary.join(', ')}`,
    ...firstOf(missing, (item) => `  - ${show(item)}`),
    ...firstOf(extra, (item) => `  + ${show(item)}`),
    ...firstOf(changed, ({ before, after }) => `  ~ ${show(after)}\n      ${changes(before, after)}`),
  ];
}

function firstOf<Item>(items: readonly Item[], show: (item: Item) => string): string[] {
  const left = items.length - shownOfEach;
  return [
    ...items.slice(0, shownOfEach).map(show),
    ...(left > 0 ? [`    … and ${count(left)} more; --json lists all`] : []),
  ];
}

function eventLine({ id, type, cameraId, atMs, payload }: ConsumerEvent): string {
  return `${timeText(atMs)} ${type} ${cameraId ?? 'no camera'} ${payload} (${id})`;
}

function rowLine(row: Row): string {
  return JSON.stringify(row);
}

function changesOfEvent(before: ConsumerEvent, after: ConsumerEvent): string {
  const flat = ({ payload, ...event }: ConsumerEvent): Row => {
    const value = JSON.parse(payload) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? {
          ...event,
          ...Object.fromEntries(Object.entries(value).map(([key, inner]) => [`payload.${key}`, inner])),
        }
      : { ...event, payload: value };
  };
  return changesOfRow(flat(before), flat(after));
}

/** `before → after` of each member that differs. */
function changesOfRow(before: Row, after: Row): string {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const textOf = (value: unknown) => JSON.stringify(value) ?? 'nothing';
  return [...names]
    .map((name) => [name, textOf(before[name]), textOf(after[name])] as const)
    .filter(([, old, now]) => old !== now)
    .map(([name, old, now]) => `${name}: ${old} → ${now}`)
    .join(', ');
}

/** `10,000 batches and 1 control record`. */
export function amountOf(records: number, batches: number, joint: string): string {
  const controls = records - batches;
  return `${count(batches)} ${batches === 1 ? 'batch' : 'batches'}${joint}${count(controls)} control ${controls === 1 ? 'record' : 'records'}`;
}

function count(n: number): string {
  return n.toLocaleString('en');
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
