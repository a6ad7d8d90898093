/** How software is installed with the package manager of this system. */
import process from 'node:process';
import { findProgram, runToEnd } from './run.mjs';
import { say } from './say.mjs';
import { SetupError } from './setup-error.mjs';

/** @typedef {'ffmpeg' | 'gstreamer' | 'gstreamer-good' | 'gstreamer-bad' | 'gstreamer-libav' | 'gstreamer-rtsp-server' | 'strace' | 'curl' | 'chromium'} Software */

/**
 * @typedef {object} Manager
 * @property {string} program
 * @property {readonly string[]} install the arguments before the packages
 * @property {readonly string[]} [knows] a command that fails for a package that is not in the lists
 * @property {readonly string[]} [refresh] the arguments that fetch the lists
 * @property {boolean} [asUser] it must not run as root
 * @property {Readonly<Record<Software, readonly string[]>>} packages
 */

/** @type {readonly Manager[]} */
const managers = [
  {
    program: 'apt-get',
    install: ['install', '-y', '--no-install-recommends'],
    knows: ['apt-cache', 'show', '--no-all-versions'],
    refresh: ['update'],
    packages: {
      ffmpeg: ['ffmpeg'],
      chromium: ['chromium'],
      gstreamer: ['gstreamer1.0-tools'],
      'gstreamer-good': ['gstreamer1.0-plugins-good'],
      'gstreamer-bad': ['gstreamer1.0-plugins-bad'],
      'gstreamer-libav': ['gstreamer1.0-libav'],
      'gstreamer-rtsp-server': ['gir1.2-gst-rtsp-server-1.0', 'gstreamer1.0-plugins-base', 'python3-gi'],
      strace: ['strace'],
      curl: ['curl'],
    },
  },
  {
    program: 'dnf',
    install: ['install', '-y'],
    packages: {
      ffmpeg: ['ffmpeg-free'],
      chromium: ['chromium'],
      gstreamer: ['gstreamer1'],
      'gstreamer-good': ['gstreamer1-plugins-good'],
      'gstreamer-bad': ['gstreamer1-plugins-bad-free'],
      'gstreamer-libav': ['gstreamer1-plugin-libav'],
      'gstreamer-rtsp-server': ['gstreamer1-rtsp-server', 'python3-gobject'],
      strace: ['strace'],
      curl: ['curl'],
    },
  },
  {
    program: 'pacman',
    install: ['-S', '--noconfirm', '--needed'],
    knows: ['pacman', '-Si'],
    refresh: ['-Sy', '--noconfirm'],
    packages: {
      ffmpeg: ['ffmpeg'],
      chromium: ['chromium'],
      gstreamer: ['gstreamer'],
      'gstreamer-good': ['gst-plugins-good'],
      'gstreamer-bad': ['gst-plugins-bad'],
      'gstreamer-libav': ['gst-libav'],
      'gstreamer-rtsp-server': ['gst-rtsp-server', 'python-gobject'],
      strace: ['strace'],
      curl: ['curl'],
    },
  },
  {
    program: 'apk',
    install: ['add', '--no-cache'],
    packages: {
      ffmpeg: ['ffmpeg'],
      chromium: ['chromium'],
      gstreamer: ['gstreamer-tools'],
      'gstreamer-good': ['gst-plugins-good'],
      'gstreamer-bad': ['gst-plugins-bad'],
      'gstreamer-libav': ['gst-libav'],
      'gstreamer-rtsp-server': ['gst-rtsp-server', 'py3-gobject3'],
      strace: ['strace'],
      curl: ['curl'],
    },
  },
  {
    program: 'brew',
    install: ['install'],
    asUser: true,
    packages: {
      ffmpeg: ['ffmpeg'],
      chromium: ['google-chrome'],
      // One formula holds all of GStreamer.
      gstreamer: ['gstreamer'],
      'gstreamer-good': ['gstreamer'],
      'gstreamer-bad': ['gstreamer'],
      'gstreamer-libav': ['gstreamer'],
      'gstreamer-rtsp-server': ['gstreamer', 'pygobject3'],
      strace: [],
      curl: ['curl'],
    },
  },
];

/**
 * Installs what brings the given tools.
 * @param {readonly { name: string, from: Software }[]} missing
 */
export async function installSystemPackages(missing) {
  const names = missing.map(({ name }) => name).join(', ');
  const manager = managers.find(({ program }) => findProgram(program, '/') !== null);
  if (manager === undefined)
    throw new SetupError(
      `${names} cannot be found, and there is no package manager that setup knows`,
      byHand(missing),
    );
  const packages = [...new Set(missing.flatMap(({ from }) => manager.packages[from]))];
  const install = [...prefixOf(manager), manager.program, ...manager.install, ...packages];
  const bySelf = `run it yourself, then repeat the command: ${[...(manager.asUser ? [] : ['sudo']), manager.program, ...manager.install, ...packages].join(' ')}`;
  if (!manager.asUser && !isRoot() && findProgram('sudo', '/') === null)
    throw new SetupError(`${names} cannot be found, and only root may install it`, bySelf);
  say(`${names} cannot be found`);
  const isKnown = await listsKnow(manager, packages);
  if (!isKnown) await refreshLists(manager);
  const done =
    (await runShown(install)) || (isKnown && (await refreshLists(manager)) && (await runShown(install)));
  if (!done)
    throw new SetupError(
      `${names} could not be installed; what ${manager.program} says stands above`,
      bySelf,
    );
}

/**
 * @param {Manager} manager
 * @param {readonly string[]} packages
 */
async function listsKnow({ knows }, packages) {
  if (knows === undefined) return true;
  const endings = await Promise.all(packages.map((name) => runToEnd([...knows, name], { capture: true })));
  return endings.every(({ code }) => code === 0);
}

/**
 * Old lists name packages that are no longer there; new ones mend that.
 * @param {Manager} manager
 */
async function refreshLists(manager) {
  if (manager.refresh === undefined) return false;
  return runShown([...prefixOf(manager), manager.program, ...manager.refresh]);
}

/** @param {readonly string[]} command */
async function runShown(command) {
  say(`running ${command.join(' ')}`);
  return (await runToEnd(command, { env: { DEBIAN_FRONTEND: 'noninteractive' } })).code === 0;
}

/**
 * `sudo -n` never asks for a password.
 * @param {Manager} manager
 */
const prefixOf = ({ asUser }) => (asUser || isRoot() ? [] : ['sudo', '-n']);
const isRoot = () => process.getuid?.() === 0;

/** @param {readonly { name: string, from: Software }[]} missing */
function byHand(missing) {
  const onlyMedia = missing.every(({ from }) => from === 'ffmpeg');
  const media =
    'install FFmpeg (https://ffmpeg.org/download.html) so that ffmpeg and ffprobe are on the PATH, ' +
    'or name them in HELDAR_FFMPEG_BIN and HELDAR_FFPROBE_BIN';
  return onlyMedia
    ? media
    : `${media}; the tests also need GStreamer 1.x with its good, bad and libav plugins, its RTSP server with Python bindings, strace, curl and Chromium`;
}
