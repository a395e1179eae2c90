"""What ffmpeg and ffprobe say of a file, and what longtake says it did: shared by the stitch benchmark and tests/playback."""
import fractions
import json
import pathlib
import re
import subprocess

Rate = fractions.Fraction


def run(*command, **more):
    return subprocess.run([str(word) for word in command], check=True, stdin=subprocess.DEVNULL, **more)


def output(*command):
    return run(*command, stdout=subprocess.PIPE, text=True).stdout


def streams(path):
    """Streams of a file by kind (`video`, `audio`): what ffprobe prints of each."""
    found = json.loads(output("ffprobe", "-v", "fatal", "-show_streams", "-of", "json", path))["streams"]
    return {stream["codec_type"]: stream for stream in found}


def frame_md5(path, *before):
    """MD5 of every decoded picture in order of display (I420, no padding), and what ffmpeg complained of."""
    done = subprocess.run(["ffmpeg", "-v", "warning", "-nostdin", *map(str, before), "-i", str(path), "-map", "0:v:0",
                           "-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-f", "framemd5", "-"],
                          capture_output=True, text=True)
    rows = [line.split(",") for line in done.stdout.splitlines() if line and not line.startswith("#")]
    return [row[-1].strip() for row in rows], done.stderr.strip()


def pts_steps(path):
    """The first picture's pts and the set of steps between neighbours in display order, in ticks of the stream."""
    text = output("ffprobe", "-v", "fatal", "-select_streams", "v:0", "-show_entries", "packet=pts", "-of", "csv=p=0", path)
    times = sorted(int(line.split(",")[0]) for line in text.split() if line)
    return times[0], {b - a for a, b in zip(times, times[1:])}, len(times)


def decoded_samples(path):
    """Sample frames ffmpeg decodes; AAC's padding of the last packet (under 1024) is among them."""
    channels = streams(path)["audio"]["channels"]
    decoder = subprocess.Popen(["ffmpeg", "-v", "error", "-nostdin", "-i", str(path), "-map", "0:a:0", "-f", "s16le", "-"],
                               stdout=subprocess.PIPE)
    count = 0
    while block := decoder.stdout.read(1 << 20):
        count += len(block)
    decoder.wait()
    return count // 2 // channels


def timing_faults(path, frames, rate, sound):
    """What is wrong with a film's count of frames, its constant rate or its sound's length: a list of sentences."""
    faults = []
    found = streams(path)
    video = found["video"]
    first, steps, count = pts_steps(path)
    tick = fractions.Fraction(video["time_base"])
    if count != frames:
        faults.append(f"{count} frames instead of {frames}")
    if {step * tick for step in steps} - {1 / Rate(rate)}:
        faults.append(f"not a constant rate of {rate}: steps of {sorted(steps)} ticks of {tick}")
    if first != 0:
        faults.append(f"begins at {first} ticks, not 0")
    if bool(sound) != ("audio" in found):
        faults.append("has sound though no clip has" if "audio" in found else "has no sound")
    elif sound:
        audio = found["audio"]
        wanted = round(frames / Rate(rate) * int(audio["sample_rate"]))
        if fractions.Fraction(audio["time_base"]) * audio["duration_ts"] != fractions.Fraction(wanted, int(audio["sample_rate"])):
            faults.append(f"sound lasts {audio['duration']} s instead of {wanted} samples")
        decoded = decoded_samples(path)
        if not wanted <= decoded < wanted + 1024:
            faults.append(f"{decoded} samples decoded, {wanted} wanted")
    return faults


def frame_ssim(film, reference):
    """SSIM (all planes) of every frame of one film against another of the same length."""
    run("ffmpeg", "-v", "error", "-nostdin", "-i", film, "-i", reference, "-lavfi",
        "[0:v]settb=1/25,setpts=N[a];[1:v]settb=1/25,setpts=N,format=yuv420p[b];[a][b]ssim=stats_file=" +
        str(film).replace(":", r"\:") + ".ssim", "-fps_mode", "passthrough", "-f", "null", "-")
    text = pathlib.Path(str(film) + ".ssim").read_text()
    pathlib.Path(str(film) + ".ssim").unlink()
    return [float(value) for value in re.findall(r"All:([0-9.]+)", text)]


def explained(text):
    """The result among longtake's lines of JSON: the last object that says `stretches`, else the last `result`; None if
    there is neither. A whole file holding one object will do as well."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        pass
    result = None
    for line in text.splitlines():
        try:
            line = json.loads(line)
        except json.JSONDecodeError:
            continue
        if not isinstance(line, dict):
            continue
        if "stretches" in line or (line.get("event") == "result" and "stretches" not in (result or {})):
            result = line
    return result


def source_of(stretch, sources=()):
    """The file a stretch came from: as named, or the one of `sources` with its name."""
    named = pathlib.Path(stretch["file"])
    if named.exists():
        return named
    for source in sources:
        if pathlib.Path(source).name == named.name:
            return pathlib.Path(source)
    raise SystemExit(f"{named}: named in the explanation, not found; name it among the sources")


class Sources:
    """The pictures of the source clips by their MD5; every file is decoded once."""

    def __init__(self, files=()):
        self.files = files
        self.known = {}

    def hashes(self, stretch):
        path = source_of(stretch, self.files)
        if path not in self.known:
            self.known[path] = frame_md5(path)[0]
        return self.known[path][stretch["source"]:stretch["source"] + stretch["frames"]]


def copied_faults(hashes, stretches, sources):
    """Compares every copied picture with its source. Returns (pictures compared, sentences about those that differ)."""
    compared, faults = 0, []
    at = 0
    for stretch in stretches:
        if stretch["at"] != at:
            faults.append(f"a stretch begins at frame {stretch['at']}, the one before it ends at {at}")
        at = stretch["at"] + stretch["frames"]
        if stretch["kind"] != "copy":
            continue
        wanted = sources.hashes(stretch)
        found = hashes[stretch["at"]:at]
        wrong = sum(a != b for a, b in zip(found, wanted)) + abs(len(found) - stretch["frames"])
        if len(wanted) != stretch["frames"]:
            faults.append(f"{stretch['file']} has no {stretch['frames']} frames from {stretch['source']} on")
        if wrong:
            faults.append(f"frames {stretch['at']} to {at - 1}: {wrong} of {stretch['frames']} differ from {stretch['file']}")
        compared += stretch["frames"]
    if at != len(hashes):
        faults.append(f"the stretches cover {at} frames, the film has {len(hashes)}")
    return compared, faults
