import { render } from 'preact';
import { follow } from './follow.js';
import { Page } from './page.jsx';
import { run, show } from './run.js';
import './style.css';

const draw = () => {
  document.title = `${run.title || 'Film'} – longtake`;
  render(<Page />, document.getElementById('page'));
};

addEventListener('beforeprint', () => document.querySelectorAll('details').forEach((details) => { details.open = true; }));
const kept = document.getElementById('run');
if (kept) {
  show(JSON.parse(kept.textContent));
  draw();
} else {
  follow((watched) => { show(watched.record, watched); draw(); });
}
