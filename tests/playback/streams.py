#!/usr/bin/env python3
"""Makes a film of flashes, beeps and numbered frames, delivers it as a stream, and plays that in headless Chromium (natively, hls.js,
Shaka Player, dash.js), GStreamer and mpv: to the end, after ten seeks (not in mpv), and with another size at every segment. No wrong
frame, and sound with its picture within 15 ms everywhere.

    streams.py [--preset stream/cmaf] [--player NAME] [--seconds 24]

Players' JavaScript comes from npm (package.json, `npm install` in this folder, or --modules DIR).
"""
import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests/bench/stitch"))
import browser  # noqa: E402
import media  # noqa: E402

FPS, BITS, LIMIT = 30, 10, 0.015
SCRIPTS = {"hls.js": "hls.js/dist/hls.min.js", "shaka": "shaka-player/dist/shaka-player.compiled.js",
           "dash.js": "dashjs/dist/modern/umd/dash.all.min.js"}


def clip(path, first, frames):
    """Frame n of the film says n + first in boxes, their complement above them, flashes white in its middle for two frames at every
    full second, when it beeps."""
    def number(row, colour, negate):
        one = "not(mod(floor((n+{0})/{1}),2))" if negate else "mod(floor((n+{0})/{1}),2)"
        return [f"drawbox=x={32 + 56 * b}:y={row}:w=32:h=32:t=fill:color={colour}:enable='{one.format(first, 2 ** b)}'"
                for b in range(BITS)]
    boxes = ["drawbox=x=0:y=280:w=640:h=80:t=fill:color=black", *number(320, "white", False), *number(288, "white", True),
             "drawbox=x=270:y=140:w=100:h=80:t=fill:color=black",
             f"drawbox=x=270:y=140:w=100:h=80:t=fill:color=white:enable='lt(mod(n+{first},{FPS}),2)'"]
    offset = first / FPS
    media.run("ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", f"testsrc2=s=640x360:r={FPS}", "-f", "lavfi", "-i",
              f"aevalsrc=if(lt(mod(t+{offset}\\,1)\\,0.066)\\,0.6*sin(2*PI*1000*t)\\,0):s=48000", "-vf", ",".join(boxes), "-frames:v",
              frames, "-t", frames / FPS, "-c:v", "libx264", "-preset", "veryfast", "-crf", "10", "-bf", "2", "-c:a", "pcm_s16le", path)


def delivered(options, work):
    """The film's folder: two clips that dissolve, chapters, captions."""
    half = int(options.seconds * FPS) // 2
    clip(work / "one.mov", 0, half)
    clip(work / "two.mov", half, half)
    (work / "said.srt").write_text("1\n00:00:01,000 --> 00:00:03,000\nFirst\n")
    board = {"schema": "longtake/storyboard/1", "title": "beeps", "size": "640x360", "fps": FPS,
             "captions": {"file": "said.srt", "as": ["soft"], "language": "en"}, "audio": {"loudness": -20},
             "shots": [{"id": "one", "clip": "one.mov"},
                       {"id": "two", "clip": "two.mov", "transition": {"type": "dissolve", "seconds": 0.5, "timing": "hold"}}]}
    (work / "film.json").write_text(json.dumps(board))
    media.run(options.longtake, "run", work / "film.json", "-o", work / "out", "-p", options.preset, "-q", stdout=subprocess.DEVNULL)
    [folder] = (work / "out").iterdir()
    mixed = range(half - FPS // 2 - 2, half + 2) # frames whose number is drawn over another
    return folder, 2 * half, mixed


def late(beeps):
    """How much later than its second each beep was heard, in seconds; the one at 0 begins with the sound's fade-in."""
    return [beep - round(beep) for beep in beeps if beep > 0.5]


def frame_faults(result, mixed, count=None):
    """`count`: of frames that are to be seen, but for what a busy machine drops."""
    shown = [(at, number) for at, number in result["frames"] if at not in mixed]
    wrong = [pair for pair in shown if pair[0] != pair[1]]
    faults = [f"wrong frames (time, shown): {wrong[:5]} of {len(shown)}"] if wrong else []
    if count and len({at for at, _ in shown}) < 0.5 * count:
        faults.append(f"{len(shown)} frames seen of {count}")
    return faults


def chromium_jobs(players, folder, seeks):
    jobs = []
    for player in players:
        for manifest in ("master.m3u8", "manifest.mpd"):
            hls = manifest.endswith("m3u8")
            if not (folder / manifest).exists() or (hls and player == "dash.js") or (not hls and player in ("native", "hls.js")):
                continue
            one = {"player": player, "url": "/" + manifest, "fps": FPS}
            jobs.append({"id": f"{player} {manifest} linear", **one})
            jobs.append({"id": f"{player} {manifest} seeks", **one, "seek": seeks})
            if player != "native":
                jobs.append({"id": f"{player} {manifest} switching", **one, "switching": True})
    return jobs


def in_chromium(options, work, folder, count, mixed, seeks):
    """What an ordinary file sounds like there is what the others are held against."""
    plain = work / "plain.mp4"
    media.run("ffmpeg", "-v", "error", "-y", "-i", folder / "360p.mp4", "-i", folder / "sound.mp4", "-c", "copy", plain)
    files = {"/" + file.name: file for file in folder.iterdir()} | {"/plain.mp4": plain}
    files |= {"/" + name: options.modules / path for name, path in SCRIPTS.items()}
    jobs = [{"id": "plain file", "player": "native", "url": "/plain.mp4", "fps": FPS}]
    jobs += chromium_jobs([one for one in options.player if one not in ("gstreamer", "mpv")], folder, seeks)
    results = browser.play(files, jobs, 60 + len(jobs) * (options.seconds + 25), [*SCRIPTS, "streams.js"])
    usual = statistics.median(late(results["plain file"]["beeps"]))
    for job in jobs:
        result = results.get(job["id"], {"errors": ["no answer"], "frames": [], "beeps": [], "sizes": []})
        faults = result["errors"] + frame_faults(result, mixed, None if "seek" in job else count)
        beeps = [one - usual for one in late(result["beeps"])]
        off = statistics.median(beeps) if beeps else None
        if off is None or abs(off) > LIMIT:
            faults.append(f"sound is off by {off}")
        if job.get("switching") and len(result["sizes"]) < 2:
            faults.append("the size never changed")
        if result.get("gaps"):
            faults.append(f"gaps in what is buffered: {result['gaps']}")
        yield (f"chromium, {job['id']}", f"{len(result['frames'])} frames, {len(result['sizes'])} sizes, {len(beeps)} beeps "
               f"{1000 * (off or 0):+.1f} ms (a plain file: {1000 * usual:+.1f})", faults)


def apart(flashes, beeps, mixed):
    """The largest distance of a beep from its flash but the first, which begins with the sound's fade-in, and those of the dissolve,
    in which one flash shows through another picture."""
    flashes = [flash for flash in flashes if not mixed.start / FPS - 0.05 < flash < mixed.stop / FPS + 0.05]
    beeps = [beep for beep in beeps if not mixed.start / FPS - 0.05 < beep < mixed.stop / FPS + 0.05]
    pairs = [(min(flashes, key=lambda flash: abs(flash - beep)), beep) for beep in beeps if beep > 0.5 and flashes]
    return max((abs(flash - beep) for flash, beep in pairs), default=None)


def in_gstreamer(folder, url, seeks, mixed):
    for manifest in ("master.m3u8", "manifest.mpd"):
        if not (folder / manifest).exists():
            continue
        done = subprocess.run(["/usr/bin/python3", HERE / "streams_gstreamer.py", f"{url}/{manifest}", *map(str, seeks)],
                              capture_output=True, text=True, timeout=600)
        if done.returncode:
            yield f"gstreamer, {manifest}", "", [done.stderr.strip()[-300:]]
            continue
        told = json.loads(done.stdout)
        whole = apart(told["flashes"], told["beeps"], mixed)
        after = [apart(*pair, mixed) for pair in told["seeks"]]
        faults = told["errors"] + [f"sound is off by {one}" for one in [whole, *after] if one is None or one > LIMIT]
        begins = abs(told["flashes"][1] - 1)
        if begins > 0.001:
            faults.append(f"pictures are {begins:.3f} s off")
        yield (f"gstreamer, {manifest}", f"{len(told['flashes'])} flashes, {len(told['beeps'])} beeps, at most "
               f"{1000 * (whole or 0):.1f} ms apart, after {len(after)} seeks {1000 * max(filter(None, after), default=0):.1f} ms", faults)


def flashes_and_beeps(path):
    """Of a file, by ffmpeg."""
    seen = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-map", "0:v:0", "-vf",
                           "crop=iw/10:ih/10,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-", "-f", "null", "-"],
                          capture_output=True, text=True).stdout.splitlines()
    lights = [(float(at.split("pts_time:")[1].split()[0]), float(light.split("=")[1]) > 128) for at, light in zip(seen[::2], seen[1::2])]
    flashes = [at for (at, lit), (_, before) in zip(lights, [(0, False), *lights]) if lit and not before]
    heard = subprocess.run(["ffmpeg", "-v", "info", "-nostdin", "-i", path, "-map", "0:a:0", "-af", "silencedetect=n=-20dB:d=0.2", "-f",
                            "null", "-"], capture_output=True, text=True).stderr
    beeps = [float(line.split("silence_end: ")[1].split()[0]) for line in heard.splitlines() if "silence_end" in line]
    return flashes, [beep for beep in beeps if flashes and beep < flashes[-1] + 0.5] # the last silence ends with the file


def in_mpv(folder, work, mixed):
    """As it would play it, written to a file. FFmpeg 5.1, which reads for it, refuses manifests with WebVTT and cannot seek in HLS of
    fragmented MP4, not in its own either (findings/ffmpeg-dash-webvtt-refused.sh, findings/ffmpeg-hls-fmp4-seek.sh)."""
    if (folder / "manifest.mpd").exists():
        text = (folder / "manifest.mpd").read_text()
        before, _, after = text.partition('<AdaptationSet contentType="text"')
        (folder / "no-captions.mpd").write_text(before + after.partition("</AdaptationSet>")[2] if after else text)
    for manifest in ("master.m3u8", "no-captions.mpd"):
        if not (folder / manifest).exists():
            continue
        out = work / "mpv.mkv"
        done = subprocess.run(["mpv", "--no-config", "--ovc=ffv1", "--oac=pcm_s16le", f"--o={out}", folder / manifest],
                              capture_output=True, text=True, timeout=300)
        flashes, beeps = flashes_and_beeps(out)
        whole = apart(flashes, beeps, mixed)
        faults = [done.stdout[-300:]] if done.returncode else []
        if whole is None or whole > LIMIT:
            faults.append(f"sound is off by {whole}")
        yield f"mpv, {manifest}", f"{len(flashes)} flashes, {len(beeps)} beeps, at most {1000 * (whole or 0):.1f} ms apart", faults
        out.unlink(missing_ok=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = ["native", *SCRIPTS, "gstreamer", "mpv"]
    parser.add_argument("--preset", default="stream/cmaf")
    parser.add_argument("--player", action="append", choices=names, help="only this one (may be repeated)")
    parser.add_argument("--seconds", type=float, default=24)
    parser.add_argument("--longtake", default=ROOT / "build/release/longtake", help="the program")
    parser.add_argument("--modules", type=pathlib.Path, default=HERE / "node_modules", help="where npm put the players")
    options = parser.parse_args()
    options.player = options.player or names
    if not options.modules.exists():
        parser.error(f"{options.modules} is not there: `npm install` in {HERE}, or --modules DIR")
    bad = 0
    with tempfile.TemporaryDirectory(prefix="longtake-streams-") as temporary:
        work = pathlib.Path(temporary)
        folder, count, mixed = delivered(options, work)
        seconds = int(options.seconds)
        apart_of = next(step for step in (7, 5, 3, 1) if (seconds - 2) % step) # so that all differ
        seeks = [1 + (apart_of * k) % (seconds - 2) for k in range(12)]
        seeks = [second for second in seeks if second * FPS not in mixed][:10]
        with browser.serving({"/" + file.name: file for file in folder.iterdir()}) as url:
            checks = [in_chromium(options, work, folder, count, mixed, seeks)] if browser.program() else []
            checks += [in_gstreamer(folder, url, seeks, mixed)] if "gstreamer" in options.player and shutil.which("gst-launch-1.0") else []
            checks += [in_mpv(folder, work, mixed)] if "mpv" in options.player and shutil.which("mpv") else []
            for check in checks:
                for name, said, faults in check:
                    print(f"{name}: {'WRONG' if faults else 'ok'}: {said}", flush=True)
                    for fault in faults:
                        print(f"    {fault}", flush=True)
                    bad += bool(faults)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
