// What came out: every file with what decoding it measured, and its platform's rules.
import { bytes, clock, fps, percent, rate, words } from './format.js';
import { Badge, Facts, Scroll } from './parts.jsx';
import { run } from './run.js';

const link = (text) => text.split(/(https?:\/\/\S+)/).map((part, i) => (i % 2 ? <a key={i} href={part.replace(/[,;.]$/, '')} rel="noreferrer">{part}</a> : part));

const Rules = ({ check }) => check.rules.length > 0 && (
  <Scroll label={`Rules of ${check.preset}`}>
    <table class="rules">
      <thead><tr><th scope="col">Rule</th><th scope="col">Found</th><th scope="col">Accepted</th><th scope="col">Kept</th></tr></thead>
      <tbody>
        {check.rules.map((rule) => (
          <tr key={rule.rule} class={rule.kept ? '' : 'broken'}>
            <th scope="row">{words(rule.rule)}</th><td>{rule.found}</td><td>{rule.allowed || 'any'}</td>
            <td>{rule.kept ? <Badge kind="good">pass</Badge> : <Badge kind="bad">{rule.over || 'fail'}</Badge>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </Scroll>
);

const File = ({ file, check, film }) => {
  const seconds = file.frames / rate(file.rate);
  const broken = check?.rules.filter((rule) => !rule.kept).length ?? 0;
  const name = film?.name ?? file.file.split('/').pop();
  return (
    <li class="file">
      <header>
        <h3>{file.preset}</h3>
        {check?.rules.length > 0 ? (broken ? <Badge kind="bad">{broken} of {check.rules.length} rules broken</Badge> : <Badge kind="good">{check.rules.length} rules kept</Badge>)
          : <Badge kind="plain">checked</Badge>}
      </header>
      <p class="file-name">{film?.there ? <a href={film.url}>{name}</a> : name}</p>
      {check?.description && <p class="note">{check.description}</p>}
      <Facts rows={[
        ['Picture', `${file.size.replace('x', ' × ')}, ${fps(file.rate)}`],
        ['Codecs', [file.video_codec, file.audio_codec || 'silent'].join(', ')],
        ['Length', file.frames > 1 ? `${clock(seconds, 2)}, ${file.frames} frames` : null],
        ['Bytes', `${bytes(file.rungs?.length ? file.bytes : file.files[0].bytes)}${file.frames > 1 && seconds > 0 ? `, ${((file.rungs?.length ? file.bytes : file.files[0].bytes) * 8 / seconds / 1e6).toFixed(2)} Mbit/s` : ''}`],
        ['Beside it', file.files.length > 1 && !file.rungs?.length ? file.files.slice(1).map((each) => each.file.split('/').pop().split('.').pop()).join(', ') : null],
        ['Loudness', file.loudness == null ? null : `${file.loudness.toFixed(1)} LUFS${check?.target ? ` of ${check.target.loudness}` : ''}`],
        ['True peak', file.true_peak == null ? null : `${file.true_peak.toFixed(1)} dBTP${check?.target ? ` under ${check.target.true_peak}` : ''}`],
        ['Copied', file.copied > 0 ? `${percent(file.copied / file.frames)} of the frames, bit for bit` : null],
        ['Kept from before', file.reused > 0 ? `${file.reused} frames` : null],
        ['Encoded whole', file.rendered_because || null],
        ['Sizes', file.rungs?.length ? file.rungs.map((rung) => rung.name).join(', ') : null],
        ['SHA-256', <code class="hash">{file.sha256.slice(0, 16)}…</code>],
      ]} />
      {check && <Rules check={check} />}
      {check?.source && <p class="source">Rules {check.checked && `of ${check.checked}`}: {link(check.source)}</p>}
    </li>
  );
};

export const Files = () => (
  <ul class="files">
    {run.deliverables.map((file, i) => <File key={file.file} file={file} check={run.checks.find((check) => check.file === file.file)} film={run.films[i]} />)}
  </ul>
);
