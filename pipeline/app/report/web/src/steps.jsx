// Where the time went.
import { span } from './format.js';
import { Scroll } from './parts.jsx';
import { run } from './run.js';

export const Steps = () => {
  const total = run.steps.reduce((most, step) => Math.max(most, step.began + step.seconds), Math.max(run.seconds, 0.001));
  const steps = [...run.steps].sort((a, b) => a.began - b.began);
  const shown = steps.filter((step) => !step.reused && step.seconds >= 0.005 * total);
  const stages = [...new Set(shown.map((step) => step.stage))];
  return <>
    <ul class="legend">{stages.map((stage, i) => <li key={stage} class={`stage-${i % 6}`}>{stage}</li>)}</ul>
    {shown.length > 0 && <Scroll label="Steps over time" class="steps-scroll">
      <ol class="steps">
        {shown.map((step, i) => (
          <li key={i}>
            <span class="step-name" title={step.what}>{step.what || step.stage}</span>
            <span class="step-track">
              <span class={`step stage-${stages.indexOf(step.stage) % 6}`} style={{ left: `${(100 * step.began) / total}%`, width: `${Math.max(0.3, (100 * step.seconds) / total)}%` }}
                title={`${step.stage} ${step.what}: ${span(step.seconds)}, from ${span(step.began)}`} />
            </span>
            <span class="step-time">{span(step.seconds)}</span>
          </li>
        ))}
      </ol>
    </Scroll>}
    <p class="note">{steps.length - shown.length > 0 && `${steps.length - shown.length} more steps took hardly any time, ${run.steps.filter((step) => step.reused).length} of them were there already. `}{run.seconds > 0 && `The whole run took ${span(run.seconds)}.`}</p>
  </>;
};
