// A supervisor's day: cases are taken, confirmed, dismissed, escalated, by keys and on a phone; each is decided once.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { doubt, history } from '../attendance.js';
import { ADMIN, enter as enterDesk, fits, LOOKS, openDesk, PHONE, pictures } from '../support.js';

const SAMI = { name: 'Sami Aalto', email: 'sami@example.org', password: 'another long password', role: 'supervisor' };
const RANA = { name: 'Rana Odeh', email: 'rana@example.org', password: 'yet another password', role: 'supervisor' };

let desk;
let browser;
let rest;
let close;
const cases = {};
before(async () => {
  ({ desk, browser, rest, close } = await openDesk([SAMI, RANA]));
  await history(rest);
  // The order of sending is that of the queue.
  cases.confirmed = await doubt(rest, 'e-1', 3);
  cases.dismissed = await doubt(rest, 'e-2', 4, { located: false, face: 0.31 });
  cases.escalated = await doubt(rest, 'e-3', 5, { away: 5_100, face: 0.93 });
  cases.touched = await doubt(rest, 'e-4', 6);
  cases.collided = await doubt(rest, 'e-5', 7);
  cases.together = await doubt(rest, 'e-6', 8);
});
after(() => close());

const enter = (person, options) => enterDesk(browser, desk, person, { bypassCSP: false, ...options });
const at = (id) => `${desk.base}/cases/${id}`;
const flash = (page) => page.locator('.flash');

test('every look of the queue and of a case is accessible and fits', async () => {
  for (const look of LOOKS) {
    const page = await enter(SAMI, { bypassCSP: true, ...look });
    for (const path of ['/cases', `/cases/${cases.confirmed}`, `/cases/${cases.dismissed}`]) {
      assert.equal((await page.goto(desk.base + path)).status(), 200);
      await fits(page, look.name + path.replaceAll('/', '_'));
    }
    await page.context().close();
  }
});

test('a supervisor lands on the queue, takes a case by keys and confirms it with a note', async () => {
  const page = await enter(SAMI);
  assert.equal(new URL(page.url()).pathname, '/cases');
  await page.getByText('6 cases wait.').waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL(at(cases.confirmed));
  await page.getByText(/2\.4.km from the site, a face match of only 0\.58/).first().waitFor();
  await page.keyboard.press('t');
  await page.locator('.badge', { hasText: 'yours for' }).waitFor();

  await page.keyboard.press('y');
  const note = page.getByLabel('Note');
  assert.ok(await note.evaluate((element) => element === document.activeElement));
  await page.keyboard.type('n is typed, not pressed');
  await page.keyboard.press('Control+Enter');
  await page.waitForURL(at(cases.dismissed));
  await page.getByText(`Case ${cases.confirmed}: confirmed risk, recorded.`).waitFor();

  await page.keyboard.press('n');
  await page.waitForURL(at(cases.escalated));
  await page.getByText(`Case ${cases.dismissed}: false positive, recorded.`).waitFor();
  await page.keyboard.press('e');
  await page.keyboard.type('Two phones at once?');
  await page.keyboard.press('Control+Enter');
  await page.waitForURL(at(cases.touched));

  await page.goto(at(cases.dismissed));
  await page.locator('summary', { hasText: 'Correct the verdict' }).click();
  await page.getByLabel('valuable alert').check();
  await page.getByLabel('Reason').first().fill('They were seen elsewhere.');
  await page.getByRole('button', { name: 'Correct it' }).click();
  await page.getByText(`Case ${cases.dismissed}: valuable alert, recorded.`).waitFor();
  await page.context().close();
});

test('without a script the note that is missing is asked for beside its field, and what was typed stays', async () => {
  const page = await enter(SAMI, { javaScriptEnabled: false });
  await page.goto(at(cases.touched));
  await page.getByRole('button', { name: 'Confirm risk' }).click();
  await page.locator('#field-note-error').waitFor();
  assert.equal(await page.getByLabel('Note').getAttribute('aria-invalid'), 'true');
  await page.context().close();
});

test('on a phone the four verdicts stay under the thumb', async () => {
  const page = await enter(RANA, { viewport: PHONE, hasTouch: true, isMobile: true });
  await page.goto(at(cases.touched));
  for (const name of ['Confirm risk', 'Alert was useful', 'False positive', 'Escalate']) {
    const box = await page.getByRole('button', { name }).boundingBox();
    assert.ok(box.height >= 44 && box.y >= 0 && box.y + box.height <= PHONE.height, `${name}: ${JSON.stringify(box)}`);
  }
  await page.screenshot({ path: join(pictures, 'phone_case_screen.png') });
  await page.getByRole('button', { name: 'Alert was useful' }).tap();
  await page.getByText(`Case ${cases.touched}: valuable alert, recorded.`).waitFor();
  await page.context().close();
});

test('of two supervisors the second is told who was first, and changes nothing', async () => {
  const [first, second] = [await enter(SAMI), await enter(RANA)];
  for (const page of [first, second]) await page.goto(at(cases.collided));
  await first.getByRole('button', { name: 'Take it' }).click();
  await first.locator('.badge', { hasText: 'yours for' }).waitFor();
  await second.getByRole('button', { name: 'False positive' }).click();
  await flash(second).getByText(/Sami Aalto has taken this case/).waitFor();
  await first.getByRole('button', { name: 'Alert was useful' }).click();
  await flash(first).getByText('valuable alert, recorded.').waitFor();

  const third = await enter(SAMI);
  for (const page of [third, second]) await page.goto(at(cases.together));
  await third.getByRole('button', { name: 'False positive' }).click();
  await flash(third).getByText('false positive, recorded.').waitFor();
  await second.getByRole('button', { name: 'Alert was useful' }).click();
  await flash(second).getByText(/Sami Aalto decided case \d+ before, .*: false positive\./).waitFor();
  for (const page of [first, second, third]) await page.context().close();
});

test('an escalated case is an admin’s', async () => {
  const supervisor = await enter(SAMI);
  await supervisor.goto(at(cases.escalated));
  await supervisor.getByText('This case is escalated: an admin decides it.').waitFor();
  assert.equal(await supervisor.getByRole('button', { name: 'Confirm risk' }).count(), 0);
  await supervisor.context().close();

  const admin = await enter(ADMIN);
  await admin.goto(`${desk.base}/cases?state=escalated`);
  await admin.getByRole('link', { name: 'Ines Carvalho' }).click();
  await admin.getByText('Two phones at once?').first().waitFor();
  await admin.getByRole('button', { name: 'Take it' }).click();
  await admin.locator('.badge', { hasText: 'yours for' }).waitFor();
  await admin.getByText(/asks an admin: Two phones at once\?/).waitFor();
  await admin.getByRole('button', { name: 'Give it back' }).click();
  await admin.getByText(`Case ${cases.escalated} waits for an admin again.`).waitFor();
  await admin.goto(at(cases.escalated));
  await admin.getByLabel('Note').fill('One phone in two hands.');
  await admin.getByRole('button', { name: 'Confirm risk' }).click();
  await flash(admin).getByText('No other case waits for you here.').waitFor();
  await admin.getByText('No case waits.').first().waitFor();
  await admin.context().close();
});

test('ticked cases are decided together, for one reason', async () => {
  const more = [await doubt(rest, 'e-1', 1, { away: 1_900 }), await doubt(rest, 'e-2', 1, { away: 3_000 })];
  const page = await enter(RANA);
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.getByLabel(`Pick case ${more[1]}`).check();
  await page.locator('summary', { hasText: 'Decide the ticked cases' }).click();
  await page.getByLabel('Verdict').last().selectOption('false_positive');
  await page.getByLabel('Reason').fill('The gate’s GPS was off all morning.');
  await page.getByRole('button', { name: 'Decide them' }).click();
  await page.getByText(/The verdict is recorded for 2.cases\./).waitFor();
  await page.getByText('No case waits.').first().waitFor();
  await page.context().close();
});
