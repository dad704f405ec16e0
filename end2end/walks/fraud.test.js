// Verdicts teach: cases are decided, the next version learns from that, is compared, promoted, and seen on the dashboard.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { doubt, EMPLOYEES, history, knownFrauds } from '../attendance.js';
import { ADMIN, enter, fits, openDesk, PHONE } from '../support.js';

const SAMI = { name: 'Sami Aalto', email: 'sami@example.org', password: 'another long password', role: 'supervisor' };
const TRAINING = { timeout: 120_000 };
/** Who has done nothing wrong: their alerts are false. */
const HONEST = new Set(['e-4', 'e-5', 'e-6']);
/** Hours ago of the doubtful events of everybody, each an episode of its own. */
const EPISODES = [2, 19, 36];

let desk;
let browser;
let rest;
let close;
const right = [];
const wrong = [];
before(async () => {
  ({ desk, browser, rest, close } = await openDesk([SAMI]));
  await history(rest);
  await knownFrauds(rest);
  desk.command('train', 'fraud', '--estimator', 'boosted', '--tenant', 'default');
  await rest('/models/fraud/promotions', { version: 1, reason: 'Learnt from what was known.' });
  for (const { reference } of EMPLOYEES) {
    const isHonest = HONEST.has(reference);
    const how = isHonest ? { away: 2_100, face: 0.53 } : { away: 2_700, face: 0.41 };
    for (const hours of EPISODES) (isHonest ? wrong : right).push(await doubt(rest, reference, hours, how));
  }
});
after(() => close());

/** The value beside a term in a list of facts. */
const fact = (page, term) => page.locator('dt', { hasText: term }).first().locator('xpath=following-sibling::dd[1]');
const plain = async (locator) => (await locator.innerText()).replaceAll('\u00a0', ' ');

async function decideTogether(page, cases, verdict, reason) {
  await page.goto(`${desk.base}/cases`);
  for (const id of cases) await page.getByLabel(`Pick case ${id}`, { exact: true }).check();
  await page.locator('summary', { hasText: 'Decide the ticked cases' }).click();
  await page.getByLabel('Verdict').last().selectOption(verdict);
  await page.getByLabel('Reason').fill(reason);
  await page.getByRole('button', { name: 'Decide them' }).click();
  await page.getByText(new RegExp(`The verdict is recorded for ${cases.length}.cases`)).waitFor();
}

async function promote(page, number, reason) {
  await page.goto(`${desk.base}/models/fraud/versions/${number}`);
  await page.locator('summary', { hasText: `Promote v${number} to champion` }).click();
  await page.getByLabel('Reason').first().fill(reason);
  await page.getByRole('button', { name: 'Promote', exact: true }).click();
  await page.getByText(`Version ${number} serves now`).waitFor();
}

test('before a verdict, the dashboard knows no precision, and nothing learnt was said by people', async () => {
  const page = await enter(browser, desk, ADMIN);
  await page.goto(`${desk.base}/fraud`);
  await page.getByText('Nothing is decided yet.').waitFor();
  assert.equal(await plain(fact(page, 'Serves')), 'version 1 of fraud');
  assert.match(await plain(fact(page, 'Said by people')), /^0 of \d+ rows, in verdicts on cases$/);
  await page.context().close();
});

test('a supervisor decides what waits', async () => {
  const page = await enter(browser, desk, SAMI);
  const [first, ...others] = right;
  await page.goto(`${desk.base}/cases/${first}`);
  await page.getByLabel('Note').fill('Not seen on site.');
  await page.getByRole('button', { name: 'Confirm risk' }).click();
  await page.getByText(`Case ${first}: confirmed risk, recorded.`).waitFor();
  await decideTogether(page, others, 'confirmed_risk', 'Not seen on site either.');
  await decideTogether(page, wrong, 'false_positive', 'They worked at the fair.');
  await page.context().close();
});

test('the next version learns from the verdicts, and says from how many', async () => {
  const page = await enter(browser, desk, ADMIN);
  await page.goto(`${desk.base}/models/fraud`);
  await page.locator('summary', { hasText: 'Train now' }).click();
  await page.getByLabel('Estimator').selectOption('boosted');
  await page.getByRole('button', { name: 'Start training' }).click();
  await page.waitForURL(/\/runs\/\d+/);
  await page.getByRole('link', { name: 'version 2' }).first().waitFor(TRAINING);

  await page.goto(`${desk.base}/models/fraud/versions/2`);
  const verdicts = right.length + wrong.length;
  assert.match(await plain(fact(page, 'Said by people')), new RegExp(`^${verdicts} of \\d+ rows, in verdicts on cases$`));
  await fits(page, 'light_fraud_version');
  await page.getByRole('link', { name: /Compare with v1/ }).click();
  await page.getByRole('heading', { name: 'Figures' }).waitFor();
  await page.getByRole('heading', { name: /Where they disagree/ }).waitFor();
  await fits(page, 'light_fraud_compare');
  await page.context().close();
});

test('promoted, it decides, and the dashboard shows what was found', async () => {
  const page = await enter(browser, desk, ADMIN);
  await promote(page, 2, 'It has learnt from the verdicts.');
  await page.goto(`${desk.base}/fraud`);
  assert.match(await plain(page.locator('.lead')), /^Of 18 decided alerts, 50 % were right/);
  assert.equal(await plain(fact(page, 'Serves')), 'version 2 of fraud');
  assert.match(await plain(fact(page, 'Said by people')), /^18 of \d+ rows/);
  await fits(page, 'light_fraud');
  const { version } = await rest('/fraud');
  assert.equal(version, 2);
  await page.context().close();

  const dark = await enter(browser, desk, ADMIN, { colorScheme: 'dark' });
  await dark.goto(`${desk.base}/fraud`);
  await fits(dark, 'dark_fraud');
  await dark.context().close();
});

test('on a phone the champion is rolled back and promoted again', async () => {
  const page = await enter(browser, desk, ADMIN, { viewport: PHONE, hasTouch: true, isMobile: true });
  await page.goto(`${desk.base}/models/fraud`);
  await page.locator('summary', { hasText: 'Roll back' }).tap();
  await page.getByLabel('Reason').first().fill('To see the way back.');
  await page.getByRole('button', { name: 'Roll back', exact: true }).tap();
  await page.getByText('Rolled back: version 1 serves.').waitFor();
  await page.goto(`${desk.base}/models/fraud/versions/2`);
  await page.locator('summary', { hasText: 'Promote v2 to champion' }).tap();
  await fits(page, 'phone_fraud_promotion');
  await promote(page, 2, 'And forth again.');
  await page.goto(`${desk.base}/fraud`);
  assert.equal(await plain(fact(page, 'Serves')), 'version 2 of fraud');
  await fits(page, 'phone_fraud');
  await page.context().close();
});
