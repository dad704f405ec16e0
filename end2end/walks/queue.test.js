// The queue of several supervisors: cases are given to somebody, snoozed, drawn for audit, decided many at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { doubt, event, history } from '../attendance.js';
import { ADMIN, enter, fits, LOOKS, openDesk } from '../support.js';

const SAMI = { name: 'Sami Aalto', email: 'sami@example.org', password: 'another long password', role: 'supervisor' };
const RANA = { name: 'Rana Odeh', email: 'rana@example.org', password: 'yet another password', role: 'supervisor' };
const HOUR = 3600_000;

let desk;
let browser;
let rest;
let close;
before(async () => {
  ({ desk, browser, rest, close } = await openDesk([SAMI, RANA]));
  await history(rest);
});
after(() => close());

const at = (id) => `${desk.base}/cases/${id}`;
const open = (person, look) => enter(browser, desk, person, look);
const unfold = (page, words) => page.locator('summary', { hasText: words }).click();
const send = (sent) => rest('/events', { event: sent });

test('a case given to another supervisor is in their queue', async () => {
  for (const [place, look] of LOOKS.entries()) {
    const id = await doubt(rest, 'e-1', 3 + 20 * place);
    const first = await open(SAMI, look);
    await first.goto(at(id));
    await unfold(first, 'Give it to somebody');
    await first.getByLabel('To whom').selectOption({ label: RANA.name });
    await fits(first, `${look.name}_case_assignment`);
    await first.getByRole('button', { name: 'Give it to them' }).click();
    await first.getByText('The case is given to them.').waitFor();
    await first.locator('.badge', { hasText: `for ${RANA.name}` }).waitFor();
    await first.goto(`${desk.base}/cases?mine=1`);
    assert.equal(await first.getByLabel(`Pick case ${id}`, { exact: true }).count(), 0);

    const second = await open(RANA, look);
    await second.goto(`${desk.base}/cases?mine=1`);
    await second.getByRole('link', { name: 'Eva Lindqvist' }).first().waitFor();
    await fits(second, `${look.name}_cases_mine`);
    await second.goto(at(id));
    await second.getByRole('button', { name: 'False positive' }).click();
    await second.getByText(`Case ${id}: false positive, recorded.`).waitFor();
    for (const page of [first, second]) await page.context().close();
  }
});

test('a snoozed employee makes no cases by that rule, which everybody sees, until it is ended', async () => {
  for (const [place, look] of LOOKS.entries()) {
    const id = await doubt(rest, 'e-2', 3 + 20 * place, { face: 0.95 });
    const page = await open(SAMI, look);
    await page.goto(at(id));
    await unfold(page, 'Snooze such cases');
    await page.getByRole('spinbutton', { name: 'Days' }).fill('14');
    await page.getByLabel('Reason').last().fill('Works at the fair.');
    await page.getByRole('button', { name: 'Snooze', exact: true }).click();
    await page.getByText(/No new cases of this employee by this rule for 14 days/).waitFor();
    await page.locator('.badge', { hasText: 'Place snoozed until' }).waitFor();
    await fits(page, `${look.name}_case_snoozed`);
    await page.getByRole('button', { name: 'False positive' }).click();
    await page.getByText(`Case ${id}: false positive, recorded.`).waitFor();

    const quiet = event(`quiet-${look.name}`, 'e-2', Date.now() - (1 + 20 * place) * HOUR, { away: 2_440 });
    assert.ok(!(await send(quiet)).case);
    await page.goto(`${desk.base}/cases`);
    await page.getByRole('cell', { name: 'Works at the fair.' }).waitFor();
    await fits(page, `${look.name}_cases_snoozed`);
    await unfold(page, 'End it');
    await page.getByRole('button', { name: 'End the snooze' }).click();
    await page.getByText('The snooze has ended.').waitFor();
    assert.equal(await page.getByRole('cell', { name: 'Works at the fair.' }).count(), 0);
    const loud = event(`loud-${look.name}`, 'e-2', Date.now() - (2 + 20 * place) * HOUR, { away: 2_440 });
    const woken = (await send(loud)).case;
    await page.goto(at(woken));
    await page.getByRole('button', { name: 'False positive' }).click();
    await page.getByText(`Case ${woken}: false positive, recorded.`).waitFor();
    await page.context().close();
  }
});

test('ticked cases are decided together, for one reason', async () => {
  for (const [place, look] of LOOKS.entries()) {
    const hours = 4 + 20 * place;
    const ids = [await doubt(rest, 'e-3', hours), await doubt(rest, 'e-4', hours)];
    const page = await open(RANA, look);
    await page.goto(`${desk.base}/cases`);
    for (const id of ids) await page.getByLabel(`Pick case ${id}`, { exact: true }).check();
    await unfold(page, 'Decide the ticked cases');
    await page.getByLabel('Reason').fill('The guard saw nobody.');
    await page.getByRole('button', { name: 'Decide them' }).click();
    await page.getByText('choose one').first().waitFor();
    await fits(page, `${look.name}_cases_together`);
    await page.getByLabel('Verdict').last().selectOption('confirmed_risk');
    await page.getByRole('button', { name: 'Decide them' }).click();
    await page.getByText(/The verdict is recorded for 2.cases\./).waitFor();
    await page.goto(at(ids[1]));
    await page.locator('.quote', { hasText: 'The guard saw nobody.' }).waitFor();
    await page.context().close();
  }
});

test('an admin says how many events are drawn for audit; what is found there changes the recall that is estimated', async () => {
  const admin = await open(ADMIN);
  await admin.goto(`${desk.base}/models/fraud/specification`);
  await admin.getByText(/0\.5.% of the events under the threshold/).waitFor();
  const recipe = admin.getByLabel('Specification as TOML');
  await recipe.fill((await recipe.inputValue()).replace('audit_share = 0.005', 'audit_share = 1.0'));
  await admin.getByRole('button', { name: 'Put it into force' }).click();
  await admin.getByText(/100\.0.% of the events under the threshold/).waitFor();
  await fits(admin, 'light_fraud_specification');

  const drawn = [];
  for (let place = 0; place < 12; place += 1) {
    const answer = await send(event(`drawn-${place}`, 'e-5', Date.now() - (5 + 13 * place) * HOUR));
    assert.ok(answer.case, JSON.stringify(answer));
    drawn.push(answer.case);
  }
  const estimate = async (page) => {
    await page.goto(`${desk.base}/fraud`);
    return (await page.locator('.lead').innerText()).replaceAll('\u00a0', ' ');
  };
  assert.match(await estimate(admin), /how much of the fraud is found is not known/);

  const sami = await open(SAMI);
  const decide = async (id, button, note) => {
    await sami.goto(at(id));
    await sami.locator('.badge', { hasText: 'drawn at random' }).waitFor();
    if (note) await sami.getByLabel('Note').fill(note);
    await sami.getByRole('button', { name: button }).click();
    await sami.getByText(new RegExp(`Case ${id}: .*, recorded\\.`)).waitFor();
  };
  for (const id of drawn.slice(1)) await decide(id, 'False positive');
  assert.match(await estimate(admin), /an estimated 100 % of the fraud is found/);
  await decide(drawn[0], 'Confirm risk', 'Their brother clocked in for them.');
  const before = (await rest('/fraud')).recall;
  assert.ok(before.low < before.value && before.value < before.high && before.n === 12, JSON.stringify(before));
  // Six alerts were right, and each draw stands for itself.
  assert.ok(Math.abs(before.value - 6 / 7) < 1e-9, JSON.stringify(before));
  for (const look of LOOKS) {
    const page = await open(ADMIN, look);
    assert.match(await estimate(page), /an estimated 86 % of the fraud is found/);
    await page.getByText(/^95 %: \d+–\d+.%, n = 12 audit cases/).waitFor();
    await fits(page, `${look.name}_fraud_recall`);
    await page.goto(at(drawn[0]));
    await fits(page, `${look.name}_case_audit`);
    await page.context().close();
  }
  for (const page of [admin, sami]) await page.context().close();
});

test('events are listed by the clocks of their sites', async () => {
  for (const look of LOOKS) {
    const page = await open(ADMIN, look);
    await page.goto(`${desk.base}/attendance`);
    const when = await page.locator('table time').first().evaluate(({ dateTime, textContent, title }) => ({ dateTime, textContent, title }));
    const berlin = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' });
    assert.ok(when.textContent.endsWith(berlin.format(new Date(when.dateTime))), JSON.stringify(when));
    assert.match(when.title, /\+0[12]$/);
    await fits(page, `${look.name}_attendance`);
    await page.context().close();
  }
});
