/** A client of the event stream that comes back after every interruption, as browsers do. */

export interface StreamedEvent {
  /** Position in the journal. */
  readonly position: number;
  readonly type: string;
  readonly event: { readonly id: string; readonly payload: unknown; readonly [member: string]: unknown };
}

export interface EventReader {
  /** In the order they came. */
  readonly events: readonly StreamedEvent[];
  /** How often it was let in. */
  readonly connections: number;
  /** Cuts the connection, as a network does. */
  cut(): void;
  stop(): Promise<void>;
}

/** `originNow`: where the stream is to be found, asked before each connection. Begins behind `after`. */
export function readEvents(originNow: () => string, query: string, after: number): EventReader {
  const events: StreamedEvent[] = [];
  let connections = 0;
  let connection = new AbortController();
  let stopped = false;

  const readOnce = async () => {
    const position = events.at(-1)?.position ?? after;
    const response = await fetch(`${originNow()}/api/v1/events/stream${query}`, {
      headers: { 'last-event-id': String(position) },
      signal: connection.signal,
    });
    if (response.body === null || !response.ok) return;
    connections += 1;
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const messages = (text + chunk).split('\n\n');
      text = messages.pop() ?? '';
      for (const message of messages) if (message.startsWith('id:')) events.push(parseMessage(message));
    }
  };
  const run = async () => {
    while (!stopped) {
      connection = new AbortController();
      // Whatever ended it: it is tried again.
      await readOnce().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const running = run();
  return {
    events,
    get connections() {
      return connections;
    },
    cut: () => connection.abort(),
    async stop() {
      stopped = true;
      connection.abort();
      await running;
    },
  };
}

function parseMessage(message: string): StreamedEvent {
  const fields = Object.fromEntries(
    message.split('\n').map((line) => {
      const at = line.indexOf(': ');
      return [line.slice(0, at), line.slice(at + 2)];
    }),
  );
  const { id = '', event = '', data = '' } = fields;
  return { position: Number(id), type: event, event: JSON.parse(data) as StreamedEvent['event'] };
}
