// What was planned, reserved and charged: by service, and by shot.
import { count, usd } from './format.js';
import { Badge, Scroll } from './parts.jsx';
import { nameOf, run, takesOf } from './run.js';

const sum = (list, of) => list.reduce((total, each) => total + (of(each) ?? 0), 0);

const tables = () => {
  const plans = run.plan?.takes ?? [];
  const rows = (keys, planned, taken) => keys.map((name) => {
    const takes = taken(name);
    const lines = plans.filter((take) => planned(take, name));
    return {
      name,
      takes: takes.length || lines.length,
      planned: lines.some((line) => line.cost === null) ? null : sum(lines, (line) => line.cost),
      reserved: sum(takes, (take) => take.estimate),
      charged: takes.some((take) => take.charged !== null) ? sum(takes, (take) => take.charged) : null,
      play: takes.some((take) => take.rehearsal),
    };
  });
  const shots = [...new Set([...plans.map((take) => take.shot), ...run.shots.filter((shot) => takesOf(shot.id).length).map((shot) => shot.id)])];
  const services = [...new Set([...plans.map((take) => take.provider), ...run.takes.map((take) => take.provider)])];
  return {
    byShot: rows(shots, (take, name) => take.shot === name, takesOf),
    byService: rows(services, (take, name) => take.provider === name, (name) => run.takes.filter((take) => take.provider === name)),
  };
};

export const paid = () => sum(run.takes, (take) => take.estimate) + sum(run.plan?.takes ?? [], (take) => take.cost) + (run.plan?.cost?.amount ?? 0) + run.spent > 0;

const Table = ({ title, lines, named }) => {
  const most = Math.max(...lines.map((line) => Math.max(line.planned ?? 0, line.reserved, line.charged ?? 0)), 1e-9);
  return (
    <Scroll label={title}>
      <table class="money">
        <caption>{title}</caption>
        <thead><tr><th scope="col">{named}</th><th scope="col" class="num">Takes</th><th scope="col" class="num">Planned</th><th scope="col" class="num">Reserved</th><th scope="col" class="num">Charged</th><th scope="col" class="wide"><span class="sr">Share</span></th></tr></thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.name}>
              <th scope="row">{named === 'Shot' ? nameOf(line.name) : line.name}{line.play && <> <Badge kind="plain">play money</Badge></>}</th>
              <td class="num">{line.takes}</td><td class="num">{usd(line.planned)}</td><td class="num">{usd(line.reserved)}</td><td class="num">{usd(line.charged)}</td>
              <td class="wide"><span class="bar" style={{ width: `${(100 * (line.charged ?? line.reserved)) / most}%` }} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
};

export const Money = () => {
  const { byService, byShot } = tables();
  return <>
    <div class="sums">
      <p><b>{usd(run.plan?.cost?.amount)}</b><span>planned{run.plan?.cost?.priced_on && `, prices of ${run.plan.cost.priced_on}`}</span></p>
      <p><b>{usd(sum(run.takes, (take) => take.estimate))}</b><span>reserved for {count(run.takes.length, 'take')}</span></p>
      <p><b>{usd(run.takes.some((take) => take.charged !== null) ? sum(run.takes, (take) => take.charged) : null)}</b><span>charged, as the services said</span></p>
      <p><b>{usd(run.spent)}</b><span>spent by all runs of this film</span></p>
    </div>
    {byService.length > 0 && <Table title="By service" lines={byService} named="Service" />}
    {byShot.length > 0 && <Table title="By shot" lines={byShot} named="Shot" />}
  </>;
};
