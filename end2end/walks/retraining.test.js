// A model learns again by its own rules: the first version serves, the next one is kept, and both say why.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADMIN, enter, examples, fits, LOOKS, openDesk } from '../support.js';

const TRAINING = { timeout: 120_000 };
const RECIPE = `
task = "binary"
target = "fraud"
classes = ["no", "yes"]
split = { by = "time", column = "filed" }
estimator = { kind = "logistic" }
columns = [{ name = "amount", kind = "numeric" }, { name = "age", kind = "numeric" }]

[retraining]
policy = "champion"
new_labels = 50
`;

let desk;
let browser;
let close;
before(async () => {
  ({ desk, browser, close } = await openDesk());
  const [rows, recipe] = ['rows.csv', 'recipe.toml'].map((name) => join(desk.folder, name));
  writeFileSync(rows, examples(1500));
  writeFileSync(recipe, RECIPE);
  desk.command('models', 'create', 'claims', '--csv', rows, '--spec', recipe);
});
after(() => close());

const open = (look) => enter(browser, desk, ADMIN, look);

async function learnAgain(page) {
  await page.goto(`${desk.base}/models/claims`);
  await page.locator('summary', { hasText: 'Learn again' }).click();
  await page.getByRole('button', { name: 'Learn again' }).click();
  await page.waitForURL(/\/runs\/\d+/);
  await page.getByRole('link', { name: /^version \d/ }).first().waitFor(TRAINING);
  await page.reload();
}

test('a model that learns again says what became of its versions and why', async () => {
  const page = await open();
  await learnAgain(page);
  await page.getByText('It serves: every gate passes; no version served.').waitFor();
  await learnAgain(page);
  await page.getByText('It is the challenger: kept as challenger:').waitFor();
  assert.match(await page.locator('main').innerText(), /0\.0 % better; more than 5\.0 % is asked for/);
  await page.goto(`${desk.base}/models/claims`);
  for (const alias of ['champion v1', 'challenger v2']) await page.locator('.badge', { hasText: alias }).waitFor();
});

test('every trigger shows what it saw', async () => {
  const page = await open();
  await page.goto(`${desk.base}/models/claims`);
  await page.getByRole('button', { name: 'Look now' }).click();
  await page.getByText('Looked at every trigger; no training begins.').waitFor();
  const seen = await page.getByRole('table', { name: 'Triggers' }).innerText();
  for (const words of ['live metric', 'score drift', 'new labels', '50 are enough', 'days old; 30 are allowed']) {
    assert.ok(seen.includes(words), `${words} in ${seen}`);
  }
});

test('the pages suit everybody', async () => {
  for (const look of LOOKS) {
    const page = await open(look);
    for (const [name, path] of [['model', '/models/claims'], ['run', '/runs/2'], ['runs', '/runs']]) {
      await page.goto(`${desk.base}${path}`);
      await fits(page, `${look.name}_retraining_${name}`);
    }
    await page.context().close();
  }
});
