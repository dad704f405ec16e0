// What every page must hold: nobody shut out, nothing sideways, few bytes, whole without a script.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ADMIN, enter, examples, fits, LOOKS, openDesk } from '../support.js';
import { writeFileSync } from 'node:fs';

const PAGES = [
  '/', '/models', '/models/new', '/models/claims', '/models/claims/specification', '/models/claims/try',
  '/models/claims/versions/1', '/models/claims/compare', '/runs', '/runs/1', '/schedules', '/schedules/1', '/datasets', '/datasets/1', '/predictions',
  '/features', '/audit', '/settings/service', '/settings/people', '/settings/keys', '/settings/account', '/api/help',
];

let desk;
let browser;
let close;
before(async () => {
  ({ desk, browser, close } = await openDesk());
  const csv = join(desk.folder, 'claims.csv');
  writeFileSync(csv, examples(1500));
  const tenant = ['--tenant', 'default'];
  desk.command('models', 'create', 'claims', '--csv', csv, '--target', 'fraud', '--positive', 'yes', ...tenant);
  desk.command('train', 'claims', '--estimator', 'boosted', ...tenant);
});
after(() => close());

for (const look of LOOKS) {
  test(`every page is accessible and fits: ${look.name}`, async () => {
    const page = await enter(browser, desk, ADMIN, look);
    for (const path of PAGES) {
      const answer = await page.goto(desk.base + path);
      assert.equal(answer.status(), 200, path);
      const name = path.replaceAll('/', '_').replace(/^_$/, '_today');
      await fits(page, look.name + name);
    }
    await page.context().close();
  });
}

test('every page is light: bytes, requests, script', async () => {
  for (const path of PAGES) {
    const page = await enter(browser, desk, ADMIN);
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    const sizes = new Map();
    const urls = new Map();
    session.on('Network.responseReceived', ({ requestId, response }) => urls.set(requestId, response.url));
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => sizes.set(requestId, encodedDataLength));
    await page.goto(desk.base + path, { waitUntil: 'networkidle' });
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    const script = [...sizes].filter(([id]) => urls.get(id)?.endsWith('.js')).reduce((sum, [, size]) => sum + size, 0);
    assert.ok(total <= 60_000, `${path} weighs ${total} bytes`);
    assert.ok(sizes.size <= 6, `${path} makes ${sizes.size} requests`);
    assert.ok(script <= 10_000, `the script weighs ${script} bytes`);
    await page.context().close();
  }
});

test('pages are whole without a script, and leak nothing into themselves', async () => {
  const page = await enter(browser, desk, ADMIN, { javaScriptEnabled: false });
  for (const path of PAGES) {
    await page.goto(desk.base + path);
    assert.ok(await page.getByRole('heading', { level: 1 }).isVisible(), path);
    const html = await page.content();
    assert.ok(!html.includes('__RESOLVED_RESOURCES['), path);
    assert.ok(!/ style="/.test(html), `${path} has an inline style`);
  }
  await page.context().close();
});
