// Small things that several sections are made of.
import { useEffect, useRef, useState } from 'preact/hooks';

export const Section = ({ id, title, note, children }) => (
  <section id={id} aria-labelledby={`${id}-title`}>
    <header class="section-head">
      <h2 id={`${id}-title`}>{title}</h2>
      {note && <p class="note">{note}</p>}
    </header>
    {children}
  </section>
);

export const Badge = ({ kind, children }) => <span class={`badge ${kind}`}>{children}</span>;

export const Facts = ({ rows }) => (
  <dl class="facts">
    {rows.filter(([, value]) => value !== null && value !== undefined && value !== '').map(([name, value]) => (
      <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
    ))}
  </dl>
);

// Wide things scroll within themselves; a keyboard has to reach them to scroll them.
export const Scroll = ({ label, children, class: kind = '' }) => (
  <div class={`scroll ${kind}`} tabIndex={0} role="region" aria-label={label}>{children}</div>
);

export const useWidth = () => {
  const ref = useRef(null);
  const [width, set] = useState(0);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => set(Math.round(entry.contentRect.width)));
    watch.observe(ref.current);
    return () => watch.disconnect();
  }, []);
  return [ref, width];
};

// Round steps for an axis: about one label every `room` pixels.
export const ticks = (from, to, width, room = 90) => {
  const wanted = ((to - from) * room) / Math.max(width, room);
  const step = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].find((each) => each >= wanted) ?? 7200;
  const list = [];
  for (let at = Math.ceil(from / step) * step; at <= to + 1e-6; at += step) list.push(at);
  return list;
};

export const Copy = ({ text, name = 'Copy' }) => {
  const [done, set] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // a page from a disk may not, in some browsers
      const area = Object.assign(document.createElement('textarea'), { value: text });
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
    set(true);
    setTimeout(() => set(false), 1500);
  };
  return <button type="button" class="quiet" onClick={copy}>{done ? 'Copied' : name}</button>;
};
