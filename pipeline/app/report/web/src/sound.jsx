// How loud the film is, from its beginning to its end.
import { clock } from './format.js';
import { Facts, ticks, useWidth } from './parts.jsx';
import { run } from './run.js';

const lowest = -42;

export const Sound = () => {
  const [ref, width] = useWidth();
  const { step, short_term: loudness, peaks, preset } = run.sound;
  const file = run.deliverables.find((made) => made.file === run.sound.file) ?? {};
  const target = run.checks.find((check) => check.file === run.sound.file)?.target;
  const left = 40, right = 10, top = 8, height = 240, bottom = 24;
  const end = loudness.length * step;
  const x = (at) => left + (at / end) * Math.max(1, width - left - right);
  const y = (level) => top + (Math.min(0, -Math.max(lowest, level)) === 0 && level >= 0 ? 0 : -Math.max(lowest, level) / -lowest) * (height - top - bottom);
  const line = loudness.map((level, i) => `${x((i + 1) * step).toFixed(1)},${y(level).toFixed(1)}`).join(' ');
  const wide = Math.max(1, ((width - left - right) / peaks.length) * 0.7);
  const over = target ? peaks.filter((peak) => peak > target.true_peak + 0.05).length : 0;
  return (
    <>
      <div class="plot" ref={ref}>
        <svg width={width} height={height} viewBox={`0 0 ${Math.max(1, width)} ${height}`} role="img" aria-label={`Loudness over ${clock(end)}: ${file.loudness?.toFixed(1)} LUFS integrated, the highest true peak ${file.true_peak?.toFixed(1)} dBTP`}>
          {target && <rect class="band" x={left} width={Math.max(0, width - left - right)} y={y(target.loudness + target.tolerance)} height={y(target.loudness - target.tolerance) - y(target.loudness + target.tolerance)} />}
          {[0, -10, -20, -30, -40].map((level) => (
            <g key={level}><line class="grid" x1={left} x2={width - right} y1={y(level)} y2={y(level)} /><text class="label end" x={left - 8} y={y(level) + 4}>{level}</text></g>
          ))}
          {peaks.map((peak, i) => peak > lowest && (
            <rect key={i} class={`peak ${target && peak > target.true_peak + 0.05 ? 'over' : ''}`} x={x(i * step)} width={wide} y={y(peak)} height={Math.max(1, y(lowest) - y(peak))} />
          ))}
          {target && <line class="target" x1={left} x2={width - right} y1={y(target.loudness)} y2={y(target.loudness)} />}
          {target && <line class="ceiling" x1={left} x2={width - right} y1={y(target.true_peak)} y2={y(target.true_peak)} />}
          <polyline class="loudness" points={line} />
          {ticks(0, end, width - left).map((tick) => <text key={tick} class="label middle" x={x(tick)} y={height - 6}>{clock(tick)}</text>)}
        </svg>
      </div>
      <ul class="legend sound-legend">
        <li class="line-loud">short-term, LUFS</li><li class="peak">true peaks, dBTP</li>
        {target && <li class="line-target">target {target.loudness} LUFS ± {target.tolerance}</li>}
        {target && <li class="line-ceiling">ceiling {target.true_peak} dBTP</li>}
      </ul>
      <Facts rows={[
        ['Integrated', file.loudness != null && `${file.loudness.toFixed(1)} LUFS`],
        ['Highest true peak', file.true_peak != null && `${file.true_peak.toFixed(1)} dBTP${over ? `, ${over} over the ceiling` : ''}`],
        ['The limiter took off', file.limited_db > 0.05 && `${file.limited_db.toFixed(1)} dB at most`],
        ['Out of reach', file.out_of_reach != null && `${file.out_of_reach.toFixed(1)} LUFS were asked for; the peaks allow less`],
        ['Measured on', preset],
      ].map(([name, value]) => [name, value || null])} />
    </>
  );
};
