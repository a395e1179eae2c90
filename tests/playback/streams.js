// Plays streams in the browser by one of several players and hands back what was seen and heard: of every presented frame the
// number drawn into it beside the one its time says, and the film's time at every beep.
const BITS = 10, FLASHES = 0.2; // seconds without a beep before the next one counts

const WORKLET = `registerProcessor('beeps', class extends AudioWorkletProcessor {
  constructor() { super(); this.quiet = 1e9; }
  process([input]) {
    for (const x of input[0] || []) {
      if (Math.abs(x) > 0.1) { if (this.quiet > ${FLASHES} * sampleRate) this.port.postMessage(0); this.quiet = 0; } else ++this.quiet;
    }
    return true;
  }
})`;

// Each attaches a player to a video element, told to fetch little ahead where sizes are to change; gives what switches to the next size, and what ends it.
const PLAYERS = {
  native: async (video, url) => { video.src = url; return {}; },
  'hls.js': async (video, url, errors, little) => {
    const hls = new Hls(little ? {maxBufferLength: 2, maxMaxBufferLength: 4} : {});
    hls.on(Hls.Events.ERROR, (_, data) => { if (data.fatal) errors.push(data.details); });
    hls.loadSource(url);
    hls.attachMedia(video);
    await new Promise((resolve) => hls.on(Hls.Events.MANIFEST_PARSED, resolve));
    let level = 0;
    return {next: () => { hls.loadLevel = level++ % hls.levels.length; }, end: () => hls.destroy()};
  },
  shaka: async (video, url, errors, little) => {
    const player = new shaka.Player();
    await player.attach(video);
    if (little) player.configure({streaming: {bufferingGoal: 4, rebufferingGoal: 1}});
    player.addEventListener('error', (event) => errors.push('shaka ' + event.detail.code));
    await player.load(url);
    let track = 0;
    const next = () => {
      player.configure({abr: {enabled: false}});
      const tracks = player.getVariantTracks();
      player.selectVariantTrack(tracks[track++ % tracks.length], false);
    };
    return {next, end: () => player.destroy()};
  },
  'dash.js': async (video, url, errors, little) => {
    const player = dashjs.MediaPlayer().create();
    player.on('error', (event) => errors.push('dash.js ' + (event.error && event.error.message)));
    if (little) player.updateSettings({streaming: {buffer: {bufferTimeDefault: 4, bufferTimeAtTopQuality: 4, bufferTimeAtTopQualityLongForm: 4}}});
    player.initialize(video, url, false);
    let quality = 0;
    const next = () => {
      player.updateSettings({streaming: {abr: {autoSwitchBitrate: {video: false}}, buffer: {fastSwitchEnabled: false}}});
      const all = player.getRepresentationsByType('video');
      player.setRepresentationForTypeByIndex('video', quality++ % all.length);
    };
    return {next, end: () => player.destroy()};
  },
};

// The number drawn as white and black boxes along the lower edge, lowest bit first, and its complement above it; -1 where they
// disagree: a picture between two.
function numberIn(context) {
  let number = 0;
  for (let bit = 0; bit < BITS; ++bit) {
    const white = (row) => context.getImageData(24 + 28 * bit, row, 1, 1).data[0] > 128;
    if (white(168) === white(152)) return -1;
    number |= white(168) << bit;
  }
  return number;
}

async function run(job) {
  const errors = [], frames = [], beeps = [], sizes = new Set();
  const video = document.createElement('video');
  video.preload = 'auto';
  document.body.replaceChildren(video);
  const audio = new AudioContext({latencyHint: 'interactive'});
  await audio.audioWorklet.addModule(URL.createObjectURL(new Blob([WORKLET], {type: 'text/javascript'})));
  const ears = new AudioWorkletNode(audio, 'beeps');
  audio.createMediaElementSource(video).connect(ears).connect(audio.destination);
  ears.port.onmessage = () => beeps.push(video.currentTime);
  const loaded = new Promise((resolve) => { video.onloadeddata = resolve; video.onerror = resolve; setTimeout(resolve, 15000); });
  const player = await PLAYERS[job.player](video, job.url, errors, job.switching);
  await loaded;
  const canvas = new OffscreenCanvas(320, 180).getContext('2d', {willReadFrequently: true});
  const look = () => {
    const frame = new VideoFrame(video); // knows its own time, where drawing the element may show the next one
    canvas.drawImage(frame, 0, 0, 320, 180);
    frames.push([Math.round(frame.timestamp / 1e6 * job.fps), numberIn(canvas)]);
    sizes.add(frame.codedHeight);
    frame.close();
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  const ended = () => new Promise((resolve) => { video.onended = resolve; video.onerror = resolve; setTimeout(resolve, (video.duration + 20) * 1000); });
  const result = {duration: video.duration};
  if (job.seek) {
    for (const second of job.seek) {
      video.pause();
      await new Promise((resolve) => { video.onseeked = resolve; video.currentTime = second - 0.45; setTimeout(resolve, 5000); });
      await video.play().catch((error) => errors.push(String(error)));
      await new Promise((resolve) => setTimeout(resolve, 900));
    }
  } else {
    const timer = job.switching && setInterval(player.next, 1000);
    const end = ended();
    await video.play().catch((error) => errors.push(String(error)));
    await end;
    clearInterval(timer);
    result.ended = video.ended;
  }
  if (video.error) errors.push(video.error.message);
  const gaps = [];
  for (let i = 1; i < video.buffered.length; ++i) gaps.push([video.buffered.end(i - 1), video.buffered.start(i)]);
  Object.assign(result, {errors, frames, beeps, sizes: [...sizes], begins: video.buffered.length ? video.buffered.start(0) : null, gaps});
  if (player.end) await player.end();
  await audio.close();
  return result;
}

(async () => {
  for (const job of await (await fetch('/jobs')).json()) {
    let result;
    try {
      result = await run(job);
    } catch (error) {
      result = {errors: [String(error.stack || error)], frames: [], beeps: [], sizes: []};
    }
    await fetch('/result/' + job.id, {method: 'POST', body: JSON.stringify(result)});
  }
  await fetch('/done', {method: 'POST', body: ''});
})();
