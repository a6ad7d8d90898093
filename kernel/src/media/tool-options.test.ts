import { execa } from 'execa';
import { expect, it } from 'vitest';
import { missingOptions } from './tool-options.ts';

const { all: help } = await execa('ffmpeg', ['-h', 'full'], { all: true, stdin: 'ignore' });

it('finds all that recording needs in the ffmpeg that is here', () => {
  expect(missingOptions(help)).toEqual([]);
});

it('names an option that is called otherwise, and a part that was left out', () => {
  const older = help.replace(/(RTSP demuxer AVOptions:[^]*?) -timeout /, '$1 -stimeout ');
  expect(missingOptions(older)).toEqual(['timeout of the RTSP demuxer']);
  const flagless = help.replaceAll('default_base_moof', 'default_base');
  expect(missingOptions(flagless)).toEqual(['default_base_moof of the MP4 muxer']);
  const small = help.replaceAll('segment muxer AVOptions:', 'segment other AVOptions:');
  expect(missingOptions(small)).toEqual(['the segment muxer']);
  expect(missingOptions('')).toHaveLength(5);
});
