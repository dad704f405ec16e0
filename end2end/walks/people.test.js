// The first admin, people of each role, and what each may see.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ADMIN, Desk, logIn, openBrowser, setUp } from '../support.js';

const SUPERVISOR = { name: 'Sami', email: 'sami@example.org', password: 'another long password', role: 'supervisor' };
const LABELER = { name: 'Lena', email: 'lena@example.org', password: 'yet another password', role: 'labeler' };

let desk;
let browser;
before(async () => {
  desk = await Desk.start();
  browser = await openBrowser();
});
after(async () => {
  await browser.close();
  await desk.stop();
});

async function addPerson(page, person) {
  await page.goto(`${desk.base}/settings/people`);
  await page.getByLabel('Name', { exact: true }).fill(person.name);
  await page.getByLabel('Email', { exact: true }).fill(person.email);
  await page.getByLabel(person.role, { exact: false }).last().check();
  await page.getByLabel('First password').fill(person.password);
  await page.getByRole('button', { name: 'Add person' }).click();
  await page.getByText(`${person.name} can log in now.`).waitFor();
}

async function places(page) {
  return page.getByRole('navigation', { name: 'Main' }).getByRole('link').allInnerTexts();
}

test('the setup link makes one admin and then is closed', async () => {
  const page = await (await browser.newContext()).newPage();
  await setUp(page, desk);
  assert.ok((await places(page)).some((place) => place.startsWith('People')));
  await page.goto(desk.setupLink);
  assert.equal(await page.getByRole('button', { name: 'Set up and log in' }).count(), 0);
  await addPerson(page, SUPERVISOR);
  await addPerson(page, LABELER);
  await page.context().close();
});

test('a wrong password is not told apart from a wrong address, and keeps what was typed', async () => {
  const page = await (await browser.newContext()).newPage();
  const sentences = [];
  for (const email of [ADMIN.email, 'nobody@example.org']) {
    await page.goto(`${desk.base}/login`);
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForLoadState();
    sentences.push(await page.getByText('do not belong together').innerText());
    assert.equal(await page.getByLabel('Email').inputValue(), email);
    assert.equal(await page.getByLabel('Password').inputValue(), '');
  }
  assert.equal(sentences[0], sentences[1]);
  await page.context().close();
});

test('each role sees its own places and is refused the others', async () => {
  const expected = [
    [ADMIN, ['/models', '/settings/people', '/audit'], []],
    [SUPERVISOR, ['/models', '/predictions'], ['/settings/people', '/settings/keys', '/audit', '/models/new']],
    [LABELER, ['/'], ['/models', '/predictions', '/runs', '/datasets', '/settings/people', '/audit']],
  ];
  for (const [person, open, closed] of expected) {
    const page = await (await browser.newContext()).newPage();
    await logIn(page, desk, person);
    for (const path of open) assert.equal((await page.goto(desk.base + path)).status(), 200, `${person.email} ${path}`);
    for (const path of closed) assert.equal((await page.goto(desk.base + path)).status(), 403, `${person.email} ${path}`);
    const shown = (await places(page)).join(' ');
    for (const path of closed.filter((path) => path === '/audit')) assert.ok(!shown.includes('Audit'), path);
    await page.context().close();
  }
});

test('logging out ends the session here, and everywhere when asked', async () => {
  const first = await (await browser.newContext()).newPage();
  const second = await (await browser.newContext()).newPage();
  await logIn(first, desk, ADMIN);
  await logIn(second, desk, ADMIN);
  await first.goto(`${desk.base}/settings/account`);
  await first.locator('summary', { hasText: 'Log out everywhere' }).click();
  await first.getByRole('button', { name: 'Log out everywhere' }).click();
  await first.waitForURL(/\/login/);
  await second.goto(`${desk.base}/models`);
  assert.match(second.url(), /\/login\?next=\/models/);
});
