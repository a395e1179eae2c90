#!/usr/bin/env python3
"""A film through every delivery preset, each file held against what its preset promises, as ffprobe, ffmpeg and mediainfo see it.

The film is photographs that move, with grain, over a melody, at 24 frames a second. Of each file: container, codec, size, rate, pixel format, scan,
colours, keyframe interval, bit rate (as a leaky bucket of two seconds), bytes, sound, loudness, true peak, and what the preset's own kind
of file has to have besides.

usage: presets.py --longtake PROGRAM [--seconds N] [--keep FOLDER] [PRESET...]     all presets without one
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PHOTOS = [HERE.parent / "data/photos" / name for name in ("coffee.png", "chelsea.png", "astronaut.png", "rocket.jpg", "hubble_deep_field.jpg")]
SIZE, RATE = (1280, 720), 24

FORMATS = {"mp4": "MPEG-4", "mov": "MPEG-4", "webm": "WebM", "matroska": "Matroska", "mxf": "MXF", "gif": "GIF", "jpeg": "JPEG",
           "avif": None}  # mediainfo 23.04 does not know what a sequence in AVIF is
CODECS = {"h264": "AVC", "hevc": "HEVC", "av1": "AV1", "vp9": "VP9", "prores": "ProRes", "dnxhd": "VC-3", "ffv1": "FFV1",
          "mpeg2video": "MPEG Video"}
COMMERCIAL = {"broadcast/xdcam-hd422": "XDCAM HD422", "master/dnxhr-hq": "DNxHR HQ", "master/prores-hq": "422 HQ"}
TRANSFERS = {"sdr": "bt709", "hlg": "arib-std-b67", "pq": "smpte2084"}
RGB = ("gif", "webp", "jpeg")


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        raise RuntimeError(" ".join(map(str, command)) + "\n" + done.stderr)
    return done.stdout + done.stderr if command[0] == "ffmpeg" else done.stdout


def make_film(file, seconds):
    """Photographs that move sideways under grain, cut every four seconds, and a melody that swells."""
    cuts = max(1, round(seconds / 4))
    inputs, chains = [], []
    for i in range(cuts):
        frames = round(seconds * RATE / cuts)
        inputs += ["-framerate", str(RATE), "-i", PHOTOS[i % len(PHOTOS)]]
        chains.append(f"[{i}]scale=1600:900:force_original_aspect_ratio=increase,crop=1600:900,loop=loop={frames - 1}:size=1,"
                      f"crop=1280:720:x='(iw-ow)*n/{frames}':y='(ih-oh)/2',setsar=1[p{i}]")
    joined = "".join(f"[p{i}]" for i in range(cuts))
    graph = ";".join(chains) + f";{joined}concat=n={cuts}:v=1,noise=alls=8:all_seed=1:allf=t,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p[v]"
    melody = "0.3*sin(2*PI*t*220*pow(2\\,floor(mod(t*2\\,12))/12))*(0.6+0.4*sin(2*PI*t/5))"
    tags = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"]
    run("ffmpeg", "-nostdin", "-v", "error", "-y", *inputs, "-f", "lavfi", "-t", seconds, "-i", f"aevalsrc={melody}|{melody}:s=48000",
        "-filter_complex", graph, "-map", "[v]", "-map", f"{cuts}:a", "-c:v", "libx264", "-preset", "veryfast", "-crf", "14",
        *tags, "-c:a", "aac", "-b:a", "256k", file)


def make_hdr(film, kind):
    """The same film as a camera of high dynamic range gives it: reference white at 203 cd/m2, and of PQ what the screen was."""
    file = film.with_name(f"film-{kind}.mp4")
    transfer = TRANSFERS[kind]
    screen = ":hdr10=1:master-display=G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,50):max-cll=1000,400"
    run("ffmpeg", "-nostdin", "-v", "error", "-y", "-i", film, "-vf",
        "zscale=matrix=gbr:primaries=2020:transfer=linear:range=full:npl=203,format=gbrpf32le,"
        f"zscale=matrix=2020_ncl:primaries=2020:transfer={transfer}:range=limited:npl=203,format=yuv420p10le",
        "-c:v", "libx265", "-preset", "ultrafast", "-crf", "14", "-x265-params", "log-level=none" + (screen if kind == "pq" else ""),
        "-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc", "-color_range", "tv", "-c:a", "copy", file)
    return file


class Findings(list):
    def same(self, what, found, wanted):
        if found != wanted:
            self.append(f"{what} is {found}, not {wanted}")

    def most(self, what, found, limit):
        if found > limit:
            self.append(f"{what} is {found:.6g}, over {limit:.6g}")

    def least(self, what, found, limit):
        if found < limit:
            self.append(f"{what} is {found:.6g}, under {limit:.6g}")


def fraction(text):
    up, _, down = str(text).partition("/")
    return float(up) / float(down or 1)


def rate_of(preset):
    if "fps" in preset:
        return fraction(preset["fps"]) / (2 if preset.get("interlaced") else 1)
    return min(max(RATE, fraction(preset.get("min_fps", 1))), fraction(preset.get("max_fps", 240)))


def size_of(preset, seconds):
    if "size" in preset:
        wanted = tuple(map(int, preset["size"].split("x")))
        kept = preset.get("never_upscale") and SIZE[0] <= wanted[0] and SIZE[1] <= wanted[1]
        return SIZE if kept else wanted
    side = preset.get("short_side", 0)
    for step in preset.get("by_length", []):
        side = step["short_side"]
        if seconds <= step["up_to"]:
            break
    if not side or (preset.get("never_upscale") and side >= SIZE[1]):
        return SIZE
    return round(SIZE[0] * side / SIZE[1] / 2) * 2, side


def check_picture(info, preset, seconds, findings):
    video = preset["video"]
    findings.same("codec", info["codec_name"], video["codec"])
    findings.same("size", (info["width"], info["height"]), size_of(preset, seconds))
    findings.same("pixel format", info["pix_fmt"], "bgra" if video["codec"] == "gif" else video.get("pixel_format", "yuv420p"))
    findings.same("scan", info.get("field_order", "progressive"), "tt" if preset.get("interlaced") else "progressive")
    findings.same("rate", round(fraction(info["r_frame_rate"]), 3), round(rate_of(preset), 3))
    if preset["container"] not in RGB:
        kind = preset.get("dynamic_range", "sdr")
        tags = (("color_range", "tv"), ("color_space", "bt709" if kind == "sdr" else "bt2020nc"),
                ("color_transfer", TRANSFERS[kind]), ("color_primaries", "bt709" if kind == "sdr" else "bt2020"))
        for tag, wanted in tags:
            findings.same(tag, info.get(tag), wanted)
    if video["codec"] == "hevc":
        findings.same("sample entry", info["codec_tag_string"], "hvc1")
        findings.same("profile", info["profile"], "Main 10" if video["profile"] == "main10" else "Main")
    if video["codec"] == "h264":
        findings.same("profile", info["profile"], "High")
    if video["codec"] == "mpeg2video":
        findings.same("profile", info["profile"], "4:2:2")


def check_packets(file, preset, seconds, findings):
    packets = json.loads(run("ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time,size,flags", "-of", "json", file))["packets"]
    rate = rate_of(preset)
    keys = [i for i, packet in enumerate(packets) if "K" in packet["flags"]] + [len(packets)]
    longest = max((after - before for before, after in zip(keys, keys[1:])), default=0)
    if preset["container"] not in RGB:
        findings.most("keyframe interval in frames", longest, max(1, round(preset["video"].get("gop_seconds", 2) * rate)))
    if "max_bitrate" in preset["video"]:
        limit = preset["video"]["max_bitrate"]
        full = 0.9 * 2 * limit
        for packet in packets:
            full -= 8 * int(packet["size"])
            findings.least("rate limit's bucket, bits", full, 0) if full < 0 else None
            full = min(full + limit / rate, 2 * limit)
    shown = min(seconds, preset.get("first_seconds", seconds))
    findings.same("frames", len(packets), round(shown * rate))


def check_sound(file, info, preset, findings):
    audio = preset["audio"]
    if audio["codec"] == "none":
        findings.same("sound", info, None)
        return
    findings.same("audio codec", info["codec_name"], audio["codec"])
    findings.same("sample rate", int(info["sample_rate"]), audio.get("sample_rate", 48000))
    findings.same("channels", info["channels"], audio.get("channels", 2))
    heard = run("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-i", file, "-map", "0:a:0", "-af", "ebur128=peak=true:framelog=info", "-f", "null", "-")
    loudness = float(re.findall(r"I:\s+(-?[\d.]+) LUFS", heard)[-1])
    peak = float(re.findall(r"Peak:\s+(-?[\d.]+) dBFS", heard)[-1])
    wanted, off = audio.get("loudness", -14), audio.get("tolerance", 1) + 0.05  # it prints tenths
    findings.least("loudness", loudness, wanted - off)
    findings.most("loudness", loudness, wanted + off)
    findings.most("true peak", peak, audio.get("true_peak", -1) + 0.05)
    if "short_term" in audio:
        findings.most("short-term loudness", max(map(float, re.findall(r" S:\s*(-?[\d.]+)", heard))), audio["short_term"] + 0.05)


def boxes(data, at=0, end=None):
    """(kind, begin, end) of each box in an ISO file, from the outside in."""
    end = len(data) if end is None else end
    while at + 8 <= end:
        size, kind = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8]
        head = 16 if size == 1 else 8
        size = int.from_bytes(data[at + 8:at + 16], "big") if size == 1 else size or end - at
        yield kind, at + head, at + size
        if kind in (b"moov", b"trak", b"edts", b"mdia"):
            yield from boxes(data, at + head, at + size)
        at += max(size, 8)


def check_mp4(file, preset, findings):
    kinds = [kind for kind, _, _ in boxes(file.read_bytes())]
    findings.same("index in front", kinds.index(b"moov") < kinds.index(b"mdat"), True)
    if not preset.get("edit_list", True):
        findings.same("edit lists", b"elst" in kinds, False)


def check_mediainfo(file, name, preset, findings):
    tracks = {track["@type"]: track for track in json.loads(run("mediainfo", "--Output=JSON", file))["media"]["track"]}
    wanted = FORMATS[preset["container"]]
    if wanted:
        findings.same("mediainfo: format", tracks["General"].get("Format"), wanted)
    video = tracks.get("Video", {})
    if preset["video"]["codec"] in CODECS and wanted:
        findings.same("mediainfo: codec", video.get("Format"), CODECS[preset["video"]["codec"]])
    if name in COMMERCIAL:
        names = " ".join(str(video.get(key, "")) for key in ("Format_Commercial_IfAny", "Format_Profile", "Format"))
        findings.same("mediainfo: commercial name", COMMERCIAL[name] in names or names, True)
    if preset.get("dynamic_range") == "pq":
        findings.same("mediainfo: MaxCLL", video.get("MaxCLL", ""), "1000 cd/m2")
        findings.same("mediainfo: screen", video.get("MasteringDisplay_Luminance", ""), "min: 0.0050 cd/m2, max: 1000 cd/m2")
    if preset.get("interlaced"):
        findings.same("mediainfo: scan", (video.get("ScanType"), video.get("ScanOrder")), ("Interlaced", "TFF"))
        findings.same("mediainfo: rate mode", video.get("BitRate_Mode"), "CBR")
        findings.same("mediainfo: profile", tracks["General"].get("Format_Profile"), "OP-1a")


def check_bytes(file, preset, findings):
    limits, size = preset.get("limits", {}), file.stat().st_size
    if "max_bytes" in limits:
        findings.most("bytes", size, limits["max_bytes"])
        if limits.get("fill"):
            findings.least("bytes", size, 0.97 * limits["max_bytes"])


def check_lossless(file, film, findings):
    seen = [run("ffmpeg", "-nostdin", "-v", "error", "-i", each, "-map", "0:v", "-f", "rawvideo", "-c:v", "rawvideo", "-f", "md5", "-")
            for each in (file, film)]
    findings.same("pictures", seen[0], seen[1])


def check_sprites(file, seconds, preset, findings):
    cues = re.findall(r"([\d:.]+) --> ([\d:.]+)\n(.*)#xywh=(\d+),(\d+),(\d+),(\d+)", file.with_suffix(".vtt").read_text())
    info = json.loads(run("ffprobe", "-v", "error", "-show_streams", "-of", "json", file))["streams"][0]
    findings.same("cues", len(cues), round(seconds / preset["sprites"]["interval"]))
    for _, _, name, x, y, width, height in cues:
        findings.same("sheet", name, file.name)
        findings.most("right side", int(x) + int(width), info["width"])
        findings.most("lower side", int(y) + int(height), info["height"])


def check_webp(file, preset, seconds, findings):
    told = run("webpmux", "-info", file)
    findings.same("size", tuple(map(int, re.search(r"Canvas size: (\d+) x (\d+)", told).groups())), size_of(preset, seconds))
    findings.same("loops", re.search(r"Loop Count : (\d+)", told).group(1), "0")
    shown = sum(int(row.split()[6]) for row in told.splitlines() if re.match(r"\s*\d+:", row))
    findings.same("ms", shown, round(1000 * min(seconds, preset["first_seconds"])))


def check(longtake, name, film, seconds, folder):
    preset = json.loads(run(longtake, "presets", "show", name, "--json"))["preset"]
    if preset.get("dynamic_range", "sdr") != "sdr":
        film = make_hdr(film, preset["dynamic_range"])
    run(longtake, "deliver", film, "-p", name, "-o", folder, "-y", "-q")
    file = folder / (film.stem + "-" + name.replace("/", "-") + preset["extension"])
    findings = Findings()
    check_bytes(file, preset, findings)
    if preset["container"] == "webp":
        check_webp(file, preset, seconds, findings)
        return file, findings
    if preset["container"] == "jpeg":
        if "sprites" in preset:
            check_sprites(file, seconds, preset, findings)
        check_mediainfo(file, name, preset, findings)
        return file, findings
    streams = {s["codec_type"]: s for s in json.loads(run("ffprobe", "-v", "error", "-show_streams", "-of", "json", file))["streams"]}
    check_picture(streams["video"], preset, seconds, findings)
    check_packets(file, preset, seconds, findings)
    check_sound(file, streams.get("audio"), preset, findings)
    check_mediainfo(file, name, preset, findings)
    if preset["container"] in ("mp4", "mov"):
        check_mp4(file, preset, findings)
    if preset["video"]["codec"] == "ffv1":
        check_lossless(file, film, findings)
    return file, findings


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--longtake", required=True)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--keep", type=pathlib.Path, help="leave the files there")
    parser.add_argument("presets", nargs="*", default=[])
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or pathlib.Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        film = folder / "film.mp4"
        if not film.exists():
            make_film(film, options.seconds)
        names = options.presets or [p["name"] for p in json.loads(run(options.longtake, "presets", "list", "--json"))["presets"]]
        for name in names:
            try:
                file, findings = check(options.longtake, name, film, options.seconds, folder)
                size = file.stat().st_size
            except (RuntimeError, KeyError, OSError) as error:
                findings, size = [f"{type(error).__name__}: {error}"], 0
            failed += bool(findings)
            print(f"{name:<24} {size:>10} bytes  {'; '.join(dict.fromkeys(findings)) or 'as promised'}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
