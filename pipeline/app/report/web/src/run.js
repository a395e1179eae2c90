// The run this page shows, as run.json has it, with the pictures that were drawn of it. While it goes on it comes again and
// again: what is made of it is made when it is drawn.
import { rate } from './format.js';

export let run, timeline, fps, seconds, items, planned, chapters;
export let rows = []; // of a batch
export let live = null; // what is known of a run that is watched, beside its record

export const show = (record, watched = null) => {
  run = record;
  live = watched;
  rows = watched?.rows ?? run.rows ?? [];
  timeline = run.timeline;
  fps = timeline ? rate(timeline.rate) : 30;
  seconds = timeline ? timeline.frames / fps : 0;
  items = timeline ? timeline.segments : [];
  planned = Object.fromEntries(run.shots.map((shot) => [shot.id, shot]));
  // A stretch of the film in which nothing else is seen begins where the transition into it is over.
  chapters = items.map((item) => ({ at: item.start / fps, shot: item.shot, name: item.title || item.shot }));
};

const shotOf = (take) => (take in planned ? take : take.replace(/\+\d+$/, ''));
export const takesOf = (shot) => run.takes.filter((take) => shotOf(take.name) === shot);
export const failureOf = (shot) => run.failures.find((failure) => failure.shot === shot);
export const nameOf = (shot) => planned[shot]?.title || shot;

// What is being made of a shot just now.
export const workOn = (shot) => live && Object.values(live.items).find((item) => item.stage !== 'deliver' && shotOf(item.what) === shot);

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
