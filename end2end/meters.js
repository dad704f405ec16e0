// Pictures of seven-segment displays, and zips of them: small, always the same, and readable by people and models.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

const SEGMENTS = {
  0: 'abcdef', 1: 'bc', 2: 'abged', 3: 'abgcd', 4: 'fgbc', 5: 'afgcd', 6: 'afgedc', 7: 'abc', 8: 'abcdefg', 9: 'abcdfg',
};
// Left, top, width and height within a digit of 16 x 28 dots.
const PLACES = {
  a: [3, 1, 10, 3], b: [12, 3, 3, 10], c: [12, 15, 3, 10], d: [3, 24, 10, 3], e: [1, 15, 3, 10], f: [1, 3, 3, 10], g: [3, 12, 10, 3],
};
const WIDE = 20;
const HIGH = 36;

export function random(seed) {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

/** A PNG of these digits, dark on light, with a little dirt; `dim` names digits that are hardly lit. */
export function meter(text, seed, dim = []) {
  const next = random(seed * 7919 + 1);
  const width = WIDE * text.length + 8;
  const rows = Array.from({ length: HIGH }, () => Array.from({ length: width }, () => 205 + Math.floor(next() * 40)));
  [...text].forEach((digit, i) => {
    for (const segment of SEGMENTS[digit]) {
      const [left, top, wide, high] = PLACES[segment];
      for (let y = top; y < top + high; y += 1) {
        for (let x = left; x < left + wide; x += 1) rows[y + 4][i * WIDE + x + 6] = (dim.includes(i) ? 175 : 20) + Math.floor(next() * 30);
      }
    }
  });
  const body = Buffer.concat(rows.map((row) => Buffer.from([0, ...row])));
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(HIGH, 4);
  head.writeUInt8(8, 8); // eight bits of grey
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(body)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(name, body) {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** A zip, not compressed, of `[name, bytes]`. */
export function zip(files) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const [name, bytes] of files) {
    const label = Buffer.from(name, 'utf8');
    const fixed = Buffer.alloc(26);
    fixed.writeUInt16LE(20, 0);
    fixed.writeUInt32LE(crc32(bytes), 10);
    fixed.writeUInt32LE(bytes.length, 14);
    fixed.writeUInt32LE(bytes.length, 18);
    fixed.writeUInt16LE(label.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fixed, label, bytes]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fixed, tail, label]));
    parts.push(local);
    at += local.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(index.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, index, end]);
}

/** Labelled pictures of so many digits from three meters; `label` says what each is labelled with, else what it shows. */
export function examples(count, digits = 4, label = (i, truth) => truth) {
  const next = random(42);
  const text = () => String(Math.floor(next() * 10 ** digits)).padStart(digits, '0');
  const labelled = Array.from({ length: count }, (_, i) => ({ name: `${i}.png`, text: text(), source: `meter-${i % 3}` }));
  const rows = labelled.map(({ name, text: truth, source }, i) => `${name},${label(i, truth)},${source}`);
  const files = labelled.map(({ name, text: truth }, i) => [name, meter(truth, i)]);
  return zip([...files, ['labels.csv', Buffer.from(`file,text,source\n${rows.join('\n')}\n`)]]);
}

/** Makes the model `meters` of a zip, by these rules of its readings; no version serves it yet. */
export function makeModel(desk, archive, reading, others = {}) {
  const [zip, recipe] = ['meters.zip', 'meters.json'].map((name) => join(desk.folder, name));
  writeFileSync(zip, archive);
  writeFileSync(recipe, JSON.stringify({ task: 'text_recognition', target: 'text', reading, ...others }));
  desk.command('models', 'create', 'meters', '--task', 'ocr', '--zip', zip, '--spec', recipe);
}
