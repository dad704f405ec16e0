// What is done by the clock: seen, asked for, held up, and let go on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ADMIN, enter, fits, LOOKS, openDesk } from '../support.js';

const METERS = {
  name: 'meters',
  specification: {
    task: 'text_recognition', target: 'text', reading: { characters: '0123456789', min_length: 1, max_length: 4 },
    schedule: { retrain: '0 3 * * MON', time_zone: 'Europe/Berlin' },
  },
};

let desk;
let browser;
let rest;
let close;
before(async () => {
  ({ desk, browser, rest, close } = await openDesk());
  await rest('/models', METERS);
});
after(() => close());

const row = (page, job) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: job }) });

test('a job is asked for, and what came of it is shown', async () => {
  const page = await enter(browser, desk, ADMIN);
  await page.goto(`${desk.base}/schedules`);
  await row(page, 'Verification').getByRole('button', { name: 'Run now' }).click();
  await page.getByText('It is done by the next worker that is free.').waitFor();
  await assert.doesNotReject(async () => {
    for (let look = 0; look < 60; look += 1) {
      await page.goto(`${desk.base}/schedules`);
      if (await row(page, 'Verification').getByText('nothing was changed').count()) return;
      await page.waitForTimeout(250);
    }
    throw new Error('nobody did it');
  });
  await page.getByRole('link', { name: 'Verification' }).click();
  await page.getByRole('cell', { name: ADMIN.name }).waitFor();
  await page.context().close();
});

test('a schedule is held up and goes on', async () => {
  const page = await enter(browser, desk, ADMIN);
  await page.goto(`${desk.base}/models/meters`);
  const panel = page.getByRole('region', { name: 'By the clock' });
  await panel.getByText('Mondays at 03:00').waitFor();
  await panel.getByRole('button', { name: 'Pause' }).first().click();
  await panel.getByText('paused').waitFor();
  assert.equal(new URL(page.url()).pathname, '/models/meters');
  const paused = (await rest('/schedules?model=meters')).items.filter((one) => one.paused_by !== null);
  assert.deepEqual(paused.map((one) => one.job), ['retrain']);
  await panel.getByRole('button', { name: 'Resume' }).click();
  await page.getByText('It goes on at its next time.').waitFor();
  await page.context().close();
});

for (const look of LOOKS) {
  test(`schedules fit: ${look.name}`, async () => {
    const page = await enter(browser, desk, ADMIN, look);
    const [first] = (await rest('/schedules')).items;
    await rest(`/schedules/${first.id}/pause`, {}).catch(() => {});
    for (const [path, name] of [['/schedules', 'schedules'], [`/schedules/${first.id}`, 'schedule'], ['/models/meters', 'schedules-model']]) {
      await page.goto(desk.base + path);
      await fits(page, `${look.name}-${name}`);
    }
    await page.context().close();
  });
}
