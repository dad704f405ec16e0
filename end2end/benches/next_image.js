// How long a labeler looks at the old image after Enter: until the next one, with its reading, has been painted.
// `npm run bench`, with VERDICT_BINARY naming a release build; prints milliseconds.
import { setTimeout as pause } from 'node:timers/promises';
import { examples, makeModel, meter } from '../meters.js';
import { enter, openDesk } from '../support.js';

const LENA = { name: 'Lena Brandt', email: 'lena@example.org', password: 'a password of hers', role: 'labeler' };
const IMAGES = 200;
/** Milliseconds between two answers; nobody is so quick. */
const PACE = 500;

const { desk, browser, rest, close } = await openDesk([LENA]);
try {
  const reading = { characters: '0123456789', min_length: 4, max_length: 4, double_share: 0, gold_share: 0 };
  makeModel(desk, examples(30), reading);
  for (let i = 0; i <= IMAGES; i += 1) {
    const image = meter(String(1000 + i * 37), i).toString('base64');
    await rest('/models/meters/readings', { image, source: 'hall', client_id: String(i) });
  }
  const page = await enter(browser, desk, LENA);
  await page.goto(`${desk.base}/label/meters`);
  await page.evaluate(() => {
    globalThis.painted = [];
    addEventListener('keydown', ({ key, timeStamp }) => {
      if (key !== 'Enter') return;
      const before = document.querySelector('.labeling-desk');
      const look = () => requestAnimationFrame(() => {
        if (document.querySelector('.labeling-desk') === before) return look();
        // A message that is sent within a frame arrives when that has been painted.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => globalThis.painted.push(performance.now() - timeStamp);
        port2.postMessage(null);
      });
      look();
    }, true);
  });
  for (let i = 0; i < IMAGES; i += 1) {
    await page.keyboard.type(String(1000 + i));
    await page.keyboard.press('Enter');
    await page.waitForFunction((count) => globalThis.painted.length > count, i);
    await pause(PACE);
  }
  const painted = (await page.evaluate(() => globalThis.painted)).sort((a, b) => a - b);
  const quantile = (share) => painted[Math.min(Math.floor(share * painted.length), painted.length - 1)].toFixed(1);
  console.log(`Enter to the next image painted, of ${painted.length}: p50 ${quantile(0.5)}, p95 ${quantile(0.95)}, max ${quantile(1)} ms`);
} finally {
  await close();
}
