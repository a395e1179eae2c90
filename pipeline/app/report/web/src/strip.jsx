// The storyboard: every shot with its picture, its frames, what was asked for and what it cost.
import { useState } from 'preact/hooks';
import { clock, count, percent, usd, words } from './format.js';
import { Badge } from './parts.jsx';
import { failureOf, fps, items, live, nameOf, planned, player, run, takesOf, workOn } from './run.js';

const stateOf = (shot, takes, made) => {
  const failure = failureOf(shot);
  if (failure) return ['bad', failure.code];
  const work = workOn(shot);
  if (work) return ['now', work.total > 0 ? percent(work.done / work.total) : work.stage];
  if (planned[shot]?.kind !== 'generated') return ['plain', planned[shot]?.kind ?? 'clip'];
  const odd = takes.find((take) => take.state !== 'done');
  if (live && takes.length < (planned[shot].takes ?? 1) && takes.length > 0 && !made) return ['now', `${takes.length} of ${planned[shot].takes} takes`];
  return odd ? ['warn', odd.state] : takes.length || made ? ['good', 'done'] : ['plain', 'planned'];
};

const costOf = (takes) => takes.reduce((sum, take) => sum + (take.charged ?? take.estimate ?? 0), 0);

const Frames = ({ pictures, name }) => {
  const frames = pictures?.frames ?? [];
  const [shown, show] = useState(Math.floor(frames.length / 2));
  const big = frames[shown]?.file ?? pictures?.source;
  if (!big) return <div class="no-picture">no picture</div>;
  return (
    <div class="frames">
      <img class="big" src={big} alt={`Frame of ${name}`} loading="lazy" />
      {frames.length > 0 && <div class="small">
        {pictures?.source && <figure><img src={pictures.source} alt={`The picture ${name} was made from`} loading="lazy" /></figure>}
        {frames.map((frame, i) => (
          <button key={i} type="button" aria-label={`${name} at ${clock(frame.at, 1)}: show`} onMouseEnter={() => show(i)} onFocus={() => show(i)} onClick={() => player.seek(frame.at)}>
            <img src={frame.file} alt="" loading="lazy" />
          </button>
        ))}
      </div>}
    </div>
  );
};

const Shot = ({ id, item, pictures, number }) => {
  const plan = planned[id] ?? {};
  const takes = takesOf(id);
  const [kind, state] = stateOf(id, takes, Boolean(item));
  const length = item ? item.frames / fps : plan.seconds;
  const way = item?.transition;
  const paid = takes.some((take) => (take.estimate ?? 0) > 0);
  return (
    <li class="shot">
      <Frames pictures={pictures} name={nameOf(id)} />
      <div class="shot-text">
        <p class="shot-head"><span class="number">{number}</span><strong>{nameOf(id)}</strong><Badge kind={kind}>{state}</Badge></p>
        {plan.prompt && <p class="prompt">{plan.prompt}</p>}
        <p class="shot-foot">
          <span>{length?.toFixed(1)} s</span>
          {way?.frames > 0 && <span>{words(way.type)} {(way.frames / fps).toFixed(1)} s</span>}
          {plan.model && <span>{plan.model.startsWith(plan.provider) ? plan.model : `${plan.provider} ${plan.model}`}{plan.mode && plan.mode !== 'std' ? ` ${plan.mode}` : ''}</span>}
          {takes.length > 1 && <span>{count(takes.length, 'take')}</span>}
          {paid && <span>{usd(costOf(takes))}</span>}
        </p>
      </div>
    </li>
  );
};

export const Strip = () => {
  const shots = items.length ? items.map((item) => ({ id: item.shot, item })) : run.shots.map((shot) => ({ id: shot.id }));
  return (
    <ol class={`shots ${shots.length > 60 ? 'many' : ''}`}>
      {shots.map(({ id, item }, i) => <Shot key={i} id={id} item={item} number={i + 1} pictures={run.pictures.shots[i]} />)}
    </ol>
  );
};
