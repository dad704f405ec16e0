// A model that reads: corrections teach a second version, whose mistakes and doubts are looked at; readings are chosen and
// reported.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { examples, makeModel, meter } from '../meters.js';
import { ADMIN, enter, fits, LOOKS, openDesk } from '../support.js';

const TRAINING = { timeout: 60_000 };
const IMAGES = 200;
const CORRECTIONS = 10;
const PAGES = ['/label/meters/figures', '/models/meters/versions/2', '/models/meters/compare?a=1&b=2', '/datasets/1'];

let desk;
let browser;
let page;
let rest;
let close;
before(async () => {
  ({ desk, browser, rest, close } = await openDesk());
  page = await enter(browser, desk, ADMIN, { bypassCSP: false });
  const slip = (i, truth) => (i % 12 === 5 ? String((Number(truth) + 5) % 10) : truth);
  // So sure is every version that only what nobody reads goes before people.
  const rules = { review_below: 0.05, audit_share: 0, double_share: 0, gold_share: 0 };
  const reading = { characters: '0123456789', min_length: 1, max_length: 1, number: { wrap: 10 }, ...rules };
  const estimator = { parameters: { epochs: 20, width: 0.25, distortion: 0, cross_fit: true } };
  makeModel(desk, examples(IMAGES, 1, slip), reading, { estimator });
  for (let i = 0; i < CORRECTIONS; i += 1) await read(i);
  desk.command('train', 'meters');
  desk.command('promote', 'meters', '1', '--reason', 'The first one.', '--despite-gates');
});
after(() => close());

const read = (i) => rest('/models/meters/readings', {
  image: meter(String(i % 10), 1000 + i).toString('base64'), source: `meter-${i % 3}`, client_id: `reading-${i}`,
});
const panel = (name) => page.locator('section').filter({ has: page.getByRole('heading', { name }) });
const loaded = (images) => images.evaluateAll((all) => Promise.all(all.map(async (image) => {
  image.loading = 'eager';
  await image.decode();
  return image.naturalWidth > 0;
})));

test('corrections teach a second version', async () => {
  await page.goto(`${desk.base}/label/meters`);
  for (let i = 0; i < CORRECTIONS; i += 1) {
    const task = await page.locator('.labeling-desk').getAttribute('data-task');
    await page.keyboard.type(String(i % 10));
    await page.keyboard.press('Enter');
    await page.waitForFunction((id) => document.querySelector('.labeling-desk')?.dataset.task !== id, task);
  }
  const settled = await rest('/labeling/tasks?state=settled');
  assert.equal(settled.items.length, CORRECTIONS);
  await page.goto(`${desk.base}/models/meters`);
  await page.locator('summary', { hasText: 'Train now' }).click();
  await page.getByRole('button', { name: 'Start training' }).click();
  await page.waitForURL(/\/runs\/\d+/);
  await page.getByRole('link', { name: 'version 2' }).first().waitFor(TRAINING);
  const [{ number, trained_on, held_back }] = (await rest('/models/meters/versions')).items;
  assert.deepEqual([number, trained_on + held_back], [2, IMAGES + CORRECTIONS]);
});

test('a version shows what it takes for what, its worst examples and doubtful labels', async () => {
  await page.goto(`${desk.base}/models/meters/versions/2`);
  for (const heading of ['Characters taken for others', 'Calibration', 'What goes before people', 'By source']) {
    await page.getByRole('heading', { name: heading }).first().waitFor();
  }
  assert.ok((await panel('Characters taken for others').getByRole('table').innerText()).length > 0);
  for (const name of ['Worst examples', 'Doubtful labels']) {
    const shown = await loaded(panel(name).locator('img'));
    assert.ok(shown.length > 0 && shown.every(Boolean), `${name}: ${shown}`);
  }
});

test('a doubtful label is looked at again', async () => {
  const { items } = await rest('/models/meters/versions/2/doubtful-labels');
  const look = () => panel('Doubtful labels').getByRole('button', { name: 'Look again' }).first().click();
  await look();
  await page.getByText('The image waits in the queue to be looked at again.').waitFor();
  await page.getByRole('link', { name: 'Do it now' }).click();
  await page.waitForURL(/\/label\/meters/);
  const id = await page.locator('.labeling-desk').getAttribute('data-task');
  const { task } = await rest(`/labeling/tasks/${id}`);
  assert.ok(task.reason.includes(`its label says ${items[0].label}, version 2 reads ${items[0].text}`), task.reason);
  await page.keyboard.type(items[0].text);
  await page.keyboard.press('Enter');
  await page.getByText('Nothing waits for you').waitFor();
  await page.goto(`${desk.base}/models/meters/versions/2`);
  await look();
  await page.getByText('People have looked again already').waitFor();
});

test('two versions are compared, source by source and image by image', async () => {
  await page.goto(`${desk.base}/models/meters/versions/2`);
  await page.getByRole('link', { name: /Compare with v1/ }).click();
  await page.getByRole('heading', { name: 'Figures' }).waitFor();
  await page.getByRole('heading', { name: /By source/ }).waitFor();
  const text = await page.getByRole('main').innerText();
  for (const source of ['meter-0', 'meter-1', 'meter-2']) assert.ok(text.includes(source), source);
});

test('readings are chosen to be labelled', async () => {
  const answers = [];
  for (let i = 0; i < 14; i += 1) answers.push(await read(100 + i));
  assert.ok(answers.every(({ version, review }) => version === 1 && !review), JSON.stringify(answers));
  await page.goto(`${desk.base}/label/meters/figures`);
  await page.getByRole('spinbutton', { name: 'Readings' }).fill('5');
  await page.getByRole('button', { name: 'Choose them to label' }).click();
  await page.getByText('5 readings were chosen out of 14.').waitFor();
  await page.getByText('Last time: 5 readings chosen out of 14').waitFor();
  const { items } = await rest('/labeling/tasks?state=open&origin=selection');
  assert.equal(items.length, 5);
});

test('an error is reported, and somebody looks at it before all others', async () => {
  const { id, text } = await read(200);
  await page.goto(`${desk.base}/predictions/${id}`);
  assert.deepEqual(await loaded(page.locator('.reading-image img')), [true]);
  await page.getByLabel('What it should be').fill('x');
  await page.getByRole('button', { name: 'Report an error' }).click();
  await page.locator('.field-error').waitFor();
  const other = String((Number(text) + 1) % 10);
  await page.getByLabel('What it should be').fill(other);
  await page.getByRole('button', { name: 'Report an error' }).click();
  await page.getByText('Reported. A labeler looks at it before all others.').waitFor();
  await page.goto(`${desk.base}/label/meters`);
  assert.equal(await page.inputValue('#reading'), other);
  const { task } = await rest(`/labeling/tasks/${await page.locator('.labeling-desk').getAttribute('data-task')}`);
  assert.deepEqual([task.prediction, task.origin], [id, 'report']);
});

for (const look of LOOKS) {
  test(`the pages of a model that reads are accessible and fit: ${look.name}`, async () => {
    const viewer = await enter(browser, desk, ADMIN, look);
    for (const path of PAGES) {
      assert.equal((await viewer.goto(desk.base + path)).status(), 200, path);
      await fits(viewer, `${look.name}${path.replace(/\W+/g, '_')}`);
    }
    await viewer.context().close();
  });
}

test('they are light, and whole without a script', async () => {
  const without = await enter(browser, desk, ADMIN, { javaScriptEnabled: false });
  for (const path of PAGES) {
    const viewer = await enter(browser, desk, ADMIN);
    const session = await viewer.context().newCDPSession(viewer);
    await session.send('Network.enable');
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    const [types, sums, counts] = [new Map(), { Image: 0, other: 0 }, { Image: 0, other: 0 }];
    session.on('Network.responseReceived', ({ requestId, type }) => types.set(requestId, type === 'Image' ? type : 'other'));
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      sums[types.get(requestId)] += encodedDataLength;
      counts[types.get(requestId)] += 1;
    });
    await viewer.goto(desk.base + path, { waitUntil: 'networkidle' });
    assert.ok(sums.other <= 60_000 && counts.other <= 6, `${path}: ${sums.other} bytes, ${counts.other} requests`);
    assert.ok(sums.Image <= 150_000 && counts.Image <= 40, `${path}: ${sums.Image} bytes, ${counts.Image} images`);
    await viewer.context().close();
    await without.goto(desk.base + path);
    assert.ok(await without.getByRole('heading', { level: 1 }).isVisible(), path);
    assert.ok(!/ style="|__RESOLVED_RESOURCES\[/.test(await without.content()), path);
  }
  await without.context().close();
});
