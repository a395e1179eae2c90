// Where the window goes over footage of another shape.
import { nameOf, run } from './run.js';

const size = (text) => text.split('x').map(Number);

const Framing = ({ framing }) => {
  const [width, height] = size(framing.picture);
  const [w, h] = size(framing.window);
  const place = ([x, y]) => [Math.min(Math.max(x * width, w / 2), width - w / 2), Math.min(Math.max(y * height, h / 2), height - h / 2)];
  const centres = framing.centres.map(place);
  const middle = centres[Math.floor(centres.length / 2)];
  const first = centres[0], last = centres.at(-1);
  const box = ([x, y]) => ({ x: x - w / 2, y: y - h / 2, width: w, height: h });
  return (
    <li>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`The window of ${nameOf(framing.shot)} over its picture`}>
        {framing.file && <image href={framing.file} width={width} height={height} />}
        <path class="shade" fill-rule="evenodd" d={`M0 0H${width}V${height}H0ZM${middle[0] - w / 2} ${middle[1] - h / 2}v${h}h${w}v${-h}Z`} />
        <rect class="window end" {...box(first)} /><rect class="window end" {...box(last)} /><rect class="window" {...box(middle)} />
        <polyline class="path" points={centres.map((centre) => centre.join(',')).join(' ')} />
        <circle class="from" cx={first[0]} cy={first[1]} r={width / 90} /><circle class="to" cx={last[0]} cy={last[1]} r={width / 90} />
      </svg>
      <p><strong>{nameOf(framing.shot)}</strong> <span class="note">for {framing.canvas.replace('x', ' × ')}: {w} × {h} of {width} × {height}</span></p>
    </li>
  );
};

export const Framings = () => <ul class="framings">{run.pictures.framings.map((framing, i) => <Framing key={i} framing={framing} />)}</ul>;
