/** How is each template tried in a running kernel: what is done before the edit, which edit, and what shows that it is live? */
import type { Template } from '../src/choices.ts';
import { startReceiver } from '../templates/handler/test/receiver.ts';
import type { RunningHeldar } from '../../kernel/test/heldar-command.ts';
import { until } from '../../kernel/test/until.ts';

export interface Trial {
  readonly heldar: RunningHeldar;
  /** Changes a file of the project where `before` stands, and waits until the kernel has taken it over. */
  edit(path: string, before: string, after: string): Promise<void>;
}

/** The plugin is called `parking-lot`, the camera `gate`. Each resolves once the edit has been seen. */
export const trials: Readonly<Record<Template, (trial: Trial) => Promise<void>>> = {
  async consumer({ heldar, edit }) {
    const walkBy = async (track: string) => {
      for (let frame = 0; frame < 3; frame += 1)
        await post(heldar, 'people', [{ label: 'person', track_id: track }]);
    };
    await walkBy('1');
    await eventWith(heldar, 'parking-lot.arrived', { track_id: '1', label: 'person' });
    await edit('src/index.ts', '{ track_id: track, label }', '{ track_id: track, label: `a ${label}` }');
    await walkBy('2');
    await eventWith(heldar, 'parking-lot.arrived', { track_id: '2', label: 'a person' });
  },

  async app({ heldar, edit }) {
    const labels = async () => {
      const { body } = await heldar.call('GET', '/api/v1/plugins/parking-lot/visits');
      return (body as { label: string }[]).map(({ label }) => label).join();
    };
    await post(heldar, 'people', [{ label: 'person', track_id: '1' }]);
    await until('the visit is served', async () => (await labels()) === 'person');
    await edit('src/routes.ts', '{ ...rest,', '{ ...rest, label: `a ${rest.label}`,');
    await until('the edit is served', async () => (await labels()) === 'a person');
  },

  async handler({ heldar, edit }) {
    await using receiver = await startReceiver();
    const open = () => post(heldar, 'door', [], { event_type: 'door_open' });
    const options = `{ url: '${receiver.url}', events: ['door_open'] }`;
    await edit('heldar.config.ts', `import('./src/index.ts'))`, `import('./src/index.ts'), ${options})`);
    await open();
    await until('the event is sent', () => receiver.received.length === 1);
    await edit('src/message.ts', 'type, camera: cameraId', `type: 'edited', camera: cameraId`);
    await open();
    await until('the next is sent', () => receiver.received.length === 2);
    const types = receiver.received.map(({ body }) => (body as { type: string }).type);
    if (types.join() !== 'door_open,edited') throw new Error(`received ${types.join()}`);
  },

  async worker({ heldar, edit }) {
    const show = async (bytes: number) => {
      for (let frame = 0; frame < 3; frame += 1) await post(heldar, 'picture', [{ attributes: { bytes } }]);
    };
    await show(9000);
    await show(500);
    await eventWith(heldar, 'parking-lot.covered', { bytes: 500 });
    await edit('src/index.ts', 'fx.emit(change, attributes,', 'fx.emit(change, { bytes: 1 },');
    await show(9000);
    await eventWith(heldar, 'parking-lot.uncovered', { bytes: 1 });
  },
};

async function post(
  heldar: RunningHeldar,
  taskType: string,
  detections: readonly object[],
  event?: object,
): Promise<void> {
  const body = { camera_id: 'gate', task_type: taskType, detections, ...(event && { event }) };
  const answer = await heldar.call('POST', '/api/v1/ai/events', body);
  if (answer.status !== 200) throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`);
}

async function eventWith(heldar: RunningHeldar, type: string, payload: object): Promise<void> {
  const wanted = JSON.stringify(payload);
  await until(`an event ${type} with ${wanted}`, async () => {
    const { body } = await heldar.call('GET', `/api/v1/events?event_type=${type}`);
    return (body as { payload: unknown }[]).some((event) => JSON.stringify(event.payload) === wanted);
  });
}
