import { describe, expect, it } from 'vitest';
import { cameraChange, cameraCreateBody, cameraUpdateBody, newCamera } from './validation.ts';

const defaults = {
  segmentSeconds: 60,
  retentionHours: 24,
  quotaGb: 0,
  recordAudio: false,
  preRollSeconds: 10,
  postRollSeconds: 30,
};
const created = (body: object) => newCamera(cameraCreateBody.parse(body), defaults);
const changed = (body: object) => cameraChange(cameraUpdateBody.parse(body));
const fieldsRefused = (schema: typeof cameraCreateBody | typeof cameraUpdateBody, body: object) =>
  schema.safeParse(body).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('a new camera', () => {
  it('needs a name alone', () => {
    const { id, columns, secrets } = created({ name: 'Gate A 01' });
    expect(id).toBe('gate_a_01');
    expect(columns).toMatchObject({
      name: 'Gate A 01',
      vendor: 'generic',
      rtspPort: 554,
      recordStream: 'main',
      recordMode: 'continuous',
      enabled: true,
      recordEnabled: true,
      segmentSeconds: 60,
      storageQuotaBytes: null,
      capabilities: {},
    });
    expect(secrets).toEqual({
      password: null,
      mainStreamUrl: null,
      subStreamUrl: null,
      anrReplayUrlTemplate: null,
    });
  });

  it('forces lengths into their ranges', () => {
    const { columns } = created({
      name: 'x',
      segment_seconds: 1,
      retention_hours: -4,
      pre_roll_seconds: 999,
      post_roll_seconds: -1,
    });
    expect(columns).toMatchObject({
      segmentSeconds: 2,
      retentionHours: 1,
      preRollSeconds: 300,
      postRollSeconds: 0,
    });
  });

  it('takes a default quota in GiB', () => {
    const camera = newCamera(cameraCreateBody.parse({ name: 'x' }), { ...defaults, quotaGb: 1.5 });
    expect(camera.columns.storageQuotaBytes).toBe(1.5 * 2 ** 30);
  });

  it.each([
    [{ name: '  ' }, 'name'],
    [{ name: 'x', vendor: ' ' }, 'vendor'],
    [{ name: 'x', vendor: null }, 'vendor'],
    [{ name: 'x', rtsp_port: 0 }, 'rtsp_port'],
    [{ name: 'x', rtsp_port: 65_536 }, 'rtsp_port'],
    [{ name: 'x', rtsp_port: 1.5 }, 'rtsp_port'],
    [{ name: 'x', storage_quota_bytes: -1 }, 'storage_quota_bytes'],
    [{ name: 'x', record_stream: 'third' }, 'record_stream'],
    [{ name: 'x', record_mode: 'always' }, 'record_mode'],
    [{ name: 'x', main_stream_url: '' }, 'main_stream_url'],
    [{ name: 'x', sub_stream_url: 'ftp://cam/' }, 'sub_stream_url'],
    [{ name: 'x', address: 'user@cam' }, 'address'],
    [{ name: 'x', address: 'cam/path' }, 'address'],
    [{ name: 'x', address: 'cam\nx' }, 'address'],
    [{ name: 'x'.repeat(10), id: 'y'.repeat(201) }, 'id'],
    [{ name: 'x\u0000' }, 'name'],
    [{ name: 'x', vendor: 'a\nb' }, 'vendor'],
    [{ name: 'x', model: '\u0007' }, 'model'],
    [{ name: 'x', username: 'admin\r' }, 'username'],
    [{ name: 'x', password: 'secret\n' }, 'password'],
    [{ name: 'x', main_stream_url: 'rtsp://cam/a b' }, 'main_stream_url'],
    [{ name: 'x', main_stream_url: 'file:///etc/passwd' }, 'main_stream_url'],
    [{ name: 'x', anr_replay_url_template: 'file:///{start}' }, 'anr_replay_url_template'],
    [{ name: 'x', anr_replay_url_template: 'rtsp://cam/{start} {end}' }, 'anr_replay_url_template'],
    [{ name: 'x', time_zone: 'Europe/Nowhere' }, 'time_zone'],
  ])('is refused as %j, naming the field', (body, field) => {
    expect(fieldsRefused(cameraCreateBody, body)).toEqual([field]);
  });
});

describe('a change', () => {
  const fields = Object.keys(cameraUpdateBody.shape).filter((field) => field !== 'capabilities');
  it.each(fields)('is refused when %s is of another type, naming the field', (field) => {
    expect(fieldsRefused(cameraUpdateBody, { [field]: {} })).toEqual([field]);
  });

  it('takes every field as it comes, and the ones of lengths in their ranges', () => {
    const { columns, secrets } = changed({
      name: ' Door ',
      site_id: 'site',
      vendor: 'Hikvision',
      model: 'DS-2CD',
      address: ' 2001:db8::7 ',
      rtsp_port: 65_535,
      username: 'ädmin',
      password: ' p@ss/w:rd ',
      main_stream_url: ' rtsp://[2001:db8::7]:554/a?b=c#d ',
      sub_stream_url: 'https://cam/',
      record_stream: 'sub',
      capabilities: ['ptz'],
      record_enabled: false,
      segment_seconds: 9999,
      retention_hours: 0,
      storage_quota_bytes: 0,
      record_audio: true,
      record_mode: 'scheduled_event',
      pre_roll_seconds: 301,
      post_roll_seconds: 3601,
      mirror_enabled: true,
      anr_enabled: true,
      anr_replay_url_template: ' rtsp://cam/?from={start}&to={end} ',
      time_zone: 'Australia/Lord_Howe',
      recordings_root: ' nas ',
      enabled: false,
    });
    expect(columns).toEqual({
      name: ' Door ',
      siteId: 'site',
      vendor: 'Hikvision',
      model: 'DS-2CD',
      address: '2001:db8::7',
      rtspPort: 65_535,
      username: 'ädmin',
      recordStream: 'sub',
      capabilities: ['ptz'],
      recordEnabled: false,
      segmentSeconds: 3600,
      retentionHours: 1,
      storageQuotaBytes: 0,
      recordAudio: true,
      recordMode: 'scheduled_event',
      preRollSeconds: 300,
      postRollSeconds: 3600,
      mirrorEnabled: true,
      anrEnabled: true,
      timeZone: 'Australia/Lord_Howe',
      recordingsRoot: 'nas',
      enabled: false,
    });
    expect(secrets).toEqual({
      password: ' p@ss/w:rd ',
      mainStreamUrl: 'rtsp://[2001:db8::7]:554/a?b=c#d',
      subStreamUrl: 'https://cam/',
      anrReplayUrlTemplate: 'rtsp://cam/?from={start}&to={end}',
    });
  });

  it('keeps what is absent', () => {
    expect(changed({})).toEqual({ columns: {}, secrets: {} });
  });

  it('clears with null what can be null, and keeps everything else', () => {
    const nulls = Object.fromEntries(Object.keys(cameraUpdateBody.shape).map((field) => [field, null]));
    expect(changed(nulls)).toEqual({
      columns: {
        siteId: null,
        model: null,
        address: null,
        username: null,
        storageQuotaBytes: null,
        timeZone: null,
        recordingsRoot: null,
      },
      secrets: { password: null, mainStreamUrl: null, subStreamUrl: null, anrReplayUrlTemplate: null },
    });
  });

  it('is refused with a blank name, vendor or stream URL', () => {
    const body = { name: '', vendor: '  ', main_stream_url: ' ' };
    expect(fieldsRefused(cameraUpdateBody, body)).toEqual(['name', 'vendor', 'main_stream_url']);
  });

  it('leaves the replay template alone when it is blank', () => {
    expect(changed({ anr_replay_url_template: '  ' }).secrets).toEqual({});
    expect(changed({ anr_replay_url_template: ' rtsp://x/{start} ' }).secrets).toEqual({
      anrReplayUrlTemplate: 'rtsp://x/{start}',
    });
  });
});
