// Plays films in the browser and hands back what it showed: for every presented frame its index and a small picture of it.
const WIDTH = 16, HEIGHT = 9;

function canvas() {
  const made = document.createElement('canvas');
  made.width = WIDTH;
  made.height = HEIGHT;
  return made.getContext('2d', {willReadFrequently: true});
}

function signature(video, context) {
  context.drawImage(video, 0, 0, WIDTH, HEIGHT);
  const data = context.getImageData(0, 0, WIDTH, HEIGHT).data;
  let text = '';
  for (let i = 0; i < data.length; i += 4) {
    for (let c = 0; c < 3; ++c) text += data[i + c].toString(16).padStart(2, '0');
  }
  return text;
}

function open(url) {
  const video = document.createElement('video');
  video.muted = true;
  video.preload = 'auto';
  video.width = 640;
  document.body.replaceChildren(video);
  return new Promise((resolve) => {
    video.onloadeddata = () => resolve(video);
    video.onerror = () => resolve(video);
    video.src = url;
  });
}

// Every presented frame of one playing from beginning to end.
async function linear(url, fps, rate) {
  const video = await open(url);
  const result = {error: video.error && video.error.message, duration: video.duration, frames: {}, conflicts: 0};
  if (video.error) return result;
  const context = canvas();
  let last = performance.now();
  const seen = (now, metadata) => {
    const index = Math.round(metadata.mediaTime * fps);
    const picture = signature(video, context);
    if (index in result.frames && result.frames[index] !== picture) ++result.conflicts;
    result.frames[index] = picture;
    last = performance.now();
    video.requestVideoFrameCallback(seen);
  };
  // the first frame is already shown: its callback may never come, so it is drawn here
  result.frames[0] = signature(video, context);
  video.requestVideoFrameCallback(seen);
  video.playbackRate = rate;
  const ended = new Promise((resolve) => {
    video.onended = resolve;
    video.onerror = resolve;
    const watch = setInterval(() => {
      if (performance.now() - last > 15000) {
        result.stalled = true;
        clearInterval(watch);
        resolve();
      }
    }, 1000);
  });
  await video.play().catch((error) => { result.error = String(error); });
  await ended;
  await new Promise((resolve) => setTimeout(resolve, 200));
  const quality = video.getVideoPlaybackQuality();
  result.total = quality.totalVideoFrames;
  result.dropped = quality.droppedVideoFrames;
  if (video.error) result.error = video.error.message;
  return result;
}

// The frames shown after seeking to each index, the middle of its time.
async function seeks(url, fps, indices) {
  const video = await open(url);
  const result = {error: video.error && video.error.message, frames: {}};
  if (video.error) return result;
  const context = canvas();
  for (const index of indices) {
    const shown = new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), 5000);
      video.requestVideoFrameCallback((now, metadata) => {
        clearTimeout(timer);
        resolve(metadata);
      });
    });
    const sought = new Promise((resolve) => { video.onseeked = resolve; setTimeout(resolve, 10000); });
    video.currentTime = (index + 0.5) / fps;
    await sought;
    await shown;
    result.frames[index] = signature(video, context);
  }
  if (video.error) result.error = video.error.message;
  return result;
}

async function work() {
  const jobs = await (await fetch('/jobs')).json();
  for (const job of jobs) {
    const result = job.seek ? await seeks(job.url, job.fps, job.seek) : await linear(job.url, job.fps, job.rate);
    await fetch('/result/' + job.id, {method: 'POST', body: JSON.stringify(result)});
  }
  await fetch('/done', {method: 'POST', body: ''});
}
work();
