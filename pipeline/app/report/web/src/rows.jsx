// A batch: its rows with their films.
import { Component } from 'preact';
import { useReducer, useState } from 'preact/hooks';
import { clock, count, percent, span, usd } from './format.js';
import { Badge, Copy } from './parts.jsx';
import { live, rows, run } from './run.js';

// What whoever looks it through has ticked off, kept by their browser.
const place = `approved ${location.pathname}`;
const approved = new Set(JSON.parse(localStorage.getItem(place) ?? '[]'));
const tick = (name, on) => {
  if (on) approved.add(name); else approved.delete(name);
  localStorage.setItem(place, JSON.stringify([...approved]));
};

const groupOf = ({ state }) => ['done', 'kept'].includes(state) ? 'done' : state === 'running' ? 'at work' : state === 'waiting' || state === '' ? 'waiting' : 'failed';
const badgeOf = (row) => ({ done: ['good', row.state === 'kept' ? 'done before' : 'done'], 'at work': ['now', percent(row.share)], waiting: ['plain', 'waiting'], failed: ['bad', row.state] })[groupOf(row)];

const First = ({ row }) => {
  const [film] = row.films;
  const picture = row.poster ? <img src={row.poster} alt={`A frame of ${row.name}`} loading="lazy" decoding="async" />
    : <span class="no-picture">{groupOf(row) === 'at work' ? <progress max="1" value={row.share} aria-label={row.name} /> : 'no film yet'}</span>;
  return film?.there ? <a class="poster" href={film.url} target="_blank" rel="noreferrer" aria-label={`Play ${row.name}`}>{picture}</a> : picture;
};

// Drawn anew only when its row is another: there are thousands.
class Row extends Component {
  shouldComponentUpdate(next) { return next.row !== this.props.row || next.on !== this.props.on; }

  render({ row, on, ticked }) {
    const [kind, word] = badgeOf(row);
    return (
      <li class="row">
        <First row={row} />
        <div class="shot-text">
          <p class="shot-head"><span class="number">{row.number}</span><strong>{row.name}</strong><Badge kind={kind}>{word}</Badge></p>
          {row.message && groupOf(row) === 'failed' && <p class="why">{row.message} <Copy text={`${run.command} --only ${row.name}`} name="Copy its command" /></p>}
          <p class="shot-foot">
            {row.seconds > 0 && <span>{clock(row.seconds, 1)} long</span>}
            {row.took > 0 && <span>made in {span(row.took)}</span>}
            {row.paid > 0 && <span>{usd(row.paid)}</span>}
            {Object.entries(row.tags ?? {}).map(([name, value]) => <span key={name}>{name}: {String(value)}</span>)}
          </p>
          {row.films.length > 1 && <p class="row-films">{row.films.map((film) => (film.there
            ? <a key={film.url} href={film.url} target="_blank" rel="noreferrer">{film.preset || film.name}</a> : <span key={film.url}>{film.preset || film.name}</span>))}</p>}
          {!live && groupOf(row) === 'done' && <label class="approve"><input type="checkbox" checked={on} onChange={(event) => { tick(row.name, event.target.checked); ticked(); }} /> approved</label>}
        </div>
      </li>
    );
  }
}

export const Rows = () => {
  const [shown, show] = useState('all');
  const [, ticked] = useReducer((n) => n + 1, 0);
  const open = (row) => groupOf(row) === 'done' && !approved.has(row.name);
  const sieves = { all: () => true, 'to be approved': open };
  const of = (group) => rows.filter(sieves[group] ?? ((row) => groupOf(row) === group));
  const groups = ['all', 'at work', 'done', 'failed', 'waiting', ...(live ? [] : ['to be approved'])].map((group) => [group, of(group).length]);
  const some = of(shown);
  return (
    <>
      <div class="rows-bar">
        <div class="choices" role="group" aria-label="Which rows">
          {groups.filter(([group, n]) => n > 0 || group === shown).map(([group, n]) => <button key={group} type="button" aria-pressed={shown === group} onClick={() => show(group)}>{group} {n}</button>)}
        </div>
        {!live && <p class="acts note">{approved.size} approved {approved.size > 0 && <Copy text={[...approved].join('\n')} name="Copy their names" />}</p>}
      </div>
      <ol class="rows" aria-label={count(some.length, 'row')}>{some.map((row) => <Row key={row.number + row.name} row={row} on={approved.has(row.name)} ticked={ticked} />)}</ol>
    </>
  );
};
