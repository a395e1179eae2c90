// The page of one film: what came of its run, or of as much of it as there is.
import { clock, count, span, usd, when } from './format.js';
import { Failures, Film } from './film.jsx';
import { Files } from './files.jsx';
import { Framings } from './framing.jsx';
import { Joins } from './joins.jsx';
import { Lanes } from './lanes.jsx';
import { Log, Now, badgeOf } from './live.jsx';
import { Money, paid } from './money.jsx';
import { Badge, Copy, Facts, Section } from './parts.jsx';
import { Rows } from './rows.jsx';
import { items, live, rows, run, seconds, timeline } from './run.js';
import { Sound } from './sound.jsx';
import { Steps } from './steps.jsx';
import { Strip } from './strip.jsx';

const outcomes = { done: ['good', 'done'], failed: ['bad', 'some shots failed'] };
const outcomeOf = () => (live ? badgeOf(live) : rows.length && run.outcome === 'failed' ? ['bad', 'some rows failed'] : outcomes[run.outcome]) ?? ['bad', run.outcome];

const sectionsOf = () => [
  ['rows', 'Rows', 'A film for every row of the table', Rows, rows.length > 0],
  ['shots', 'Shots', count(items.length || run.shots.length, 'shot'), Strip, run.shots.length + items.length > 0],
  ['timeline', 'Timeline', timeline && `${timeline.frames} frames at ${timeline.rate} fps, ${timeline.size.replace('x', ' × ')}`, Lanes, Boolean(timeline)],
  ['joins', 'Joins', 'Of 100 points, what the eye and the ear meet where shots change', Joins, run.seams.length > 0],
  ['framing', 'Framing', 'The window over footage of another shape: where it begins (hollow), goes and ends', Framings, run.pictures.framings.length > 0],
  ['sound', 'Sound', null, Sound, Boolean(run.sound)],
  ['files', 'Files', 'Decoded to their end, and held against what their platforms accept', Files, run.deliverables.length > 0],
  ['money', 'Money', null, Money, paid() && (live || !rows.length)],
  ['time', 'Time', null, Steps, run.steps.length > 0 && rows.length === 0],
  ['log', 'Log', 'What was said, the latest at the end', Log, live?.log.length > 0],
  ['run', 'This run', null, About, run.command !== ''],
].filter(([, , , , there]) => there);

function About() {
  const notes = run.plan?.notes ?? [];
  return (
    <div class="about">
      <p class="command"><code>{run.command}</code><Copy text={run.command} /></p>
      {notes.length > 0 && <ul class="notes">{notes.map((note) => <li key={note}>{note}</li>)}</ul>}
      <Facts rows={[
        ['Storyboard', run.storyboard || null], ['Program', run.version && `longtake ${run.version}`], ['Libraries', run.libraries.join(', ')],
        ['Vector instructions', run.vector_instructions],
      ]} />
      {!paid() && run.takes.length > 0 && <p class="note">Nothing was paid for: {count(run.takes.length, 'take')}, all rendered on this machine.</p>}
    </div>
  );
}

const Lead = () => {
  const [kind, outcome] = outcomeOf();
  const kept = run.checks.flatMap((check) => check.rules);
  const broken = kept.filter((rule) => !rule.kept).length;
  const worst = run.seams.length ? Math.round(Math.min(...run.seams.map((seam) => seam.score))) : null;
  const shots = items.length || run.shots.length;
  return (
    <p class="lead">
      <Badge kind={kind}>{outcome}</Badge>
      {run.started > 0 && <span>{when(run.started)}</span>}
      {seconds > 0 && <span>{clock(seconds)} long</span>}
      {rows.length > 0 && <span>{count(rows.filter((row) => ['done', 'kept'].includes(row.state)).length, 'film')} of {count(rows.length, 'row')}</span>}
      {rows.length > 0 && <span>{clock(rows.reduce((sum, row) => sum + (row.seconds ?? 0), 0))} long together</span>}
      {shots > 0 && <span>{count(shots, 'shot')}</span>}
      {(!live && !rows.length || run.deliverables.length > 0) && <span>{count(run.deliverables.length, 'file')}</span>}
      {kept.length > 0 && <span class={broken ? 'bad-text' : ''}>{broken ? `${broken} rules broken` : `${kept.length} rules kept`}</span>}
      {worst !== null && <span>worst join {worst}</span>}
      {paid() && <span>{usd(run.spent)} spent{live?.rehearsal && ', play money'}</span>}
      {run.seconds > 0 && <span>made in {span(run.seconds)}</span>}
    </p>
  );
};

export const Page = () => {
  const sections = sectionsOf();
  const film = (!live && !rows.length) || run.films.length > 0;
  return (
    <>
      <a class="skip" href={film ? '#film' : live ? '#now' : '#rows'}>{film ? 'To the film' : live ? 'To what goes on' : 'To the rows'}</a>
      <header class="top">
        <p class="brand">longtake</p>
        <nav aria-label="Sections">{sections.map(([id, title]) => <a key={id} href={`#${id}`}>{title}</a>)}</nav>
      </header>
      <main>
        <header class="title">
          <h1>{run.title || (live && run.started === 0 ? 'Nothing has run here yet' : 'Untitled film')}</h1>
          <Lead />
        </header>
        {live && <Now />}
        <Failures />
        {film && <section id="film" aria-label="Film"><Film /></section>}
        {sections.map(([id, title, note, Body]) => <Section key={id} id={id} title={title} note={note}><Body /></Section>)}
      </main>
      <footer>
        <p>{live ? `longtake watch ${live.folder}. Whoever has this page's address sees it${live.steers ? ' and steers the run' : ''}.`
          : `Written by longtake ${run.version}. This page needs no network; films are played from where they lie.`}</p>
      </footer>
    </>
  );
};
