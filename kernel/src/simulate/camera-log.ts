/** Where does a simulated camera write what it notices? */
import type { Logger } from 'pino';

export type CameraLog = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
