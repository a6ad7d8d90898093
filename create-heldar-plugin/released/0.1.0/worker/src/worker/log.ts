/** Where does the worker write what it does? One JSON object a line, on standard error. */
import type { Logger } from '@heldar/plugin-sdk';

export const log: Logger = {
  debug: () => undefined,
  info: writer('info'),
  warn: writer('warn'),
  error: writer('error'),
};

function writer(level: string) {
  return (data: object | string, message?: string) => {
    const [fields, text] = typeof data === 'string' ? [{}, data] : [data, message];
    const line = { time: new Date().toISOString(), level, message: text, ...fields };
    process.stderr.write(`${JSON.stringify(line)}\n`);
  };
}
