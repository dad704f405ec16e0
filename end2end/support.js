// Starts the server on a folder of its own and a browser on Debian's Chromium.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const binary = process.env.VERDICT_BINARY ?? join(here, '..', 'target', 'debug', 'verdict');
export const pictures = join(here, 'test-results');
mkdirSync(pictures, { recursive: true });

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** A running server; `setupLink` is what its first start printed. */
export class Desk {
  static async start() {
    const desk = new Desk();
    desk.folder = mkdtempSync(join(tmpdir(), 'verdict-walk-'));
    const port = await freePort();
    desk.base = `http://127.0.0.1:${port}`;
    desk.process = spawn(binary, ['serve', '--data-dir', desk.folder, '--listen', `127.0.0.1:${port}`]);
    let said = '';
    await new Promise((ready, failed) => {
      desk.process.on('exit', (code) => failed(new Error(`the server ended with ${code}:\n${said}`)));
      desk.process.stderr.on('data', (chunk) => {
        said += chunk;
        desk.setupLink = said.match(/http:\S+\/setup\?token=\w+/)?.[0];
        if (desk.setupLink) ready();
      });
    });
    return desk;
  }

  /** Runs a command of the binary on the same data and gives what it printed. */
  command(...words) {
    const ran = spawnSync(binary, [...words, '--data-dir', this.folder], { encoding: 'utf8' });
    if (ran.status !== 0) throw new Error(`${words.join(' ')}: ${ran.stderr}`);
    return ran.stdout;
  }

  async stop() {
    this.process.removeAllListeners('exit');
    const ended = new Promise((done) => this.process.once('exit', done));
    this.process.kill('SIGTERM');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const DESKTOP = { width: 1440, height: 980 };
export const PHONE = { width: 390, height: 844 };
/** Options of a browser for each way a page is looked at. */
export const LOOKS = [
  { name: 'light', viewport: DESKTOP },
  { name: 'dark', viewport: DESKTOP, colorScheme: 'dark' },
  { name: 'phone', viewport: PHONE, hasTouch: true, isMobile: true },
];

export async function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}

export const ADMIN = { name: 'Ada Admin', email: 'ada@example.org', password: 'a long enough password' };

/** Makes the first admin through the one-time link; leaves the page at the first page of the day. */
export async function setUp(page, desk) {
  await page.goto(desk.setupLink);
  await page.getByLabel('Organisation').fill('Walk & Sons');
  await page.getByLabel('Your name').fill(ADMIN.name);
  await page.getByLabel('Your email').fill(ADMIN.email);
  await page.getByLabel('Password').fill(ADMIN.password);
  await page.getByRole('button', { name: 'Set up and log in' }).click();
  await page.waitForURL(`${desk.base}/`);
}

export async function logIn(page, desk, { email, password }) {
  await page.goto(`${desk.base}/login`);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL((url) => url.pathname !== '/login' && !url.pathname.startsWith('/actions'));
}

/** Speaks REST with an admin's key. */
function client(desk) {
  const secret = desk.command('key', 'create', '--name', 'walk', '--scopes', 'admin').match(/vdt_[0-9a-f]{48}/)[0];
  return async (path, body) => {
    const answer = await fetch(`${desk.base}/api/v1${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
}

/** A desk with its admin and these people, a browser, and REST; `close` ends both. */
export async function openDesk(people = []) {
  const desk = await Desk.start();
  const browser = await openBrowser();
  const page = await (await browser.newContext()).newPage();
  await setUp(page, desk);
  await page.context().close();
  const rest = client(desk);
  for (const person of people) await rest('/people', person);
  const close = async () => {
    await browser.close();
    await desk.stop();
  };
  return { desk, browser, rest, close };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The page as it is now shuts nobody out and does not scroll sideways; `name` is that of its picture. */
export async function fits(page, name) {
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  const told = violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html).slice(0, 3).join(' | ')}`);
  assert.deepEqual(told, [], name);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(sideways <= 0, `${name} scrolls sideways by ${sideways} px`);
}

/** Somebody who is logged in, at a desk unless a look or other options say otherwise. */
export async function enter(browser, desk, person, { name: _, ...options } = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, bypassCSP: true, ...options });
  const page = await context.newPage();
  await logIn(page, desk, person);
  return page;
}

/** A table whose last column can be learnt: yes grows with amount and falls with age. Always the same. */
export function examples(rows) {
  let state = 12345;
  const random = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const lines = ['filed,amount,age,channel,witness,fraud'];
  for (let row = 0; row < rows; row += 1) {
    const amount = Math.round(random() * 10000) / 10;
    const age = 18 + Math.floor(random() * 60);
    const channel = ['web', 'phone', 'agent'][Math.floor(random() * 3)];
    const witness = random() < 0.4 ? 'yes' : 'no';
    const odds = (amount - 700) / 120 - (age - 40) / 25 + (channel === 'web' ? 0.8 : 0) - (witness === 'yes' ? 0.7 : 0);
    const fraud = random() < 1 / (1 + Math.exp(-odds)) ? 'yes' : 'no';
    const day = new Date(Date.UTC(2026, 0, 1) + row * 3600_000).toISOString().slice(0, 19);
    lines.push([day, amount, age, channel, witness, fraud].join(','));
  }
  return `${lines.join('\n')}\n`;
}
