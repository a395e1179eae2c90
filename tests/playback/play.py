#!/usr/bin/env python3
"""Plays a joined film in ffmpeg, GStreamer, mpv and Chromium and looks at every frame: none wrong, missing or repeated.

ffmpeg decodes without a complaint, every copied frame is the source's bit for bit, frames sought are the frames played.
GStreamer's and mpv's pictures equal ffmpeg's byte for byte. Chromium's copied frames equal what the same browser shows of
the source, the others what it shows of a plain lossless copy of the film; it presents every frame and seeks to it.

    play.py FILM.mp4 --explain FILE.json [SOURCE...]    FILE.json: what `longtake stitch ... --explain --json` printed
    play.py --example [--codec av1]                     makes a short film with longtake and plays it
    play.py --wrong                                     plays films spoilt on purpose; fails unless each player notices
"""
import argparse
import fractions
import hashlib
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests/bench/stitch"))
import browser  # noqa: E402
import media  # noqa: E402
from clips import AV1, Look, clips  # noqa: E402


class Film:
    """A film, what is said of it, and ffmpeg's decode of it that the other players are measured by."""

    def __init__(self, path, told, sources, still):
        self.path = pathlib.Path(path)
        self.stretches = (told or {}).get("stretches", [])
        self.announced = (told or {}).get("frames")
        self.sources = media.Sources(sources)
        self.still = still
        video = media.streams(path)["video"]
        self.codec = video["codec_name"]
        self.size = (video["width"], video["height"])
        self.rate = fractions.Fraction(video["avg_frame_rate"])
        self.hashes, self.complaint = media.frame_md5(path)

    def seek_points(self):
        """The first frame and the middle of every stretch; of a film nobody explains, seven frames spread over it."""
        if not self.stretches:
            return sorted({len(self.hashes) * k // 7 for k in range(7)})
        return sorted({s["at"] + part for s in self.stretches for part in (0, s["frames"] // 2)})

    def seconds(self, frame):
        return fractions.Fraction(frame) / self.rate

    def place(self, frame):
        """Where a frame is, for a message."""
        for stretch in self.stretches:
            if stretch["at"] <= frame < stretch["at"] + stretch["frames"]:
                return f"frame {frame} ({stretch['kind']}, {frame - stretch['at']} after a join)"
        return f"frame {frame}"


def some(film, frames):
    """Names the first few of many frames."""
    frames = sorted(frames)
    return ", ".join(film.place(frame) for frame in frames[:3]) + (f" and {len(frames) - 3} more" if len(frames) > 3 else "")


def in_ffmpeg(film, _):
    faults = [f"it complains: {film.complaint[:300]}"] if film.complaint else []
    count = len(film.hashes)
    if film.announced not in (None, count):
        faults.append(f"{count} frames decoded, {film.announced} announced")
    first, steps, packets = media.pts_steps(film.path)
    if packets != count:
        faults.append(f"{count} frames decoded of {packets}")
    if len(steps) != 1:
        faults.append(f"frames are not evenly spaced: {sorted(steps)} ticks")
    if first != 0:
        faults.append(f"begins at {first} ticks")
    compared = 0
    if film.stretches:
        compared, wrong = media.copied_faults(film.hashes, film.stretches, film.sources)
        faults += wrong
    if not film.still:
        repeated = [k for k in range(1, count) if film.hashes[k] == film.hashes[k - 1]]
        if repeated:
            faults.append(f"repeated: {some(film, repeated)}")
    sought = 0
    for frame in film.seek_points():
        # rounded down to ffmpeg's microsecond, or the frame itself would come too early and be skipped
        micros = film.seconds(frame) * 1000000 // 1
        found = seek_md5(film.path, micros)
        sought += 1
        if frame >= count or found != film.hashes[frame]:
            faults.append(f"seeking to {film.place(frame)} shows another one")
    return f"{count} frames, {compared} copied ones identical to their source, {sought} seeks", faults


def seek_md5(path, micros):
    done = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-ss", f"{micros}us", "-i", str(path), "-map", "0:v:0",
                           "-frames:v", "1", "-pix_fmt", "yuv420p", "-f", "framemd5", "-"], capture_output=True, text=True)
    rows = [line for line in done.stdout.splitlines() if line and not line.startswith("#")]
    return rows[0].split(",")[-1].strip() if rows else None


def raw_frames(path, size):
    """MD5 of every I420 picture of a raw file."""
    length = size[0] * size[1] * 3 // 2
    found = []
    with open(path, "rb") as file:
        while picture := file.read(length):
            found.append(hashlib.md5(picture).hexdigest() if len(picture) == length else "cut short")
    return found


def same_as_ffmpeg(film, found):
    wrong = {k for k, (a, b) in enumerate(zip(found, film.hashes)) if a != b}
    faults = [f"differs from ffmpeg's decode: {some(film, wrong)}"] if wrong else []
    if len(found) != len(film.hashes):
        faults.append(f"{len(found)} frames, ffmpeg decodes {len(film.hashes)}")
    copied = [(s, film.sources.hashes(s)) for s in film.stretches if s["kind"] == "copy"]
    unlike = {s["at"] + k for s, wanted in copied for k, one in enumerate(wanted) if found[s["at"] + k:s["at"] + k + 1] != [one]}
    if unlike:
        faults.append(f"copied, but unlike the source: {some(film, unlike)}")
    return faults


#: Parser and decoder by ffmpeg's name of the codec.
GSTREAMER = {"h264": ("h264parse", "avdec_h264"), "hevc": ("h265parse", "avdec_h265"), "av1": ("av1parse", "av1dec")}


def in_gstreamer(film, work):
    raw = work / "gstreamer.yuv"
    parser, decoder = GSTREAMER[film.codec]
    done = subprocess.run(["gst-launch-1.0", "-q", "filesrc", f"location={film.path}", "!", "qtdemux", "!", parser, "!",
                           decoder, "!", "video/x-raw,format=I420", "!", "filesink", f"location={raw}"],
                          capture_output=True, text=True, timeout=600)
    found = raw_frames(raw, film.size) if raw.exists() else []
    raw.unlink(missing_ok=True)
    faults = same_as_ffmpeg(film, found)
    if done.returncode:
        faults.append(f"it fails: {done.stderr.strip()[:300]}")
    return f"{len(found)} frames, byte for byte ffmpeg's", faults


def in_mpv(film, work):
    raw = work / "mpv.yuv"
    done = subprocess.run(["mpv", "--no-config", "--no-audio", "--vf=format=yuv420p", "--of=rawvideo", "--ovc=rawvideo",
                           f"--o={raw}", str(film.path)], capture_output=True, text=True, timeout=600)
    found = raw_frames(raw, film.size) if raw.exists() else []
    raw.unlink(missing_ok=True)
    faults = same_as_ffmpeg(film, found)
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if "rror" in line]
    if done.returncode or complaints:
        faults.append(f"it complains: {' / '.join(complaints)[:300]}")
    return f"{len(found)} frames, byte for byte ffmpeg's", faults


def plain_copy(film, work):
    """The same pictures coded anew without loss and without a join, for the browser to show. None if that is not the same
    pictures after all."""
    out = work / "plain.mp4"
    media.run("ffmpeg", "-v", "quiet", "-nostdin", "-y", "-i", film.path, "-map", "0:v:0", "-fps_mode", "passthrough", "-c:v",
              "libx264", "-preset", "ultrafast", "-qp", "0", "-bf", "0", "-pix_fmt", "yuv420p", out)
    return out if media.frame_md5(out)[0] == film.hashes else None


class Shown:
    """What the browser has shown of the files so far: by file and frame every picture it showed under that number. On a busy
    machine a picture can change between being announced and being looked at, so one playing alone proves no fault."""

    def __init__(self, names):
        self.plays = {name: [] for name in names}

    def add(self, name, result):
        self.plays[name].append(result)

    def frames(self, name):
        found = {}
        for result in self.plays[name]:
            for index, picture in result["frames"].items():
                found.setdefault(int(index), set()).add(picture)
        return found

    def failed(self, name):
        return any(result.get("error") for result in self.plays[name])


class Expectation:
    """Frames of the film that must look as frames of another file do."""

    def __init__(self, name, at, source, frames, why):
        self.name, self.why = name, why
        self.pairs = {at + k: source + k for k in range(frames)}

    def unlike(self, shown):
        """Frames never seen to look alike in any playing, both having been seen."""
        film, other = shown.frames("/film.mp4"), shown.frames(self.name)
        return {k for k, j in self.pairs.items() if k in film and j in other and not film[k] & other[j]}

    def unseen(self, shown):
        other = shown.frames(self.name)
        return {j for j in self.pairs.values() if j not in other}


def expectations(film, plain, files):
    """The film's copied frames look like their source's, all its frames like those of the plain copy."""
    found = []
    for s in film.stretches:
        if s["kind"] == "copy":
            source = media.source_of(s, film.sources.files)
            name = next((name for name, path in files.items() if path == source), f"/source{len(files)}.mp4")
            files[name] = source
            found.append(Expectation(name, s["at"], s["source"], s["frames"], "copied, but not what it shows of the source"))
    if plain:
        files["/plain.mp4"] = plain
        found.append(Expectation("/plain.mp4", 0, 0, len(film.hashes), "not what it shows of a film without joins"))
    return found


def in_chromium(film, work):
    files = {"/film.mp4": film.path}
    expected = expectations(film, plain_copy(film, work), files)
    fps, count = float(film.rate), len(film.hashes)
    shown, sought = Shown(files), None
    # Once at full speed; then slowly, for a busy machine skips frames, until each has been seen.
    for attempt, rate in enumerate((1, 0.5, 0.25, 0.25)):
        again = {"/film.mp4"} if set(range(count)) - set(shown.frames("/film.mp4")) else set()
        for one in expected:
            if not shown.failed(one.name) and one.unseen(shown):
                again.add(one.name)
            # a few may be a busy machine's doing and deserve another look, many are not
            if 0 < len(one.unlike(shown)) <= max(8, len(one.pairs) // 10):
                again |= {one.name, "/film.mp4"}
        if not again or (attempt and any(len(one.unlike(shown)) > len(one.pairs) // 2 for one in expected)):
            break
        jobs = [{"id": f"{attempt}{name}", "url": name, "fps": fps, "rate": rate} for name in sorted(again)]
        if sought is None:
            jobs.append({"id": "seeks", "url": "/film.mp4", "fps": fps, "seek": film.seek_points()})
        results = browser.play(files, jobs, timeout=60 + len(jobs) * (20 + 3 * float(film.seconds(count)) / rate))
        sought = sought or results.get("seeks")
        for name in again:
            if f"{attempt}{name}" not in results:
                return "", ["the browser did not answer in time"]
            shown.add(name, results[f"{attempt}{name}"])
        if shown.failed("/film.mp4"):
            return "", [f"decode error: {shown.plays['/film.mp4'][-1]['error']}"]
    return judge(film, shown, expected, (sought or {}).get("frames", {}))


def judge(film, shown, expected, sought):
    """Compares what the browser showed of the film with what it showed of the sources and of the plain copy."""
    count, seen = len(film.hashes), shown.frames("/film.mp4")
    faults = []
    if missing := set(range(count)) - set(seen):
        faults.append(f"never presented: {some(film, missing)}")
    if beyond := set(seen) - set(range(count)):
        faults.append(f"shown though the film has no such frame: {sorted(beyond)[:3]}")
    compared = {"source": 0, "plain": 0}
    for one in expected:
        if unlike := one.unlike(shown):
            faults.append(f"{one.why}: {some(film, unlike)}")
        elif shown.failed(one.name) and one.name != "/plain.mp4":
            faults.append(f"the browser does not play the source {one.name}")
        compared["plain" if one.name == "/plain.mp4" else "source"] += len(one.pairs) - len(one.unseen(shown)) - len(unlike)
    for frame in film.seek_points():
        found = sought.get(str(frame))
        if found is None or found not in seen.get(frame, {found}):
            faults.append(f"seeking to {film.place(frame)} shows another one")
    alike = sum(bool(seen.get(k, set()) & seen.get(k + 1, set())) for k in range(count - 1))
    first = shown.plays["/film.mp4"][0]
    if first["total"] < count:
        faults.append(f"{first['total']} frames decoded of {count}")
    return (f"{len(seen)} of {count} frames presented in {len(shown.plays['/film.mp4'])} playings, {first['dropped']} of "
            f"{first['total']} dropped at full speed; {compared['source']} copied ones as in their source, {compared['plain']} "
            f"as in a film without joins, {alike} too like their neighbour to tell; {len(film.seek_points())} seeks"), faults


PLAYERS = {"ffmpeg": (in_ffmpeg, lambda: shutil.which("ffmpeg")), "gstreamer": (in_gstreamer, lambda: gstreamer()),
           "mpv": (in_mpv, lambda: shutil.which("mpv")), "chromium": (in_chromium, browser.program)}


def gstreamer():
    """gst-launch with the elements for all codecs; they come in several packages."""
    if not shutil.which("gst-launch-1.0") or not shutil.which("gst-inspect-1.0"):
        return None
    return all(subprocess.run(["gst-inspect-1.0", "--exists", name]).returncode == 0
               for name in ("qtdemux", *sum(GSTREAMER.values(), ())))


def play(film, players, work):
    """Prints a line or more for each player; returns (players that found fault, players not installed)."""
    bad, absent = [], []
    for name in players:
        work_on_it, installed = PLAYERS[name]
        if not installed():
            print(f"{name}: skipped: {name} is not installed")
            absent.append(name)
            continue
        try:
            said, faults = work_on_it(film, work)
        except subprocess.TimeoutExpired:
            said, faults = "", ["did not come to an end"]
        print(f"{name}: " + (f"ok: {said}" if not faults else "WRONG"), flush=True)
        for fault in faults:
            print(f"    {fault}", flush=True)
        if faults:
            bad.append(name)
    return bad, absent


def stitched(options, work):
    """A short film of four moving clips joined by dissolves, and what longtake says of it. AV1 is that of three encoders."""
    looks = [Look(2, "640x360", 24, 24, sound=True, codec=options.codec, encoder=each)
             for each in (AV1 if options.codec == "av1" else [""])]
    made = clips(options.clips, 4, *looks)
    files = [made[index % len(looks)][index] for index in range(4)]
    out = work / "film.mp4"
    command = [options.longtake, "stitch", *files, "-o", out, "-y", "--transition", "dissolve:0.5", "--timing",
               options.timing]
    told = subprocess.run([*map(str, command), "--explain", "--json"], capture_output=True, text=True)
    media.run(*command, "-q", stdout=subprocess.DEVNULL)
    result = media.explained(told.stdout)
    if not result or "stretches" not in result:
        print("the program does not say what it copies: only the film itself is looked at")
        result = {"frames": 4 * 48 - (3 * 12 if options.timing == "overlap" else 0)}
    return out, result, files


# What the second clip of a spoilt film was coded with: quite other tools, at which decoders stumble, or only another quantiser
# of colour, at which none complains and every picture's colours are wrong.
SPOILERS = {"other tools": {"bframes": 2, "crf": 30, "x264": "ref=1:cabac=0:weightp=0"},
            "other colour quantiser": {"x264": "chroma-qp-offset=8"}}


def spoilt(options, work, spoiler):
    """Clips of other coder settings behind the first one's parameter sets, as a join makes them that copies packets and
    forgets those: slices are read with numbers that are not theirs. The explanation says, falsely, that all is copied well."""
    looks = [Look(2, "640x360", 24, 24), Look(2, "640x360", 24, 24, **SPOILERS[spoiler])]
    made = clips(options.clips, 2, *looks)
    files = [made[0][0], made[1][1]]
    listing = work / "list.txt"
    listing.write_text("".join(f"file '{pathlib.Path(path).resolve()}'\n" for path in files))
    out = work / "wrong.mp4"
    media.run("ffmpeg", "-v", "quiet", "-nostdin", "-y", "-auto_convert", "0", "-f", "concat", "-safe", "0", "-i", listing,
              "-c", "copy", out)
    return out, {"frames": 96, "stretches": [
        {"kind": "copy", "at": 48 * i, "frames": 48, "file": str(path), "source": 0} for i, path in enumerate(files)]}, files


def all_notice(options, work):
    """Whether every player that is there finds fault with every spoilt film."""
    done = True
    for spoiler in SPOILERS:
        print(f"a film spoilt on purpose ({spoiler}):")
        players = options.player or list(PLAYERS)
        bad, absent = play(Film(*spoilt(options, work, spoiler), False), players, work)
        blind = [name for name in players if name not in bad + absent]
        print(f"noticed in {', '.join(bad) or 'no player'}" + (f", NOT in {', '.join(blind)}" if blind else ""))
        done = done and not blind and not (options.strict and absent)
    return done


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", nargs="?", help="the film")
    parser.add_argument("sources", nargs="*", help="clips the explanation names, when they are elsewhere now")
    parser.add_argument("--explain", help="what `longtake stitch ... --explain --json` printed")
    parser.add_argument("--player", action="append", choices=PLAYERS, help="only this one (may be repeated)")
    parser.add_argument("--still", action="store_true", help="the clips stand still at times: alike frames are no fault")
    parser.add_argument("--strict", action="store_true", help="a player that is not installed is a failure")
    parser.add_argument("--example", action="store_true")
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--codec", default="h264", choices=GSTREAMER, help="of the example")
    parser.add_argument("--timing", default="overlap", choices=("overlap", "hold"), help="of the example's dissolves")
    parser.add_argument("--longtake", default=ROOT / "build/release/longtake", help="the program")
    parser.add_argument("--clips", default=ROOT / "build/bench-clips", help="folder that keeps the example's clips")
    options = parser.parse_intermixed_args()
    if sum(map(bool, (options.film, options.example, options.wrong))) != 1:
        parser.error("name one film, or --example, or --wrong")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the browser is ended with us
    with tempfile.TemporaryDirectory(prefix="longtake-playback-") as temporary:
        work = pathlib.Path(temporary)
        if options.wrong:
            return 0 if all_notice(options, work) else 1
        if options.film:
            told = media.explained(pathlib.Path(options.explain).read_text()) if options.explain else None
            if options.explain and "stretches" not in (told or {}):
                parser.error(f"{options.explain}: says nothing of stretches")
            path, sources = options.film, options.sources
        else:
            path, told, sources = stitched(options, work)
        bad, absent = play(Film(path, told, sources, options.still), options.player or list(PLAYERS), work)
    return 1 if bad or (options.strict and absent) else 0


if __name__ == "__main__":
    sys.exit(main())
