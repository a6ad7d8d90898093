/** Does this ffmpeg know the options it is going to be given? Their names change between versions, and builds leave parts out. */

interface NeededOptions {
  readonly part: string;
  /** Titles of the sections of ffmpeg's help that list its options. */
  readonly sections: RegExp;
  readonly options: readonly string[];
}

const needed: readonly NeededOptions[] = [
  { part: 'the RTSP demuxer', sections: /RTSP demuxer/i, options: ['rtsp_transport', 'timeout'] },
  { part: 'the protocols', sections: /URLContext/, options: ['rw_timeout'] },
  { part: 'the concat demuxer', sections: /concat demuxer/, options: ['safe'] },
  {
    part: 'the segment muxer',
    sections: /segment muxer/,
    options: [
      'segment_time',
      'segment_format',
      'segment_format_options',
      'segment_list',
      'segment_list_type',
      'reset_timestamps',
    ],
  },
  {
    part: 'the MP4 muxer',
    sections: /mp4.* muxer/,
    options: ['movflags', 'frag_duration', 'frag_keyframe', 'empty_moov', 'default_base_moof'],
  },
];

/** What is missing by the help of `ffmpeg -h full`: `timeout of the RTSP demuxer`. Empty: nothing. */
export function missingOptions(help: string): string[] {
  const sections = sectionsOf(help);
  return needed.flatMap(({ part, sections: titles, options }) => {
    const texts = sections.filter(({ title }) => titles.test(title)).map(({ text }) => text);
    if (texts.length === 0) return [part];
    const known = new Set(texts.flatMap(namesIn));
    return options.filter((option) => !known.has(option)).map((option) => `${option} of ${part}`);
  });
}

/** Each begins with a line `<title> AVOptions:`. */
function sectionsOf(help: string): { title: string; text: string }[] {
  const parts = help.split(/^(.*AVOptions:)$/m);
  return parts.flatMap((title, index) =>
    title.endsWith('AVOptions:') ? [{ title, text: parts[index + 1] ?? '' }] : [],
  );
}

/** An option stands as `-name <type> …`, a flag or value of one as `name …` below it, both indented. */
function namesIn(section: string): string[] {
  return [...section.matchAll(/^ +-?(\w+) /gm)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}
