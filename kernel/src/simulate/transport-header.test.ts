import { expect, test } from 'vitest';
import { chooseTransport } from './transport-header.ts';

test.each([
  ['RTP/AVP/TCP;unicast;interleaved=2-3', { kind: 'interleaved', channels: [2, 3] }],
  ['RTP/AVP/TCP', { kind: 'interleaved', channels: null }],
  ['RTP/AVP;unicast;client_port=5000-5001', { kind: 'udp', clientPorts: [5000, 5001] }],
  ['rtp/avp/udp;unicast;client_port=5000;mode="PLAY"', { kind: 'udp', clientPorts: [5000, 5001] }],
  ['RTP/AVP;multicast, RTP/AVP/TCP;interleaved=0-1', { kind: 'interleaved', channels: [0, 1] }],
  ['RTP/SAVP;unicast;client_port=5000-5001', null],
  ['RTP/AVP;multicast;client_port=5000-5001', null],
  ['RTP/AVP;unicast', null],
  ['RTP/AVP;unicast;client_port=0-1', null],
  ['RTP/AVP;unicast;client_port=70000-70001', null],
  ['RTP/AVP/TCP;interleaved=255', null],
  ['RTP/AVP/TCP;interleaved=4-4', null],
  ['RTP/AVP/TCP;unicast;interleaved=0-1;mode=record', null],
  ['', null],
])('%s', (header, choice) => {
  expect(chooseTransport(header)).toEqual(choice);
});
