// How numbers are said. Times are seconds, money USD.
export const clock = (seconds, digits = 0) => {
  const whole = Math.max(0, seconds);
  const minutes = Math.floor(whole / 60);
  const rest = (whole - 60 * minutes).toFixed(digits);
  const [m, s] = Number(rest) >= 60 ? [minutes + 1, (0).toFixed(digits)] : [minutes, rest];
  return `${m}:${s.padStart(digits ? 3 + digits : 2, '0')}`;
};
export const span = (seconds) =>
  seconds >= 3600 ? `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`
  : seconds >= 90 ? `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
  : seconds >= 10 ? `${Math.round(seconds)} s`
  : seconds >= 0.1 ? `${seconds.toFixed(1)} s`
  : seconds > 0 ? '< 0.1 s' : '0 s';
export const bytes = (n) => n >= 1e9 ? `${(n / 1e9).toFixed(2)} GB` : n >= 1e6 ? `${(n / 1e6).toFixed(1)} MB` : `${Math.ceil(n / 1e3)} kB`;
export const usd = (n) => n === null || n === undefined ? '–' : n === 0 ? '$0' : `$${n.toFixed(n < 0.1 ? 3 : 2)}`;
export const rate = (text) => { const [over, under] = String(text).split('/').map(Number); return under ? over / under : over; };
export const fps = (text) => `${Number(rate(text).toFixed(3))} fps`;
export const percent = (share) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
export const when = (unix) => new Date(unix * 1000).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
export const count = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
export const words = (id) => id.replaceAll('_', ' ');
