// Opens a report in headless Chromium as people would: every picture loads, the film plays, nothing is said on the console,
// axe finds no serious violation, nothing is wider than the window. Usage: node check.js REPORT/index.html [FOLDER for screenshots]
import axe from '@axe-core/playwright';
import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [page, folder] = process.argv.slice(2);
const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const wrong = [];
const must = (right, what) => { if (!right) wrong.push(what); };

// Scrolls to the end, so that what is loaded late is there.
const see = (tab) => tab.evaluate(async () => {
  for (const image of document.images) image.loading = 'eager';
  for (let at = 0; at < document.body.scrollHeight; at += 600) { scrollTo(0, at); await new Promise((done) => setTimeout(done, 30)); }
  scrollTo(0, 0);
  await Promise.all([...document.images].map((image) => image.complete || new Promise((done) => { image.onload = image.onerror = done; })));
});

// Frames a second while the page goes by from its beginning to its end, at 4000 pixels a second for at most five seconds.
const scrolls = (tab) => tab.evaluate(() => new Promise((done) => {
  const began = performance.now();
  let frames = 0;
  const step = () => {
    const passed = performance.now() - began;
    scrollTo({ top: passed * 4, behavior: 'instant' });
    frames += 1;
    if (passed < 5000 && scrollY + innerHeight < document.body.scrollHeight - 2) requestAnimationFrame(step);
    else done(`${(frames / passed * 1000).toFixed(0)} frames a second over ${Math.round(scrollY)} pixels`);
  };
  requestAnimationFrame(step);
}));

const look = async (browser, width, scheme) => {
  const name = `${width} px, ${scheme}`;
  const context = await browser.newContext({ viewport: { width, height: width < 500 ? 844 : 900 }, colorScheme: scheme, reducedMotion: 'reduce' });
  const tab = await context.newPage();
  tab.on('console', (line) => must(!['error', 'warning'].includes(line.type()), `${name}: console: ${line.text()}`));
  tab.on('pageerror', (error) => wrong.push(`${name}: ${error.message}`));
  tab.on('request', (request) => must(/^(file|data|blob):/.test(request.url()), `${name}: asks the network for ${request.url()}`));
  await tab.goto(pathToFileURL(resolve(page)).href);
  if (scheme === 'light') console.log(`${name}: scrolls at ${await scrolls(tab)}`);
  await see(tab);
  const broken = await tab.evaluate(() => [...document.images].filter((image) => image.naturalWidth === 0).map((image) => image.src));
  must(broken.length === 0, `${name}: pictures that do not load: ${broken}`);
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  must(wide <= 0, `${name}: ${wide} px wider than the window`);
  const { violations } = await new axe({ page: tab }).analyze();
  for (const found of violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))) {
    wrong.push(`${name}: axe: ${found.id}: ${found.help}: ${found.nodes.slice(0, 3).map((node) => node.target).join(' ')}`);
  }
  if (await tab.locator('video').count()) {
    const played = await tab.evaluate(async () => {
      const video = document.querySelector('video');
      video.muted = true;
      await video.play();
      await new Promise((done) => setTimeout(done, 1200));
      video.pause();
      const at = video.currentTime;
      video.currentTime = 0;
      return at;
    });
    must(played > 0.2, `${name}: the film does not play`);
  }
  if (folder) {
    mkdirSync(folder, { recursive: true });
    await tab.screenshot({ path: `${folder}/${width}-${scheme}.png`, fullPage: true });
    await tab.emulateMedia({ media: 'print' });
    if (width > 1000 && scheme === 'light') {
      await tab.pdf({ path: `${folder}/print.pdf`, format: 'A4', margin: { top: '12mm', bottom: '12mm', left: '12mm', right: '12mm' } });
      await tab.setViewportSize({ width: 703, height: 1000 }); // as wide as A4 without those margins
      await tab.screenshot({ path: `${folder}/print.png`, fullPage: true });
    }
  }
  await context.close();
};

const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
for (const width of [1440, 390]) for (const scheme of ['light', 'dark']) await look(browser, width, scheme);
await browser.close();
for (const line of wrong) console.log(line);
console.log(wrong.length ? `${wrong.length} faults` : 'the page is as it should be');
process.exit(wrong.length ? 1 : 0);
