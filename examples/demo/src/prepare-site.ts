/** What must exist before people can be counted: a camera, a task for the worker, two zones. Made once, kept for the next run. */
import { readFileSync } from 'node:fs';
import { ApiError, type Api } from './api.ts';

const cameraId = 'street';
/** Below 2 frames a second the tracker loses people who walk past each other. */
const task = { task_type: 'people', fps: 2.5, width: 640 };

export async function prepareSite(
  api: Api,
  streamUrl: string,
  zonesFile: string,
): Promise<{ cameraId: string; zones: string[] }> {
  const camera = { name: 'Street', main_stream_url: streamUrl, sub_stream_url: streamUrl };
  try {
    await api.send('POST', '/api/v1/cameras', { id: cameraId, ...camera });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    await api.send('PATCH', `/api/v1/cameras/${cameraId}`, camera);
  }
  const tasks = await api.get<{ task_type: string }[]>(`/api/v1/cameras/${cameraId}/ai-tasks`);
  if (!tasks.some(({ task_type: type }) => type === task.task_type))
    await api.send('POST', `/api/v1/cameras/${cameraId}/ai-tasks`, task);
  const wanted = JSON.parse(readFileSync(zonesFile, 'utf8')) as { name: string }[];
  const known = await api.get<{ name: string }[]>(`/api/v1/cameras/${cameraId}/zones`);
  for (const zone of wanted)
    if (!known.some(({ name }) => name === zone.name))
      await api.send('POST', `/api/v1/cameras/${cameraId}/zones`, zone);
  return { cameraId, zones: wanted.map(({ name }) => name) };
}
