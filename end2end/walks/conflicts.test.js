// Syncs come in, a day later it is known which of them conflicted, and the dashboard says how often and how well that was
// predicted.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ADMIN, enter, fits, LOOKS, openDesk } from '../support.js';

const SAMI = { name: 'Sami Aalto', email: 'sami@example.org', password: 'another long password', role: 'supervisor' };
const LENA = { name: 'Lena Roy', email: 'lena@example.org', password: 'another long password', role: 'labeler' };
const HOUR = 3600_000;
const TYPES = ['order', 'customer', 'site visit'];

let desk;
let browser;
let rest;
let close;
before(async () => {
  ({ desk, browser, rest, close } = await openDesk([SAMI, LENA]));
});
after(() => close());

const plain = async (locator) => (await locator.innerText()).replaceAll('\u00a0', ' ');

/** Syncs of the last weeks, the last of them two days old; conflicts where several people edit the same fields. */
function syncs() {
  const now = Date.now();
  return Array.from({ length: 900 }, (_, i) => {
    const crowded = i % 5 === 0;
    const at = now - (48 + (900 - i)) * HOUR;
    return {
      client_id: `s-${i}`,
      client: `tablet-${(i * 7) % 9}`,
      person: `p-${(i * 5) % 11}`,
      entity_type: TYPES[i % 3],
      entity: crowded ? `busy-${i % 3}` : `${i}`,
      fields: crowded ? ['status', 'note'] : ['status'],
      last_sync: new Date(at - (crowded ? 30 : 2) * HOUR).toISOString(),
      at: new Date(at).toISOString(),
      conflict: crowded && i % 3 !== 1,
    };
  });
}

test('before the first sync the page says what it is and how to send one', async () => {
  for (const look of LOOKS) {
    const page = await enter(browser, desk, ADMIN, look);
    await page.goto(`${desk.base}/conflicts`);
    await page.getByRole('heading', { name: 'No syncs yet' }).waitFor();
    assert.match(await page.locator('pre').innerText(), /curl http:\/\/127.0.0.1:\d+\/api\/v1\/sync-events/);
    await fits(page, `${look.name}_conflicts_empty`);
    await page.context().close();
  }
});

test('a supervisor sees how often syncs conflict, and how well that was predicted', async () => {
  await rest('/sync-events', { events: syncs() });
  const planned = { client: 'tablet-1', person: 'p-1', entity_type: 'order', entity: 'busy-0', fields: ['status'] };
  await rest('/models/conflict/predictions', { syncs: [planned] });
  const { items } = await rest('/schedules');
  await rest(`/schedules/${items.find(({ job }) => job === 'observe').id}/runs`, {});
  for (let tries = 0; tries < 100 && (await rest('/conflicts?days=90')).coverage.observed < 900; tries += 1) {
    await new Promise((done) => setTimeout(done, 100));
  }
  const figures = await rest('/conflicts');
  assert.ok(figures.all.conflicts > 0 && figures.coverage.young === 1);

  for (const look of LOOKS) {
    const page = await enter(browser, desk, SAMI, look);
    assert.equal(await page.locator('a.nav-link[href="/conflicts"]').count(), 1);
    await page.goto(`${desk.base}/conflicts`);
    const share = (figures.all.rate.value * 100).toFixed(1);
    assert.ok((await plain(page.locator('.lead'))).startsWith(`${share} % of ${figures.all.settled} syncs conflicted`));
    await page.getByRole('heading', { name: 'Predicted against observed' }).waitFor();
    await page.getByText('No warning of this period has ended yet').waitFor();
    await fits(page, `${look.name}_conflicts`);
    await page.context().close();
  }
});

test('the address holds the period and the entity type', async () => {
  const page = await enter(browser, desk, SAMI);
  await page.goto(`${desk.base}/conflicts`);
  await page.getByRole('link', { name: '90 d' }).click();
  await page.waitForURL(/days=90/);
  assert.equal(await page.getByRole('link', { name: '90 d' }).getAttribute('aria-current'), 'true');
  await page.getByRole('link', { name: 'site visit' }).click();
  await page.waitForURL(/type=site%20visit/);
  await page.getByText('of site visit, last 90 days').waitFor();
  const [of] = (await rest('/conflicts?days=90')).by_entity_type.filter(({ name }) => name === 'site visit');
  assert.match(await plain(page.locator('.lead')), new RegExp(`of ${of.settled} syncs conflicted`));
  const day = (days) => new Date(Date.now() - days * 24 * HOUR).toISOString().slice(0, 10);
  await page.getByLabel('From').fill(day(9));
  await page.getByLabel('Until').fill(day(4));
  await page.getByRole('button', { name: 'Show these days' }).click();
  await page.waitForURL(/from=.*type=site/);
  await page.getByText(`of site visit, ${day(9)} to ${day(4)}`).waitFor();
  await page.goto(`${desk.base}/conflicts?from=2020-01-01&until=2020-01-31`);
  await page.getByRole('heading', { name: 'No such syncs' }).waitFor();
  await page.context().close();
});

test('a cell of the matrix leads to the predictions that it counts', async () => {
  const { matrix } = await rest('/conflicts');
  for (const look of LOOKS) {
    const page = await enter(browser, desk, SAMI, look);
    await page.goto(`${desk.base}/conflicts`);
    await page.locator('.confusion-matrix tbody tr').nth(1).locator('a').last().click();
    await page.waitForURL(/conflicts\/predictions\?.*conflict=yes/);
    const rows = await page.locator('tbody tr').count();
    const came = new URL(page.url()).searchParams.get('expected') === 'yes' ? matrix.hits : matrix.missed;
    assert.equal(rows, Math.min(came, 50));
    await fits(page, `${look.name}_conflict_predictions`);
    await page.context().close();
  }
});

test('without a script everything is there, and the form asks', async () => {
  const page = await enter(browser, desk, SAMI, { javaScriptEnabled: false });
  await page.goto(`${desk.base}/conflicts?days=90`);
  assert.match(await plain(page.locator('.lead')), /syncs conflicted/);
  assert.ok((await page.locator('figure.chart svg').count()) >= 3);
  await page.locator('summary', { hasText: 'Data table of Conflict rate by day' }).click();
  await page.getByRole('region', { name: 'Points of Conflict rate by day' }).waitFor();
  await page.getByLabel('From').fill('2020-01-01');
  await page.getByLabel('Until').fill('2020-01-31');
  await page.getByRole('button', { name: 'Show these days' }).click();
  await page.getByRole('heading', { name: 'No such syncs' }).waitFor();
  await page.context().close();
});

test('a labeler does not come here', async () => {
  const page = await enter(browser, desk, LENA);
  assert.equal(await page.locator('a.nav-link[href="/conflicts"]').count(), 0);
  const answer = await page.goto(`${desk.base}/conflicts`);
  assert.equal(answer.status(), 403);
  await page.context().close();
});
