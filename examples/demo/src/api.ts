/** How the demo talks to the kernel: plain HTTP, as any client would. */

export interface Api {
  readonly baseUrl: string;
  get<Answer>(path: string): Promise<Answer>;
  /** @throws ApiError for anything but 2xx. */
  send<Answer>(method: 'POST' | 'PATCH', path: string, body: unknown): Promise<Answer>;
}

export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

export function createApi(baseUrl: string): Api {
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(baseUrl + path, init);
    if (!response.ok)
      throw new ApiError(
        response.status,
        `${init?.method ?? 'GET'} ${path}: ${response.status} ${await response.text()}`,
      );
    return response.json();
  };
  return {
    baseUrl,
    get: async <Answer>(path: string) => (await ask(path)) as Answer,
    send: async <Answer>(method: 'POST' | 'PATCH', path: string, body: unknown) =>
      (await ask(path, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })) as Answer,
  };
}
