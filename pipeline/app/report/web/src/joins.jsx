// How the shots meet: a score for each join over the film, its pictures, and what was taken off.
import { clock, words } from './format.js';
import { Badge, ticks, useWidth } from './parts.jsx';
import { nameOf, player, run, seconds } from './run.js';

const grade = (score) => (score >= 85 ? 'good' : score >= 60 ? 'warn' : 'bad');
const names = { repeat: 'repeated frames', colour: 'colour step', motion: 'motion', sharpness: 'sharpness', loudness: 'loudness step', click: 'click' };
const kinds = { duplicate: 'repeats its beginning', continuous: 'goes on', different: 'another shot', undecidable: 'hardly moves' };

const Plot = ({ seams }) => {
  const [ref, width] = useWidth();
  const left = 34, right = 10, top = 10, height = 170, bottom = 24;
  const x = (at) => left + (at / seconds) * Math.max(1, width - left - right);
  const y = (score) => top + (1 - score / 100) * (height - top - bottom);
  return (
    <div class="plot" ref={ref}>
      <svg width={width} height={height} viewBox={`0 0 ${Math.max(1, width)} ${height}`} role="img" aria-label={`Scores of ${seams.length} joins over the film; the lowest is ${Math.round(Math.min(...seams.map((seam) => seam.score)))} of 100`}>
        {[0, 50, 100].map((score) => (
          <g key={score}><line class="grid" x1={left} x2={width - right} y1={y(score)} y2={y(score)} /><text class="label end" x={left - 8} y={y(score) + 4}>{score}</text></g>
        ))}
        {ticks(0, seconds, width - left).map((tick) => <text key={tick} class="label middle" x={x(tick)} y={height - 6}>{clock(tick)}</text>)}
        {seams.map((seam, i) => (
          <g key={i} class={`stem ${grade(seam.score)}`}>
            <line x1={x(seam.seconds)} x2={x(seam.seconds)} y1={y(0)} y2={y(seam.score)} />
            <circle cx={x(seam.seconds)} cy={y(seam.score)} r="5"><title>{`${nameOf(seam.before)} to ${nameOf(seam.after)}: ${Math.round(seam.score)}`}</title></circle>
          </g>
        ))}
      </svg>
    </div>
  );
};

const Join = ({ seam, strip }) => {
  const lost = Object.entries(seam.penalties ?? {}).filter(([name, points]) => names[name] && points >= 0.05);
  const cut = seam.transition.frames === 0;
  return (
    <li class="join">
      <div class="join-head">
        <span class={`score ${grade(seam.score)}`}>{Math.round(seam.score)}</span>
        <div>
          <strong>{seam.before === seam.after ? `within ${nameOf(seam.before)}` : `${nameOf(seam.before)} → ${nameOf(seam.after)}`}</strong>
          <p class="note">{clock(seam.seconds, 1)} · {cut ? 'cut' : words(seam.transition.type)} · {kinds[seam.kind] ?? seam.kind}</p>
        </div>
        <button type="button" class="quiet" onClick={() => player.seek(Math.max(0, seam.seconds - 1.5), true)} aria-label={`Play the join at ${clock(seam.seconds, 1)}`}>Play</button>
      </div>
      {strip?.length > 0 && (
        <div class={`join-strip ${cut ? 'cut' : ''}`}>
          {strip.map((picture, i) => <img key={i} src={picture.file} alt={`Frame ${picture.frame}`} loading="lazy" />)}
        </div>
      )}
      <p class="lost">
        {lost.length === 0 ? <span class="note">nothing taken off</span>
          : lost.map(([name, points]) => <Badge key={name} kind={grade(100 - 2 * points)}>{names[name]} −{points.toFixed(1)}</Badge>)}
      </p>
    </li>
  );
};

export const Joins = () => (
  <>
    <Plot seams={run.seams} />
    <ol class={`joins ${run.seams.length > 60 ? 'many' : ''}`}>{run.seams.map((seam, i) => <Join key={i} seam={seam} strip={run.pictures.joins[i]} />)}</ol>
  </>
);
