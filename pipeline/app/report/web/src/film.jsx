// The film with its chapters.
import { useEffect, useRef, useState } from 'preact/hooks';
import { clock } from './format.js';
import { Badge } from './parts.jsx';
import { chapters, fps, middle, player, run, seconds } from './run.js';

const plays = (film) => film.there && /\.(mp4|m4v|mov|webm|mkv)$/i.test(film.name);
const poster = () => middle(run.pictures.shots[0]) ?? undefined;
const key = { ' ': 'play', k: 'play', j: -5, l: 5, ',': 'back', '.': 'on', '[': 'previous', ']': 'next' };

const chapterAt = (at) => chapters.findLastIndex((chapter) => chapter.at <= at + 1e-3);

const press = (event) => {
  const video = player.video;
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  const own = event.key === ' ' && (/^(BUTTON|SUMMARY|VIDEO|A)$/.test(event.target.tagName) || event.target.tabIndex === 0);
  const what = key[event.key];
  if (!video || typing || own || what === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const now = video.currentTime;
  const chapter = chapterAt(now);
  if (what === 'play') video.paused ? video.play().catch(() => {}) : video.pause();
  else if (what === 'back') player.seek(now - 1 / fps);
  else if (what === 'on') player.seek(now + 1 / fps);
  else if (what === 'previous') player.seek(chapters[Math.max(0, now - chapters[chapter].at < 1 ? chapter - 1 : chapter)].at);
  else if (what === 'next') player.seek(chapters[Math.min(chapters.length - 1, chapter + 1)].at);
  else player.seek(now + what);
};

export const Film = () => {
  const films = run.films.filter(plays);
  const [chosen, choose] = useState(0);
  const [current, setCurrent] = useState(0);
  const list = useRef(null);
  useEffect(() => {
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  useEffect(() => {
    const entry = list.current?.children[current];
    if (entry && !player.video?.paused) list.current.scrollTop = entry.offsetTop - list.current.offsetTop - 60;
  }, [current]);
  if (films.length === 0) {
    return <p class="empty">There is no file here that a browser plays{run.films.length ? ': see the files below.' : '.'}</p>;
  }
  const moved = (event) => {
    const at = event.target.currentTime;
    setCurrent(Math.max(0, chapterAt(at)));
    player.tell(at);
  };
  return (
    <div class="film">
      <div class="screen">
        <video key={films[chosen].url} ref={(video) => video && player.attach(video)} src={films[chosen].url} poster={poster()} controls preload="metadata"
          playsInline onTimeUpdate={moved} onSeeked={moved} aria-label={`The film ${run.title}`} />
        <div class="under-screen">
          {films.length > 1 && (
            <div class="choices" role="group" aria-label="File">
              {films.map((film, i) => (
                <button key={film.url} type="button" aria-pressed={i === chosen} onClick={() => choose(i)}>{film.preset || film.name}</button>
              ))}
            </div>
          )}
          <p class="keys"><kbd>space</kbd> play <kbd>J</kbd> <kbd>L</kbd> 5 s <kbd>,</kbd> <kbd>.</kbd> a frame <kbd>[</kbd> <kbd>]</kbd> a shot</p>
        </div>
      </div>
      <ol class="chapters" ref={list} aria-label="Chapters">
        {chapters.map((chapter, i) => (
          <li key={i}>
            <button type="button" aria-current={i === current ? 'true' : undefined} onClick={() => player.seek(chapter.at, true)}>
              <time>{clock(chapter.at)}</time><span>{chapter.name}</span>
              <small>{clock((chapters[i + 1]?.at ?? seconds) - chapter.at)}</small>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
};

export const Failures = () => run.failures.length + (run.message ? 1 : 0) > 0 && (
  <div class="failures" role="status">
    {run.message && <p><Badge kind="bad">{run.outcome}</Badge> {run.message}</p>}
    {run.failures.map((failure) => (
      <p key={failure.shot}><Badge kind="bad">{failure.code}</Badge> <strong>{failure.shot}</strong>: {failure.message}</p>
    ))}
  </div>
);
