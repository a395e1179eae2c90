// The run this page shows, as run.json has it, with the pictures that were drawn of it.
import { rate } from './format.js';

export const run = JSON.parse(document.getElementById('run').textContent);
export const timeline = run.timeline;
export const fps = timeline ? rate(timeline.rate) : 30;
export const seconds = timeline ? timeline.frames / fps : 0;
export const items = timeline ? timeline.segments : [];
export const planned = Object.fromEntries(run.shots.map((shot) => [shot.id, shot]));

const shotOf = (take) => (take in planned ? take : take.replace(/\+\d+$/, ''));
export const takesOf = (shot) => run.takes.filter((take) => shotOf(take.name) === shot);
export const failureOf = (shot) => run.failures.find((failure) => failure.shot === shot);
export const nameOf = (shot) => planned[shot]?.title || shot;

// A stretch of the film in which nothing else is seen begins where the transition into it is over.
export const chapters = items.map((item) => ({ at: item.start / fps, shot: item.shot, name: item.title || item.shot }));

// The middle one of a shot's frames.
export const middle = (pictures) => pictures?.frames[Math.floor(pictures.frames.length / 2)]?.file;

const listeners = new Set();
let film = null;
export const player = {
  attach(video) { film = video; },
  seek(at, play = false) {
    if (!film) return;
    film.currentTime = Math.max(0, Math.min(at + 1e-3, film.duration || at + 1));
    if (play) film.play().catch(() => {});
  },
  get video() { return film; },
  tell(at) { for (const listener of listeners) listener(at); },
  listen(listener) { listeners.add(listener); return () => listeners.delete(listener); },
};
