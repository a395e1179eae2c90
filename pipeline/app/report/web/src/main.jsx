import { render } from 'preact';
import { clock, count, span, usd, when } from './format.js';
import { Failures, Film } from './film.jsx';
import { Files } from './files.jsx';
import { Framings } from './framing.jsx';
import { Joins } from './joins.jsx';
import { Lanes } from './lanes.jsx';
import { Money, paid } from './money.jsx';
import { Badge, Copy, Facts, Section } from './parts.jsx';
import { items, run, seconds, timeline } from './run.js';
import { Sound } from './sound.jsx';
import { Steps } from './steps.jsx';
import { Strip } from './strip.jsx';
import './style.css';

const outcomes = { done: ['good', 'done'], failed: ['bad', 'some shots failed'] };
const [kind, outcome] = outcomes[run.outcome] ?? ['bad', run.outcome];
const kept = run.checks.flatMap((check) => check.rules);
const broken = kept.filter((rule) => !rule.kept).length;
const worst = run.seams.length ? Math.round(Math.min(...run.seams.map((seam) => seam.score))) : null;

const sections = [
  ['shots', 'Shots', count(items.length || run.shots.length, 'shot'), Strip, run.shots.length + items.length > 0],
  ['timeline', 'Timeline', timeline && `${timeline.frames} frames at ${timeline.rate} fps, ${timeline.size.replace('x', ' × ')}`, Lanes, Boolean(timeline)],
  ['joins', 'Joins', 'Of 100 points, what the eye and the ear meet where shots change', Joins, run.seams.length > 0],
  ['framing', 'Framing', 'The window over footage of another shape: where it begins (hollow), goes and ends', Framings, run.pictures.framings.length > 0],
  ['sound', 'Sound', null, Sound, Boolean(run.sound)],
  ['files', 'Files', 'Decoded to their end, and held against what their platforms accept', Files, run.deliverables.length > 0],
  ['money', 'Money', null, Money, paid],
  ['time', 'Time', null, Steps, run.steps.length > 0],
  ['run', 'This run', null, About, true],
].filter(([, , , , there]) => there);

function About() {
  const notes = run.plan?.notes ?? [];
  return (
    <div class="about">
      <p class="command"><code>{run.command}</code><Copy text={run.command} /></p>
      {notes.length > 0 && <ul class="notes">{notes.map((note) => <li key={note}>{note}</li>)}</ul>}
      <Facts rows={[
        ['Storyboard', run.storyboard || null], ['Program', `longtake ${run.version}`], ['Libraries', run.libraries.join(', ')],
        ['Vector instructions', run.vector_instructions],
      ]} />
      {!paid && run.takes.length > 0 && <p class="note">Nothing was paid for: {count(run.takes.length, 'take')}, all rendered on this machine.</p>}
    </div>
  );
}

const Page = () => (
  <>
    <a class="skip" href="#film">To the film</a>
    <header class="top">
      <p class="brand">longtake</p>
      <nav aria-label="Sections">{sections.map(([id, title]) => <a key={id} href={`#${id}`}>{title}</a>)}</nav>
    </header>
    <main>
      <header class="title">
        <h1>{run.title || 'Untitled film'}</h1>
        <p class="lead">
          <Badge kind={kind}>{outcome}</Badge>
          <span>{when(run.started)}</span>
          {seconds > 0 && <span>{clock(seconds)} long</span>}
          <span>{count(items.length || run.shots.length, 'shot')}</span>
          <span>{count(run.deliverables.length, 'file')}</span>
          {kept.length > 0 && <span class={broken ? 'bad-text' : ''}>{broken ? `${broken} rules broken` : `${kept.length} rules kept`}</span>}
          {worst !== null && <span>worst join {worst}</span>}
          {paid && <span>{usd(run.spent)} spent</span>}
          <span>made in {span(run.seconds)}</span>
        </p>
      </header>
      <Failures />
      <section id="film" aria-label="Film"><Film /></section>
      {sections.map(([id, title, note, Body]) => <Section key={id} id={id} title={title} note={note}><Body /></Section>)}
    </main>
    <footer><p>Written by longtake {run.version}. This page needs no network; films are played from where they lie.</p></footer>
  </>
);

document.title = `${run.title || 'Film'} – longtake`;
addEventListener('beforeprint', () => document.querySelectorAll('details').forEach((details) => { details.open = true; }));
render(<Page />, document.getElementById('page'));
