/** Does the page over the API work in a real browser, with nothing but what the kernel sends? */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRig, type KernelRig } from './kernel-rig.ts';
import { launchBrowser } from './system-browser.ts';

let rig: KernelRig;
let browser: Browser;
let page: Page;
const requested: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  const zones = join(import.meta.dirname, '../../plugins/zones');
  [rig, browser] = await Promise.all([startRig({ config: { plugins: [zones] } }), launchBrowser()]);
  page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
  page.on('request', (request) => requested.push(request.url()));
  // What the policy of the page forbids is told here too.
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${rig.origin}/docs`);
  await page.locator('.opblock').first().waitFor({ timeout: 60_000 });
}, 120_000);
afterAll(async () => {
  await browser.close();
  await rig[Symbol.asyncDispose]();
});

test('it lists the routes of the kernel and of the plugins, apart', async () => {
  const shown = await page.locator('.opblock-summary').evaluateAll((rows) =>
    rows.map((row) => {
      const textOf = (name: string) => row.querySelector(`.opblock-summary-${name}`)?.textContent ?? '';
      return `${textOf('method')} ${textOf('path').replaceAll('\u200B', '')}`;
    }),
  );
  const served = rig.kernel
    .routes()
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  expect(shown.toSorted()).toEqual(served.toSorted());
  expect(await page.locator('.opblock-tag').evaluateAll((tags) => tags.map((tag) => tag.id))).toEqual([
    'operations-tag-kernel',
    'operations-tag-zones',
  ]);
});

test('a route opens to what it takes and answers, and asks the kernel', async () => {
  const route = page.locator('#operations-kernel-get_cameras_id');
  await route.locator('.opblock-summary-control').click();
  await route.locator('.try-out__btn').click();
  await route.getByPlaceholder('id').fill('gate');
  await route.locator('.execute').click();
  const answer = route.locator('.live-responses-table tbody').first();
  await expect.poll(() => answer.textContent(), { timeout: 30_000 }).toContain('"id": "gate"');
  expect(await answer.locator('.response-col_status').first().textContent()).toContain('200');
});

test('it asks nobody else, and the browser has nothing to complain of', () => {
  expect(requested.length).toBeGreaterThan(3);
  expect(requested.filter((url) => !url.startsWith(`${rig.origin}/`) && !url.startsWith('data:'))).toEqual(
    [],
  );
  expect(complaints).toEqual([]);
});
