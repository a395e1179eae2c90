// Drives `longtake watch` through whole runs in headless Chromium: a run that is paused, cancelled and resumed; one that waits for
// approval; one that is killed; a batch. Usage: node watch.js LONGTAKE [FOLDER for screenshots]    (no network, nothing is paid)
import axe from '@axe-core/playwright';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const program = resolve(process.argv[2]);
const folder = process.argv[3];
const photos = resolve(dirname(fileURLToPath(import.meta.url)), '../../../../tests/data/photos');
const work = mkdtempSync(join(tmpdir(), 'longtake-drive-'));
const home = { ...process.env, HOME: work, XDG_STATE_HOME: '', XDG_CONFIG_HOME: '' };
const browserAt = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const begun = [];
const wrong = [];
const must = (right, what) => { console.log(`${right ? 'ok  ' : 'NOT '} ${what}`); if (!right) wrong.push(what); };

const start = (...words) => {
  const child = spawn(program, words, { env: home, cwd: work, stdio: ['ignore', 'pipe', 'pipe'] });
  begun.push(child);
  child.said = '';
  child.over = new Promise((done) => { child.on('exit', (code, signal) => { child.ended = true; done(code ?? signal); }); });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { child.said += data; });
  return child;
};

const watch = async (...words) => {
  const child = start('watch', ...words);
  while (!/http:\S+/.test(child.said)) {
    if (child.ended) throw new Error(child.said);
    await new Promise((done) => setTimeout(done, 50));
  }
  return /http:\S+/.exec(child.said)[0];
};

const write = (name, board) => { writeFileSync(join(work, name), JSON.stringify({ schema: 'longtake/storyboard/1', ...board })); return join(work, name); };
const shots = (n, seconds, more = {}) => ['coffee.png', 'chelsea.png', 'rocket.jpg', 'astronaut.png', 'hubble_deep_field.jpg'].slice(0, n)
  .map((image, i) => ({ id: `shot-${i + 1}`, title: ['Coffee', 'A cat <b>named</b> Chelsea', 'Lift-off', 'Portrait', 'Deep field'][i], image: join(photos, image), prompt: 'slow push in, soft light', seconds, ...more }));

const browser = await chromium.launch({ executablePath: browserAt, args: ['--no-sandbox'] });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
const tab = await context.newPage();
let silent = false;
tab.on('console', (line) => { if (!silent && ['error', 'warning'].includes(line.type())) must(false, `console: ${line.text()}`); });
tab.on('pageerror', (error) => must(false, error.message));
const badge = (words, seconds = 180) => tab.locator('.lead .badge', { hasText: words }).waitFor({ timeout: seconds * 1000 }).then(() => true, () => false);
const press = async (name) => { await tab.getByRole('button', { name, exact: true }).click(); };
const progress = () => tab.evaluate(() => [...document.querySelectorAll('.item progress')].map((bar) => bar.value).join());

const look = async (name) => {
  for (const width of [1440, 390]) for (const colorScheme of ['light', 'dark']) {
    await tab.setViewportSize({ width, height: width < 500 ? 844 : 900 });
    await tab.emulateMedia({ colorScheme });
    await tab.waitForTimeout(300);
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    must(wide <= 0, `${name}, ${width} px, ${colorScheme}: not wider than the window`);
    if (folder) {
      mkdirSync(folder, { recursive: true });
      await tab.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
  }
  await tab.setViewportSize({ width: 1440, height: 900 });
  const { violations } = await new axe({ page: tab }).analyze();
  const grave = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
  must(grave.length === 0, `${name}: axe ${grave.map(({ id, nodes }) => `${id} ${nodes[0].target}`)}`);
};

const wholeRun = async () => {
  const board = write('film.json', { title: 'A <i>film</i> of pictures', provider: 'local', size: '640x360', fps: 24, deliver: ['preview/360p', 'web/h264-720p'], shots: shots(5, 4) });
  const address = await watch(board);
  await tab.goto(address);
  must(await badge('waiting for a run', 10), 'a folder in which nothing has run yet');
  start('run', board, '-o', join(work, 'out'));
  must(await badge('running', 20), 'a run that begins is shown');
  await tab.locator('.item progress').first().waitFor();
  const before = await progress();
  await tab.waitForFunction((seen) => [...document.querySelectorAll('.item progress')].map((bar) => bar.value).join() !== seen, before, { timeout: 60000 });
  must(true, 'progress moves');
  await look('running');
  await press('Pause');
  must(await badge('paused', 10), 'it is paused');
  await tab.locator('.item', { hasText: 'deliver' }).first().waitFor({ timeout: 100 }).catch(() => {});
  await press('Go on');
  must(await badge('running', 10), 'and goes on');
  await tab.locator('.item', { hasText: 'deliver' }).first().waitFor({ timeout: 240000 });
  await press('Pause');
  must(await badge('paused', 10), 'it is paused while files are made');
  await tab.waitForTimeout(1500);
  const held = await progress();
  await tab.waitForTimeout(3000);
  must(held !== '' && held === await progress(), 'nothing moves while it is paused');
  await look('paused');
  await press('Cancel');
  await press('Yes');
  must(await badge('cancelled', 30), 'it is cancelled');
  await press('Resume');
  must(await badge('running', 30), 'it is resumed');
  must(await badge('done', 400), 'it is done');
  await tab.locator('#joins img').first().waitFor({ state: 'attached', timeout: 60000 });
  const played = await tab.evaluate(async () => {
    const video = document.querySelector('video');
    video.muted = true;
    await video.play();
    await new Promise((done) => setTimeout(done, 1500));
    video.pause();
    video.currentTime = 15; // a range of the file
    await new Promise((done) => { video.onseeked = done; });
    return video.currentTime;
  });
  must(played >= 15, 'the film plays, and from its middle');
  await tab.evaluate(async () => { for (const image of document.images) image.loading = 'eager'; await Promise.all([...document.images].map((image) => image.decode().catch(() => {}))); });
  const broken = await tab.evaluate(() => [...document.images].filter((image) => image.naturalWidth === 0).map((image) => image.src));
  must(broken.length === 0, `every picture loads ${broken}`);
  await look('done');
  const first = await tab.locator('#run code').innerText();
  const second = start('run', board, '-o', join(work, 'out'), '--set', 'title=The second run', '-y');
  await tab.locator('h1', { hasText: 'The second run' }).waitFor({ timeout: 30000 });
  must(true, `a second run of the folder is shown (${first.length > 0})`);
  await tab.locator('.item progress').first().waitFor({ timeout: 60000 }).catch(() => {});
  second.kill('SIGKILL');
  must(await badge('ended without a word', 20), 'a run that is killed is said to be');
};

const approval = async () => {
  const board = write('paid.json', { title: 'A paid film', provider: 'kling', size: '640x360', fps: 24, deliver: ['preview/360p'], shots: shots(2, 5) });
  const address = await watch(board);
  await tab.goto(address);
  start('run', board, '--sandbox', '--approve', '-o', join(work, 'paid'));
  must(await badge('waits for approval', 60), 'a run waits for approval');
  await look('approval');
  await press('Approve');
  await press('Yes');
  must(await badge('running', 20), 'it is approved');
  must(await badge('done', 300), 'and done');
  await look('approved');
};

const batch = async () => {
  const rows = join(work, 'rows.csv');
  writeFileSync(rows, ['name,headline', ...Array.from({ length: 8 }, (_, i) => `row-${i + 1},Headline ${i + 1} <script>alert(1)</script>`)].join('\n'));
  const board = write('row.json', {
    schema: 'longtake/campaign/1', description: 'cards',
    variables: { headline: { type: 'text', description: 'what it says', max_letters: 60 } },
    storyboard: {
      schema: 'longtake/storyboard/1', title: '${headline}', provider: 'local', size: '320x180', fps: 24, deliver: ['preview/360p'],
      shots: [...shots(1, 2), { id: 'card', card: { text: '${headline}', background: '#204060' }, seconds: 2 }],
    },
  });
  mkdirSync(join(work, 'films'));
  const address = await watch(join(work, 'films'));
  await tab.goto(address);
  const run = start('batch', rows, '-s', board, '-o', join(work, 'films'), '--name', '${name}');
  must(await badge('running', 60), `a batch is shown ${run.said}`);
  await tab.locator('.row').nth(7).waitFor();
  await tab.locator('.row .badge', { hasText: 'done' }).first().waitFor({ timeout: 120000 });
  await press('Pause');
  must(await badge('paused', 10), 'the batch is paused');
  await look('batch');
  await press('Go on');
  must(await badge('done', 300), 'the batch is done');
  await look('batch-done');
  const [film] = await Promise.all([context.waitForEvent('page'), tab.locator('.row .poster').first().click()]);
  await film.waitForFunction(() => document.querySelector('video')?.readyState > 1, null, { timeout: 15000 }).then(() => must(true, "a row's film plays"), () => must(false, "a row's film plays"));
  await film.close();
};

try {
  await tab.goto('about:blank');
  for (const part of [wholeRun, approval, batch]) await part();
} catch (error) {
  must(false, error.message);
  if (folder) await tab.screenshot({ path: `${folder}/failed.png`, fullPage: true });
} finally {
  await browser.close();
  for (const child of begun) if (!child.ended) child.kill('SIGTERM');
  await Promise.all(begun.map((child) => child.over));
  rmSync(work, { recursive: true, force: true });
}
console.log(wrong.length ? `${wrong.length} faults` : 'watched as it should be');
process.exit(wrong.length ? 1 : 0);
