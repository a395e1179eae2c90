// A run as `longtake watch` tells of it: the whole of it first, then each change.
const at = (whole, path) => path.reduce((place, key) => place[key], whole);

const steps = {
  set(watched, path, value) {
    if (path.length === 0) return value;
    at(watched, path.slice(0, -1))[path.at(-1)] = value;
    return watched;
  },
  cut(watched, path) {
    delete at(watched, path.slice(0, -1))[path.at(-1)];
    return watched;
  },
  add(watched, path, value, most) {
    const list = at(watched, path);
    list.push(value);
    if (list.length > most) list.shift();
    return watched;
  },
};

// `tell` is called with what is known, at most once for each picture that is drawn. A page that nobody looks at lets go of
// its connection, of which a browser has six for all its pages.
export const follow = (tell) => {
  let watched = null;
  let source = null;
  let asked = false;
  const news = (link) => {
    if (!watched) return;
    watched.link = link;
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; tell(watched); });
  };
  const open = () => {
    source = new EventSource('events');
    source.addEventListener('whole', (event) => { watched = JSON.parse(event.data); news('open'); });
    source.addEventListener('change', (event) => {
      for (const [step, ...rest] of JSON.parse(event.data)) watched = steps[step](watched, ...rest);
      news('open');
    });
    source.addEventListener('open', () => news('open'));
    source.addEventListener('error', () => news(source.readyState === EventSource.CLOSED ? 'gone' : 'lost'));
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) { source.close(); } else if (source.readyState === EventSource.CLOSED) { open(); }
  });
  open();
};

// Asks for something; gives why it cannot be, or nothing.
export const ask = async (what, run) => {
  try {
    const reply = await fetch('control', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ do: what, run }) });
    return reply.ok ? null : (await reply.json()).error;
  } catch {
    return 'longtake watch does not answer';
  }
};
