// The film's time, to scale: shots and transitions, what lies over them, what is heard, and how every file's frames came to be.
import { useEffect, useRef, useState } from 'preact/hooks';
import { clock, count, percent, rate, words } from './format.js';
import { Scroll, ticks, useWidth } from './parts.jsx';
import { fps, items, middle, nameOf, player, run, seconds, timeline } from './run.js';

const at = (from, to) => ({ left: `${(100 * from) / seconds}%`, width: `${(100 * (to - from)) / seconds}%` });

// A file's frames; where nothing is said of them it was encoded in one go.
const spansOf = (file) => {
  const own = rate(file.rate);
  const told = file.spans.length ? file.spans : [{ kind: 'encode', at: 0, frames: file.frames, reason: file.rendered_because || 'encoded in one go', shot: '' }];
  return told.map((span) => ({
    from: span.at / own, to: (span.at + span.frames) / own, kind: span.kind === 'copy' ? 'copied' : 'encoded',
    text: '', told: `${span.kind === 'copy' ? 'copied bit for bit' : `encoded: ${span.reason}`} (${count(span.frames, 'frame')}${span.shot ? `, ${nameOf(span.shot)}` : ''})`,
  }));
};
const filmsOf = () => run.deliverables.filter((file) => file.frames > 1);

// Entry: {from, to (seconds), kind, text, told}
const shots = () => items.map((item, i) => ({
  picture: middle(run.pictures.shots[i]),
  from: item.start / fps, to: (item.start + item.frames) / fps, kind: 'shot', text: nameOf(item.shot),
  told: `${nameOf(item.shot)}, ${clock(item.start / fps, 1)} to ${clock((item.start + item.frames) / fps, 1)}`,
}));
const ways = () => items.filter((item, i) => i > 0 && item.transition.frames > 0).map(({ shot, start, transition }) => {
  const from = (start - (transition.held ? transition.frames : 0)) / fps;
  return {
    from, to: from + transition.frames / fps, kind: 'way', text: '',
    told: `${words(transition.type)} of ${(transition.frames / fps).toFixed(2)} s into ${nameOf(shot)}${transition.held ? ', which stands still meanwhile' : ''}`,
  };
});
const overlays = () => (timeline?.overlays ?? []).map((overlay) => {
  const text = overlay.curtain ? 'fade to black' : overlay.texts?.map((line) => line.text).join(' / ') || 'logo';
  return { from: overlay.from / fps, to: overlay.to / fps, kind: 'text', text, told: `text: ${text}` };
});
const spoken = () => (timeline?.captions?.list ?? []).map((caption) => ({ from: caption.from, to: caption.to, kind: 'said', text: caption.text, told: `caption: ${caption.text}` }));
const voices = () => (timeline?.voices ?? []).map((voice) => ({ from: voice.from / fps, to: voice.to / fps, kind: 'voice', text: 'voice', told: `voice: ${voice.file.split('/').pop()}` }));
const music = () => timeline?.music ? [{ from: 0, to: seconds, kind: 'music', text: timeline.music.file.split('/').pop(), told: `music: ${timeline.music.file.split('/').pop()}, ${timeline.music.gain_db} dB` }] : [];

const lanesOf = () => [
  ['Shots', [...shots(), ...ways()], 'tall'], ['Texts', overlays()], ['Captions', spoken()], ['Voices', voices()], ['Music', music()],
  ...filmsOf().map((file) => [file.preset, spansOf(file)]),
].filter(([, entries]) => entries.length);

const Lane = ({ name, entries, kind, say }) => (
  <div class={`lane ${kind ?? ''}`}>
    <span class="lane-name">{name}</span>
    <div class="lane-track">
      {entries.map((entry, i) => (
        <span key={i} class={`entry is-${entry.kind} ${entry.kind === 'shot' && i % 2 ? 'odd' : ''}`} style={{ ...at(entry.from, entry.to), backgroundImage: entry.picture && `url("${entry.picture}")` }} title={entry.told}
          onMouseEnter={() => say(entry.told)}><b>{entry.text}</b></span>
      ))}
    </div>
  </div>
);

export const Lanes = () => {
  const [ref, width] = useWidth();
  const [zoom, setZoom] = useState(1);
  const [told, say] = useState('');
  const head = useRef(null);
  useEffect(() => player.listen((now) => { if (head.current) head.current.style.left = `${(100 * now) / seconds}%`; }), []);
  const seek = (event) => {
    const track = event.currentTarget.querySelector('.lane-track').getBoundingClientRect();
    if (event.clientX >= track.left) player.seek(((event.clientX - track.left) / track.width) * seconds);
  };
  return (
    <div class="lanes">
      <div class="lanes-bar">
        <ul class="legend">
          <li class="copied">copied</li><li class="encoded">encoded</li><li class="way">transition</li>
        </ul>
        <label class="zoom">Zoom <input type="range" min="1" max="12" step="0.5" value={zoom} onInput={(event) => setZoom(Number(event.target.value))} /></label>
      </div>
      <Scroll label="Timeline" class="lanes-scroll">
        <div class="lanes-in" ref={ref} style={{ width: `${100 * zoom}%` }} onClick={seek}>
          <div class="lane ruler">
            <span class="lane-name" aria-hidden="true" />
            <div class="lane-track">
              {ticks(0, seconds, Math.max(1, width - 130), 70).map((tick) => <span key={tick} class="tick" style={{ left: `${(100 * tick) / seconds}%` }}>{clock(tick)}</span>)}
            </div>
          </div>
          {lanesOf().map(([name, entries, kind]) => <Lane key={name} name={name} entries={entries} kind={kind} say={say} />)}
          <div class="head-track" aria-hidden="true"><i ref={head} /></div>
        </div>
      </Scroll>
      <p class="told" aria-live="off">{told || 'Point at a piece to read what it is; a click goes there in the film.'}</p>
      <details class="table-of">
        <summary>How each file’s frames were made, as a table</summary>
        {filmsOf().map((file) => <Made key={file.file} file={file} />)}
      </details>
    </div>
  );
};

const Made = ({ file }) => {
  const encoded = file.frames - file.copied;
  const spans = spansOf(file);
  return (
    <Scroll label={`Frames of ${file.preset}`}>
      <table>
        <caption>{file.preset}: {percent(file.copied / file.frames)} copied, {percent(encoded / file.frames)} encoded{file.reused ? `, of which ${count(file.reused, 'frame')} were kept from before` : ''}</caption>
        <thead><tr><th scope="col">From</th><th scope="col">To</th><th scope="col">How</th></tr></thead>
        <tbody>
          {spans.slice(0, 400).map((span, i) => <tr key={i}><td>{clock(span.from, 2)}</td><td>{clock(span.to, 2)}</td><td>{span.told}</td></tr>)}
        </tbody>
      </table>
      {spans.length > 400 && <p class="note">and {spans.length - 400} more, in run.json</p>}
    </Scroll>
  );
};
