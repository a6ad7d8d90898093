/** One metric of the exposition: its name, its meaning, and how its values are read from a sample. */
import { Counter, Gauge, type Registry } from 'prom-client';

export interface Point {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family<Sample> {
  readonly type: 'gauge' | 'counter';
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** A number, null while it is unknown, or a point for each series. */
  read(sample: Sample): number | null | Iterable<Point>;
}

/** Registers the family, also while it has no series; answers what sets its values from a sample. */
export function registerFamily<Sample>(registry: Registry, family: Family<Sample>): (sample: Sample) => void {
  const { name, help } = family;
  const options = { name, help, labelNames: [...(family.labels ?? [])], registers: [registry] };
  const metric = family.type === 'gauge' ? new Gauge(options) : new Counter(options);
  const set = setterOf(metric, options.labelNames.length > 0);
  return (sample) => {
    const values = family.read(sample);
    if (values === null) set([]);
    else set(typeof values === 'number' ? [{ labels: {}, value: values }] : values);
  };
}

/** The library counts upwards only, and begins at 0; a family here shows what was read last, or nothing. */
function setterOf(metric: Gauge | Counter, labelled: boolean): (points: Iterable<Point>) => void {
  return (points) => {
    metric.reset();
    if (!labelled) metric.remove();
    for (const { labels, value } of points) metric.inc(cleaned(labels), value);
  };
}

/** Line breaks become blanks; the exposition escapes the rest. */
function cleaned(labels: Point['labels']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, text]) => [name, text.replace(/[\r\n]+/g, ' ')]),
  );
}
