import { describe, expect, it } from 'vitest';
import { maskText } from '../cameras/mask.ts';
import { createStderrTail } from './stderr-tail.ts';

describe('the tail of what a process said', () => {
  it('holds the last lines, bounded in bytes', () => {
    const tail = createStderrTail((text) => text, 100);
    for (let line = 0; line < 1000; line += 1) tail.push(`line number ${line}\n`);
    expect(Buffer.byteLength(tail.text())).toBeLessThanOrEqual(100);
    expect(tail.text()).toMatch(/line number 998\nline number 999$/);
  });

  it('masks a URL that arrives in pieces', () => {
    const tail = createStderrTail((text) => maskText(text));
    for (const piece of ['open rtsp://ad', 'min:sec', 'ret@ca', 'm/x failed\nmore']) tail.push(piece);
    expect(tail.text()).toBe('open rtsp://***@cam/x failed\nmore');
  });

  it('does not grow with a line that never ends', () => {
    const tail = createStderrTail((text) => text);
    for (let piece = 0; piece < 1000; piece += 1) tail.push('x'.repeat(10_000));
    expect(tail.text().length).toBeLessThanOrEqual(8192);
  });
});
