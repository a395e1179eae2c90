// What goes on just now, and what may be done about it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask } from './follow.js';
import { clock, count, percent, span, usd, words } from './format.js';
import { Copy } from './parts.jsx';
import { live, rows, run } from './run.js';

const states = {
  none: ['plain', 'waiting for a run'], running: ['now', 'running'], paused: ['warn', 'paused'], waiting: ['warn', 'waits for approval'],
  lost: ['bad', 'ended without a word'],
};
const outcomes = { done: ['good', 'done'], failed: ['bad', 'some of it failed'], interrupted: ['warn', 'cancelled'] };
export const badgeOf = ({ state }) => states[state] ?? outcomes[run.outcome] ?? ['bad', run.outcome || 'ended'];
const goesOn = () => ['running', 'paused', 'waiting'].includes(live.state);

// A button that asks; what money or work hangs on is asked twice.
const Ask = ({ what, sure, strong, children, say, disabled }) => {
  const [asking, setAsking] = useState(false);
  const send = async () => {
    setAsking(false);
    say(null);
    say(await ask(what, live.run));
  };
  if (asking) {
    return (
      <span class="sure" role="group" aria-label={sure}>
        <span>{sure}</span>
        <button type="button" class="act strong" autoFocus onClick={send}>Yes</button>
        <button type="button" class="act" onClick={() => setAsking(false)}>No</button>
      </span>
    );
  }
  return <button type="button" class={`act ${strong ? 'strong' : ''}`} disabled={disabled} onClick={sure ? () => setAsking(true) : send}>{children}</button>;
};

const Approval = ({ say }) => {
  const { takes, fresh, films, cost, provider, spent, priced_on: priced, rehearsal } = live.ask;
  const what = films ? `${count(films, 'film')} with ${count(takes, 'take')}` : `${fresh < takes ? `${fresh} of ${takes} takes` : count(takes, 'take')}${provider ? ` on ${provider}` : ''}`;
  return (
    <div class="approval" role="alert">
      <p><strong>{cost === null ? 'An amount that is not known' : usd(cost)}</strong>{rehearsal && ' of play money'} for {what}{priced && `, by the prices of ${priced}`}. {spent > 0 ? `${usd(spent)} are spent already. ` : ''}Nothing is sent before somebody approves.</p>
      {live.steers && live.control === 'own' && <p class="acts">
        <Ask what="approve" strong say={say} sure={cost === null ? 'Pay whatever it comes to?' : `Spend up to ${usd(cost)}?`}>Approve</Ask>
        <Ask what="cancel" say={say}>Do not</Ask>
      </p>}
    </div>
  );
};

const Controls = ({ say }) => {
  if (!live.steers) return null;
  if (live.control !== 'own') return <p class="note">Its batch steers this row.</p>;
  if (goesOn()) {
    return (
      <p class="acts">
        {live.state === 'paused' ? <Ask what="go_on" strong say={say}>Go on</Ask> : live.state === 'running' && <Ask what="pause" say={say}>Pause</Ask>}
        {live.state !== 'waiting' && <Ask what="cancel" say={say} sure="Cancel the run? What is finished is kept.">Cancel</Ask>}
      </p>
    );
  }
  if (!live.again) return run.command ? <p class="note">To go on, run its command again: it was not begun by you on this machine, or before this program could watch.</p> : null;
  const failed = rows.some((row) => !['done', 'kept', 'waiting', 'running', ''].includes(row.state));
  return (
    <p class="acts">
      <Ask what="resume" strong say={say} disabled={live.again.going}>{live.again.going ? 'Beginning …' : run.outcome === 'done' ? 'Run again' : 'Resume'}</Ask>
      {failed && <Ask what="retry" say={say} disabled={live.again.going}>Retry what failed</Ask>}
      <code class="again">{live.again.command}</code><Copy text={live.again.command} />
    </p>
  );
};

const Item = ({ item }) => {
  const share = item.total > 0 ? item.done / item.total : 0;
  const rate = item.at > item.began ? (item.done - item.from) / (item.at - item.began) : 0;
  const rest = rate > 0 && item.total > item.done && live.state === 'running' ? (item.total - item.done) / rate : 0;
  const name = `${words(item.stage)} ${item.what}`.trim();
  return (
    <li class="item">
      <span class="item-name">{name}</span>
      <progress max="1" value={share} aria-label={name}>{percent(share)}</progress>
      <span class="item-told">{item.total > 0 && percent(share)}{rest > 0 && `, ${span(rest)} left`}{rest > 0 && item.stage === 'deliver' && `, ${rate.toFixed(0)} fps`}</span>
    </li>
  );
};

// What waits, is at work and is done.
const queueOf = () => {
  const items = Object.values(live.items);
  if (live.kind === 'batch') {
    const have = (list) => rows.filter((row) => list.includes(row.state)).length;
    const done = have(['done', 'kept']), working = have(['running']), waiting = have(['waiting', '']);
    return [[done, 'done'], [working, 'at work'], [waiting, goesOn() ? 'waiting' : 'not made'], [rows.length - done - working - waiting, 'failed', 'bad-text']];
  }
  const takes = run.plan?.takes?.length ?? 0;
  const done = run.takes.filter((take) => take.state === 'done').length;
  const working = Math.max(items.filter((item) => item.stage !== 'deliver').length, run.takes.filter((take) => take.state === 'submitted').length);
  return takes > 0 ? [[Math.min(done, takes), `of ${count(takes, 'take')} done`], [working, 'at work'], [Math.max(0, takes - done - working), 'waiting']] : [];
};

export const Now = () => {
  const [told, say] = useState(null);
  const items = Object.values(live.items).filter((item) => item.stage !== 'batch');
  const all = live.items['batch rows'];
  const queue = queueOf();
  return (
    <section id="now" aria-label="Now">
      {live.link !== 'open' && <p class="link" role="status">{live.link === 'gone' ? 'longtake watch has ended; begin it again for a new address.' : 'The connection is lost; trying again …'}</p>}
      {live.state === 'waiting' && live.ask && <Approval say={say} />}
      <div class="desk">
        <div class="desk-head">
          {queue.length > 0 && <p class="queue">{queue.filter(([n], i) => n > 0 || i === 0).map(([n, text, kind]) => <span key={text} class={kind}><b>{n}</b> {text}</span>)}</p>}
          <Controls say={say} />
        </div>
        {all && goesOn() && <p class="note">{rows.filter((row) => !['waiting', 'running', ''].includes(row.state)).length} of {rows.length} {all.text}</p>}
        {items.length > 0 && goesOn() && <ul class="items">{items.slice(0, 24).map((item) => <Item key={`${item.stage} ${item.what}`} item={item} />)}</ul>}
        {live.state === 'none' && <p class="note">It is shown here as soon as it begins.</p>}
        {(told || live.said) && <pre class="said" role="alert">{told || live.said}</pre>}
      </div>
    </section>
  );
};

export const Log = () => {
  const list = useRef(null);
  const end = useRef(true);
  useEffect(() => { if (end.current && list.current) list.current.scrollTop = list.current.scrollHeight; });
  return (
    <div class="log" ref={list} tabIndex={0} role="log" aria-label="Log" aria-live="off"
      onScroll={({ currentTarget: now }) => { end.current = now.scrollHeight - now.scrollTop - now.clientHeight < 40; }}>
      <ol>{live.log.map((line, i) => (
        <li key={i} class={line.event}><time>{clock(line.at, 1)}</time><span><b>{[words(line.stage), line.what].filter(Boolean).join(' ') || line.event}</b> {line.text || (line.stage && line.event)}</span></li>
      ))}</ol>
    </div>
  );
};
