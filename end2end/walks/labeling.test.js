// A labeler's hour: images one after the other without a mouse, two people at once, a save that fails, no script, a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { examples, makeModel, meter } from '../meters.js';
import { enter as enterDesk, fits, LOOKS, openDesk, PHONE } from '../support.js';

const LENA = { name: 'Lena Brandt', email: 'lena@example.org', password: 'a password of hers', role: 'labeler' };
const TOMI = { name: 'Tomi Salo', email: 'tomi@example.org', password: 'a password of his', role: 'labeler' };
const IMAGES = 60;

let desk;
let browser;
let rest;
let close;
before(async () => {
  ({ desk, browser, rest, close } = await openDesk([LENA, TOMI]));
  // Each image is for one person alone.
  const reading = { characters: '0123456789', min_length: 4, max_length: 4, double_share: 0, gold_share: 0 };
  makeModel(desk, examples(30), reading);
  // No version serves yet, so people read every image.
  for (let i = 0; i < IMAGES; i += 1) {
    await rest('/models/meters/readings', { image: meter(truth(i), i).toString('base64'), source: 'hall', client_id: truth(i) });
  }
});
after(() => close());

const truth = (i) => String(1000 + i * 37);
const queue = () => `${desk.base}/label/meters`;
const shown = (page) => page.locator('.labeling-desk');
const task = (page) => shown(page).getAttribute('data-task');

const enter = (person, options) => enterDesk(browser, desk, person, { bypassCSP: false, ...options });

/** Types what the image says and waits for the next one. */
async function answer(page, keys) {
  const before = await task(page);
  await keys(page.keyboard);
  await page.waitForFunction((id) => document.querySelector('.labeling-desk')?.dataset.task !== id, before);
  return before;
}

/** Option with a letter, as a Mac tells it: the key is what would be typed. */
const onMac = (page, key, code) => page.evaluate((pressed) => {
  const event = new KeyboardEvent('keydown', { ...pressed, altKey: true, bubbles: true, cancelable: true });
  document.activeElement.dispatchEvent(event);
}, { key, code });

const saved = (page) => page.getByText('All saved.').waitFor();
const waiting = async (page) => Number(await page.locator('[href="/label"] .nav-count').textContent());
const said = (id) => rest(`/labeling/tasks/${id}`);

test('every look of the queues and of a task is accessible and fits', async () => {
  for (const look of LOOKS) {
    const page = await enter(LENA, { bypassCSP: true, ...look });
    for (const path of ['/label', '/label/meters']) {
      assert.equal((await page.goto(desk.base + path)).status(), 200);
      await fits(page, look.name + path.replaceAll('/', '_'));
    }
    await page.context().close();
  }
});

test('thirty images are read by keyboard alone, and each answer is kept once', async () => {
  const page = await enter(LENA);
  await page.keyboard.press('b'); // begins with the queue that waits the longest
  await page.waitForURL(queue());
  assert.equal(await waiting(page), IMAGES);
  const answered = new Map();
  for (let i = 0; i < 30; i += 1) {
    const text = String(2000 + i);
    const skips = i === 10;
    const unreadable = i === 20;
    const id = await answer(page, async (keys) => {
      if (skips) return keys.press('Alt+s');
      if (unreadable) return onMac(page, 'Dead', 'KeyU');
      await keys.type(text);
      await keys.press('Enter');
    });
    assert.ok(!answered.has(id), `task ${id} came twice`);
    if (!skips) answered.set(id, unreadable ? null : text);
  }
  await saved(page);
  for (const [id, text] of answered) {
    const { task: { state }, history } = await said(id);
    assert.equal(state, text === null ? 'unreadable' : 'settled', id);
    assert.equal(history.length, 1);
    assert.equal(history[0].text, text);
  }
  await page.waitForFunction((left) => Number(document.querySelector('[href="/label"] .nav-count').textContent) === left, IMAGES - answered.size);
  // The last one is taken back, and said anew.
  const last = [...answered.keys()].at(-1);
  await page.keyboard.press('Control+z');
  await page.waitForFunction((id) => document.querySelector('.labeling-desk').dataset.task === id, last);
  assert.equal(await page.inputValue('#reading'), '2029');
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.type('8');
  assert.equal(await page.inputValue('#reading'), '2028', 'a character takes the place of the one at the caret');
  await answer(page, (keys) => keys.press('Enter'));
  await saved(page);
  assert.deepEqual((await said(last)).history.map(({ act, text }) => text ?? act), ['2029', 'withdrawn', '2028']);
  await page.context().close();
});

test('two people never have the same image, and what one leaves the other gets', async () => {
  const [lena, tomi] = [await enter(LENA), await enter(TOMI)];
  await Promise.all([lena.goto(queue()), tomi.goto(queue())]);
  const seen = [new Set(), new Set()];
  for (let i = 0; i < 5; i += 1) {
    const read = async (page, own) => own.add(await answer(page, async (keys) => {
      await keys.type(String(3000 + i));
      await keys.press('Enter');
    }));
    await Promise.all([read(lena, seen[0]), read(tomi, seen[1])]);
  }
  assert.deepEqual([...seen[0]].filter((id) => seen[1].has(id)), []);
  await Promise.all([saved(lena), saved(tomi)]);
  const left = await task(lena);
  await lena.getByRole('button', { name: 'Leave' }).click();
  await lena.waitForURL(`${desk.base}/label`);
  const { task: leased } = await said(left);
  assert.ok(!leased.leased_until, 'given back');
  await lena.context().close();
  await tomi.context().close();
});

test('an answer that cannot be saved stays in sight and is sent again', async () => {
  const page = await enter(LENA);
  await page.goto(queue());
  await page.locator('[data-image-shown]').waitFor();
  const before = await answer(page, async (keys) => {
    await keys.type('4141');
    await keys.press('Enter');
  });
  await saved(page);
  let fails = 2;
  await page.route('**/annotations', (route) => (fails-- > 0 ? route.abort() : route.continue()));
  const id = await answer(page, async (keys) => {
    await keys.type('4242');
    await keys.press('Enter');
  });
  assert.notEqual(id, before);
  assert.equal(await page.getByText('All saved.').count(), 0, 'not while an answer is under way');
  await page.getByText('not saved yet').waitFor();
  await saved(page);
  assert.equal((await said(id)).history[0].text, '4242');
  await page.context().close();
});

test('a text that breaks the rules is questioned before it is taken', async () => {
  const page = await enter(LENA);
  await page.goto(queue());
  const id = await task(page);
  await page.keyboard.type('77');
  await page.keyboard.press('Enter');
  await page.locator('.field-error').waitFor();
  assert.equal(await task(page), id);
  assert.ok(await page.getByLabel('It does say so').isChecked());
  await answer(page, (keys) => keys.press('Enter'));
  await saved(page);
  assert.equal((await said(id)).history[0].text, '77');
  await page.context().close();
});

test('it works on a phone and without a script', async () => {
  const page = await enter(TOMI, { viewport: PHONE, javaScriptEnabled: false });
  await page.goto(queue());
  const id = await task(page);
  await page.getByLabel('What the image says').fill('5151');
  await page.getByRole('button', { name: 'Save and next' }).click();
  await page.waitForURL(queue());
  assert.notEqual(await task(page), id);
  assert.equal((await said(id)).history[0].text, '5151');
  await page.getByRole('button', { name: 'Undo last' }).click();
  assert.equal(await task(page), id);
  await page.getByRole('button', { name: 'Unreadable' }).click();
  assert.equal((await said(id)).task.state, 'unreadable');
  await page.context().close();
});
