/** Are the programs that Heldar starts on this machine? Installs them when they are not. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import * as util from 'node:util';
import { installSystemPackages } from './system-packages.mjs';
import { findProgram, runToEnd } from './run.mjs';
import { say } from './say.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * @typedef {object} Tool
 * @property {string} name
 * @property {import('./system-packages.mjs').Software} from what brings it
 * @property {() => boolean | Promise<boolean>} isThere
 */

/**
 * @param {string} root
 * @param {boolean} forTests
 */
export async function installTools(root, forTests) {
  const tools = [...mediaTools(root), ...(forTests ? testTools(root) : [])];
  const missing = await findMissing(tools);
  if (missing.length === 0) return;
  await installSystemPackages(missing.map(({ name, from }) => ({ name, from })));
  const still = await findMissing(missing);
  if (still.length > 0)
    throw new SetupError(
      `${namesOf(still)} cannot be found, although what should bring it is installed`,
      'see that the folder it was installed to is on the PATH',
    );
}

/** @param {readonly Tool[]} tools */
async function findMissing(tools) {
  const there = await Promise.all(tools.map(async (tool) => tool.isThere()));
  return tools.filter((_, index) => there[index] !== true);
}

/** @param {readonly { name: string }[]} tools */
const namesOf = (tools) => tools.map(({ name }) => name).join(', ');

/**
 * @param {string} root
 * @returns {Tool[]}
 */
function mediaTools(root) {
  return ['ffmpeg', 'ffprobe'].flatMap((name) => {
    const variable = `HELDAR_${name.toUpperCase()}_BIN`;
    const given = readVariable(root, variable);
    if (given === undefined)
      return [{ name, from: 'ffmpeg', isThere: () => findProgram(name, root) !== null }];
    if (findProgram(given, root) === null)
      throw new SetupError(
        `${variable} names ${given}, and there is no such program`,
        `correct ${variable}, or unset it to use the ${name} of the PATH`,
      );
    return [];
  });
}

/** Any of these will do; the last are where macOS keeps them. */
const browsers = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * @param {string} root
 * @returns {Tool[]}
 */
function testTools(root) {
  const hasElement = async (/** @type {string} */ element) => {
    const inspect = findProgram('gst-inspect-1.0', root);
    if (inspect === null) return false;
    return (await runToEnd([inspect, '--exists', element], { capture: true })).code === 0;
  };
  const hasRtspServer = async () => {
    // The system's own Python, for which its packages are, before another that stands in front of it.
    const python = findProgram('/usr/bin/python3', root) ?? findProgram('python3', root);
    if (python === null) return false;
    const asks = "import gi; gi.require_version('GstRtspServer', '1.0')";
    return (await runToEnd([python, '-c', asks], { capture: true })).code === 0;
  };
  /** @type {Tool[]} */
  const tools = [
    {
      name: 'gst-launch-1.0',
      from: 'gstreamer',
      isThere: () => findProgram('gst-launch-1.0', root) !== null,
    },
    { name: "GStreamer's rtspsrc", from: 'gstreamer-good', isThere: () => hasElement('rtspsrc') },
    { name: "GStreamer's h264parse", from: 'gstreamer-bad', isThere: () => hasElement('h264parse') },
    { name: "GStreamer's avdec_h264", from: 'gstreamer-libav', isThere: () => hasElement('avdec_h264') },
    { name: "GStreamer's RTSP server for Python", from: 'gstreamer-rtsp-server', isThere: hasRtspServer },
    { name: 'curl', from: 'curl', isThere: () => findProgram('curl', root) !== null },
    {
      name: 'chromium',
      from: 'chromium',
      isThere: () => browsers.some((name) => findProgram(name, root) !== null),
    },
  ];
  if (process.platform !== 'linux') {
    say('strace exists on Linux only: tests that need it cannot pass on this machine');
    return tools;
  }
  return [...tools, { name: 'strace', from: 'strace', isThere: () => findProgram('strace', root) !== null }];
}

/**
 * A variable as the kernel will see it: blank counts as unset, and the `.env` file is asked too.
 * @param {string} root
 * @param {string} name
 * @returns {string | undefined}
 */
function readVariable(root, name) {
  const own = process.env[name];
  if (own !== undefined) return own.trim() || undefined;
  const file = join(root, '.env');
  if (!existsSync(file) || util.parseEnv === undefined) return undefined;
  return util.parseEnv(readFileSync(file, 'utf8'))[name]?.trim() || undefined;
}
