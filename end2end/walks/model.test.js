// The whole way of a model: a CSV, a training, a version, a row, outcomes, a second version, promotion, rollback.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk, examples, openBrowser, setUp } from '../support.js';

const TRAINING = { timeout: 120_000 };

let desk;
let browser;
let page;
let secret;
before(async () => {
  desk = await Desk.start();
  browser = await openBrowser();
  page = await (await browser.newContext()).newPage();
  await setUp(page, desk);
});
after(async () => {
  await browser.close();
  await desk.stop();
});

const rest = (path, body) => fetch(`${desk.base}/api/v1${path}`, {
  method: body ? 'POST' : 'GET',
  headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
  body: body && JSON.stringify(body),
});

async function promote(number, reason) {
  await page.goto(`${desk.base}/models/claims/versions/${number}`);
  await page.locator('summary', { hasText: `Promote v${number} to champion` }).click();
  await page.getByLabel('Reason').first().fill(reason);
  await page.getByRole('button', { name: 'Promote', exact: true }).click();
  await page.getByText(`Version ${number} serves now`).waitFor();
}

test('a CSV becomes a model, and its training can be watched', async () => {
  await page.goto(`${desk.base}/models/new`);
  const csv = { name: 'claims.csv', mimeType: 'text/csv', buffer: Buffer.from(examples(1500)) };
  await page.getByLabel('CSV file').setInputFiles(csv);
  await page.getByRole('button', { name: 'Upload it and go on' }).click();
  await page.waitForURL(/dataset=/);
  await page.getByLabel('fraud').last().check();
  await page.getByRole('button', { name: 'See what the desk proposes' }).click();
  await page.getByLabel('Name of the model').fill('claims');
  await page.getByLabel('Estimator').selectOption('boosted');
  await page.getByRole('button', { name: 'Register the model and train it' }).click();
  await page.waitForURL(/\/runs\/\d+/);
  await page.getByRole('link', { name: 'version 1' }).first().waitFor(TRAINING);
});

test('a version shows its figures, matrix, curves and where it comes from', async () => {
  await page.goto(`${desk.base}/models/claims/versions/1`);
  for (const heading of ['Confusion matrix', 'Precision–recall', 'ROC', 'Calibration', 'Importance', 'Where it comes from']) {
    await page.getByRole('heading', { name: heading }).first().waitFor();
  }
  const matrix = page.getByRole('table').filter({ hasText: 'predicted' }).first();
  assert.ok((await matrix.innerText()).includes('%'));
  await page.getByText('✓ verified').waitFor();
  await promote(1, 'The first version.');
});

test('a row is tried, answered with reasons, and its outcome recorded once', async () => {
  await page.goto(`${desk.base}/models/claims/try`);
  await page.getByRole('button', { name: 'Ask the model' }).click();
  await page.getByLabel('amount').fill('990');
  await page.getByLabel('age').fill('19');
  for (const [label, value] of [['channel', 'web'], ['witness', 'no'], ['filed', '2026-02-01 08:00:00']]) {
    const field = page.getByLabel(label);
    if ((await field.evaluate((element) => element.tagName)) === 'SELECT') {
      const options = await field.locator('option').evaluateAll((all) => all.map((option) => option.value));
      await field.selectOption(options.find((option) => option === value) ?? options.at(-1));
    } else {
      await field.fill(value);
    }
  }
  await page.getByRole('button', { name: 'Ask the model' }).click();
  await page.waitForURL(/\/predictions\/[0-9a-f-]{36}/);
  await page.getByRole('heading', { name: 'Why' }).waitFor();
  await page.getByRole('radio', { name: 'yes' }).check();
  await page.getByRole('button', { name: 'Record the outcome' }).click();
  await page.getByText('Recorded: the truth is “yes”.').waitFor();
  await page.getByRole('button', { name: 'Correct the outcome' }).waitFor();
});

test('a key is shown once, and programs report what was true', async () => {
  await page.goto(`${desk.base}/settings/keys`);
  await page.getByLabel('Name', { exact: true }).fill('till');
  await page.getByRole('checkbox', { name: /^predict/ }).check();
  await page.getByRole('button', { name: 'Make the key' }).click();
  secret = (await page.getByText(/vdt_[0-9a-f]{48}/).first().innerText()).match(/vdt_[0-9a-f]{48}/)[0];
  await page.reload();
  assert.equal(await page.getByText(secret).count(), 0);

  const [header, ...lines] = examples(1900).trim().split('\n').slice(0).map((line) => line.split(','));
  const rows = lines.slice(1500).map((cells) => Object.fromEntries(header.map((name, at) => [name, cells[at]])));
  const truths = rows.map((row) => row.fraud);
  const inputs = rows.map(({ fraud, ...row }) => ({ ...row, amount: Number(row.amount), age: Number(row.age), witness: row.witness === 'yes' }));
  const answer = await rest('/models/claims/predictions', { rows: inputs });
  assert.equal(answer.status, 200, await answer.clone().text());
  const { predictions } = await answer.json();
  assert.equal(predictions.length, 400);
  for (const [at, prediction] of predictions.entries()) {
    const recorded = await rest(`/predictions/${prediction.id}/outcome`, { truth: truths[at] });
    assert.equal(recorded.status, 201);
  }
  await page.goto(`${desk.base}/models/claims`);
  await page.getByRole('heading', { name: 'Decisions against outcomes' }).waitFor();
});

test('what was reported says how good the model is, beside what its scores would expect', async () => {
  await page.goto(`${desk.base}/models/claims/versions/1`);
  await page.getByRole('heading', { name: 'In service' }).waitFor();
  await page.getByRole('link', { name: 'Quality over time' }).click();
  await page.waitForURL(/\/models\/claims\/quality\?version=1/);
  const lead = await page.locator('.lead').innerText();
  assert.match(lead, /^Version 1 was right in [\d.]+\s%/);
  assert.match(lead, /401 of 401\spredictions \(100\.0\s%\)\. Its scores alone would expect [\d.]+\s%/);
  for (const heading of ['Right decisions', 'Measured beside expected', 'Scores against the evaluation', 'When truths come']) {
    await page.getByRole('heading', { name: heading }).waitFor();
  }
  await page.getByRole('link', { name: '7\u00a0d' }).click();
  await page.waitForURL(/version=1&days=7/);
});

test('what was reported teaches the next version, which is compared, promoted and rolled back', async () => {
  await page.goto(`${desk.base}/models/claims`);
  await page.locator('summary', { hasText: 'Train now' }).click();
  await page.getByRole('button', { name: 'Start training' }).click();
  await page.waitForURL(/\/runs\/\d+/);
  await page.getByRole('link', { name: 'version 2' }).first().waitFor(TRAINING);

  await page.goto(`${desk.base}/models/claims/versions/2`);
  await page.getByRole('link', { name: /Compare with v1/ }).click();
  await page.getByRole('heading', { name: 'Figures' }).waitFor();
  await page.getByRole('heading', { name: /Where they disagree/ }).waitFor();

  await promote(2, 'Learnt from four hundred more outcomes.');
  await page.goto(`${desk.base}/models/claims`);
  await page.locator('summary', { hasText: 'Roll back' }).click();
  await page.getByLabel('Reason').first().fill('Only to see that it works.');
  await page.getByRole('button', { name: 'Roll back', exact: true }).click();
  await page.getByText('Rolled back: version 1 serves.').waitFor();
  const next = await rest('/models/claims/predictions', { row: { filed: '2026-03-01', amount: 10, age: 40, channel: 'web', witness: true } });
  assert.equal((await next.json()).version, 1);
});

test('the audit log tells all of it and holds together', async () => {
  await page.goto(`${desk.base}/audit?verify=1`);
  const text = await page.getByRole('main').innerText();
  for (const action of ['model.created', 'version.trained', 'version.promoted', 'version.rolled_back', 'key.created']) {
    assert.ok(text.includes(action), action);
  }
  assert.match(desk.command('audit', 'verify'), /\d/);
});
