/** What happens, as it happens: one line an event of the stream. */
import { createParser } from 'eventsource-parser';
import type { Api } from './api.ts';

interface ZoneEvent {
  readonly event_type: string;
  readonly timestamp: string;
  readonly payload: {
    readonly zone?: string;
    readonly track_id?: string;
    readonly label?: string;
    readonly dwell_seconds?: number | null;
  };
}

/** Ends when `signal` is aborted. */
export async function followEvents(
  api: Api,
  signal: AbortSignal,
  print: (line: string) => void,
): Promise<void> {
  const response = await fetch(`${api.baseUrl}/api/v1/events/stream`, { signal });
  if (!response.ok || response.body === null) throw new Error(`the event stream answered ${response.status}`);
  const parser = createParser({
    onEvent({ data }) {
      const line = describe(JSON.parse(data) as ZoneEvent);
      if (line !== null) print(line);
    },
  });
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) parser.feed(chunk);
}

const verbs: Readonly<Record<string, string>> = {
  zone_enter: '→ enters',
  zone_exit: '← leaves',
  zone_dwell: '• stays in',
};

function describe({ event_type: type, timestamp, payload }: ZoneEvent): string | null {
  const verb = verbs[type];
  if (verb === undefined)
    return type.startsWith('camera_') || type.startsWith('recorder_')
      ? `${clockTime(timestamp)}  ${type}`
      : null;
  const stayed = payload.dwell_seconds == null ? '' : ` (${payload.dwell_seconds.toFixed(1)} s)`;
  return `${clockTime(timestamp)}  ${(payload.label ?? '').padEnd(6)} ${shortTrack(payload.track_id).padEnd(4)} ${verb.padEnd(10)} ${payload.zone ?? ''}${stayed}`;
}

function clockTime(timestamp: string): string {
  return new Date(timestamp).toTimeString().slice(0, 8);
}

/** Track ids are `<start of the worker>-<number>`. */
function shortTrack(track: string | undefined): string {
  return `#${track?.split('-').at(-1) ?? '?'}`;
}
