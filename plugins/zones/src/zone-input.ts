/** Is what an operator says about a zone allowed, and what does it become? */
import { invalid, type Json, type Severity, z } from '@heldar/plugin-sdk';
import type { ZoneRow } from './schema.ts';

// The schemas know types only: a wrong one is refused before the camera is looked up, a wrong value after it.
const polygonType = z.array(z.unknown()).meta({
  minItems: 3,
  maxItems: 512,
  items: { type: 'array', minItems: 2, maxItems: 2, items: { type: 'number', minimum: 0, maximum: 1 } },
});
const optional = {
  kind: z.string().nullish().meta({ maxLength: 256 }),
  dwell_seconds: z.number().nullish().describe('0: no dwell events; negative counts as 0'),
  labels: z.array(z.string()).nullish().describe('labels that count, trimmed and distinct; empty: all'),
  severity: z.string().nullish().describe('info, warning or critical'),
  config: z.unknown().optional().describe('any value; a whole number confirm_frames is clamped to 1..10'),
  enabled: z.boolean().nullish(),
};

export const newZoneBody = z
  .object({ ...optional, name: z.string(), polygon: polygonType })
  .meta({ id: 'NewZone' });
export const zoneChangesBody = z
  .object({
    ...optional,
    name: z.string().nullish(),
    polygon: polygonType.nullish(),
  })
  .meta({ id: 'ZoneChange' });

/** Zones of one camera; each batch is compared with all of them. */
export const maxZonesPerCamera = 256;
const maxNameLength = 256;
const maxLabels = 256;
const maxConfigLength = 65_536;

export type ZoneFields = Omit<ZoneRow, 'id' | 'cameraId' | 'createdAt' | 'updatedAt'>;

export function newZone(body: z.output<typeof newZoneBody>): ZoneFields {
  if (body.name.trim() === '') throw invalid('name', 'must not be blank');
  const defaults = {
    kind: 'region',
    dwellSeconds: 0,
    labels: [],
    severity: 'info' as const,
    config: {},
    enabled: true,
  };
  return mergeZone({ ...defaults, name: body.name, polygon: [] }, body);
}

/** Null and absent keep the old value; `polygon`, `labels` and `config` are replaced as a whole. */
export function mergeZone(old: ZoneFields, changes: z.output<typeof zoneChangesBody>): ZoneFields {
  return {
    name: given(changes.name, checkName) ?? old.name,
    kind: given(changes.kind, checkKind) ?? old.kind,
    polygon: given(changes.polygon, checkPolygon) ?? old.polygon,
    dwellSeconds: given(changes.dwell_seconds, (seconds) => Math.max(0, seconds)) ?? old.dwellSeconds,
    labels: given(changes.labels, checkLabels) ?? old.labels,
    severity: given(changes.severity, checkSeverity) ?? old.severity,
    config: given(changes.config as Json | undefined, checkConfig) ?? old.config,
    enabled: changes.enabled ?? old.enabled,
  };
}

function given<Value, Result>(
  value: Value | null | undefined,
  check: (value: NonNullable<Value>) => Result,
): Result | undefined {
  return value === null || value === undefined ? undefined : check(value);
}

function checkName(name: string): string {
  if (name.length > maxNameLength) throw invalid('name', `must have at most ${maxNameLength} characters`);
  return name.toWellFormed();
}

function checkKind(kind: string): string {
  if (kind.length > maxNameLength) throw invalid('kind', `must have at most ${maxNameLength} characters`);
  return kind.toWellFormed();
}

function checkPolygon(points: readonly unknown[]): [number, number][] {
  if (points.length < 3 || points.length > 512) throw invalid('polygon', 'must have 3 to 512 points');
  return points.map((point, index) => {
    const isPoint = Array.isArray(point) && point.length === 2 && point.every(isFraction);
    if (!isPoint) throw invalid(`polygon[${index}]`, 'must be [x, y], two numbers from 0 to 1');
    return point as [number, number];
  });
}

function isFraction(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

function checkLabels(labels: readonly string[]): string[] {
  if (labels.length > maxLabels) throw invalid('labels', `must have at most ${maxLabels} entries`);
  const trimmed = labels.map((label) => label.trim().toWellFormed());
  const wrong = trimmed.findIndex((label) => label === '' || label.length > maxNameLength);
  if (wrong >= 0)
    throw invalid(`labels[${wrong}]`, `must have 1 to ${maxNameLength} characters that are not blank`);
  return [...new Set(trimmed)];
}

function checkSeverity(severity: string): Severity {
  if (severity === 'info' || severity === 'warning' || severity === 'critical') return severity;
  throw invalid('severity', 'must be info, warning or critical');
}

function checkConfig(config: Exclude<Json, null>): Json {
  const length = JSON.stringify(config).length;
  if (length > maxConfigLength)
    throw invalid('config', `must have at most ${maxConfigLength} characters as JSON`);
  return config;
}
