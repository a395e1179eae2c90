#!/usr/bin/env python3
"""Joining clips by `longtake stitch` and by ffmpeg on the same clips in the same run, turn about.

CPU seconds (user and system, all threads and children) come first: on a shared machine their ratio is the figure to
trust. Ratios are medians of the rounds' own ratios; below 1 means longtake needs less. The clips are made once and kept
(clips.py); 60 and 120 clips are 8 different encodes under 60 and 120 names.

    run.py --list            the cases
    run.py --quick           the small ones, once
    run.py dissolve-g24 hold --rounds 3 --json result.json
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace

import media
from clips import Look, clips

ROOT = pathlib.Path(__file__).resolve().parents[3]
FADE = 0.5


class Bench:
    """What all cases share: the program, the folders, how often to measure, and what was found."""

    def __init__(self, options, work):
        self.longtake = str(options.longtake)
        self.clips = pathlib.Path(options.clips)
        self.work = work
        self.rounds = options.rounds
        self.quick = options.quick
        self.size = options.size or ("1280x720" if options.quick else "1920x1080")
        self.base = Look(options.seconds, self.size, options.fps, bframes=options.bframes)
        self.checks = not options.no_checks
        self.rows = []

    def film(self, name):
        return self.work / f"{name}.mp4"

    def stitch(self, files, out, *more):
        return [self.longtake, "stitch", *files, "-o", out, "-y", "-q", *more]

    def explain(self, files, *more):
        """What longtake says it will do, or None from a program that does not say."""
        done = subprocess.run([str(word) for word in [self.longtake, "stitch", *files, "-o", self.film("explained"), "-y",
                                                      *more, "--explain", "--json"]], capture_output=True, text=True)
        result = media.explained(done.stdout)
        return result if result and "stretches" in result else None

    def row(self, name, ours, theirs, targets, **more):
        row = {"case": name, "longtake": summary(ours), "opponent": summary(theirs) if theirs else None, "faults": [],
               "notes": [], "targets": targets} | more
        if theirs:
            for key in ("cpu", "wall"):
                row[key + "_ratio"] = statistics.median(a[key] / b[key] for a, b in zip(ours, theirs))
        self.rows.append(row)
        return row


def measure(command):
    """Runs a command to its end: seconds of CPU and of wall time, and the largest process's peak memory in MB."""
    with tempfile.TemporaryFile() as log:
        begun = time.monotonic()
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            log.seek(0)
            raise RuntimeError(f"{command[0]} {command[1]} failed ({process.returncode}): "
                               f"{log.read().decode(errors='replace')[-600:]}")
    return {"cpu": used.ru_utime + used.ru_stime, "wall": wall, "mb": used.ru_maxrss / 1024}


def summary(runs):
    return {key: statistics.median(run[key] for run in runs) for key in ("cpu", "wall")} | {
        "mb": max(run["mb"] for run in runs), "rounds": len(runs)}


def paired(first, second, rounds):
    """Measures two commands turn about, the one that begins changing every round."""
    ours, theirs = [], []
    for index in range(rounds):
        for command, runs in ((first, ours), (second, theirs)) if index % 2 == 0 else ((second, theirs), (first, ours)):
            runs.append(measure(command))
    return ours, theirs


#: CRF of the films, near each other in quality: longtake's own choices.
CRF = {"h264": "18", "hevc": "20", "av1": "16"}
ENCODER = {"h264": ["libx264", "-preset", "medium"],
           "hevc": ["libx265", "-tag:v", "hvc1", "-x265-params", "log-level=error", "-preset", "medium"],
           "av1": ["libsvtav1", "-preset", "8", "-g", "240"]}


def xfade(files, look, out, crf=None, size=None):
    """ffmpeg's dissolve of all clips at libx264's or libx265's medium or SVT-AV1's 8, as a user of its filters would write it."""
    fade = round(FADE * look.fps)
    chains, last, heard = [], "0:v", "0:a"
    if size:
        width, height = size.split("x")
        chains += [f"[{i}:v]scale={width}:{height}:flags=bicubic[s{i}]" for i in range(len(files))]
        last = "s0"
    for i in range(1, len(files)):
        offset = i * (look.frames - fade) / look.fps
        chains.append(f"[{last}][{f's{i}' if size else f'{i}:v'}]xfade=transition=fade:duration={FADE}:offset={offset:.6f}[v{i}]")
        last = f"v{i}"
        if look.sound:
            chains.append(f"[{heard}][{i}:a]acrossfade=d={FADE}[a{i}]")
            heard = f"a{i}"
    sound = ["-map", f"[{heard}]", "-c:a", "aac", "-b:a", "192k"] if look.sound else []
    inputs = [word for path in files for word in ("-i", path)]
    return ["ffmpeg", "-v", "error", "-nostdin", "-y", *inputs, "-filter_complex", ";".join(chains), "-map", f"[{last}]",
            *sound, "-c:v", *ENCODER[look.codec], "-crf", crf or CRF[look.codec], "-pix_fmt", "yuv420p", "-movflags", "+faststart", out]


def concat(bench, files, out):
    listing = bench.work / "concat.txt"
    listing.write_text("".join(f"file '{pathlib.Path(path).resolve()}'\n" for path in files))
    return ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "concat", "-safe", "0", "-i", listing, "-c", "copy",
            "-movflags", "+faststart", out]


def check_copied(bench, row, film, files, more):
    """Adds to the row what is wrong with the copied pictures; returns the stretches."""
    told = bench.explain(files, *more)
    if told is None:
        row["notes"].append("the program does not say what it copies")
        return None
    row["copied_share"] = told.get("copied_share")
    hashes, complaint = media.frame_md5(film)
    compared, faults = media.copied_faults(hashes, told["stretches"], media.Sources(files))
    row["faults"] += faults + ([f"ffmpeg complains: {complaint[:200]}"] if complaint else [])
    if told.get("frames") not in (None, len(hashes)):
        row["faults"].append(f"{told['frames']} frames announced, {len(hashes)} made")
    if not faults:
        row["notes"].append(f"{compared} of {len(hashes)} frames copied, all identical to their source")
    return told["stretches"]


def cuts(bench, count, sound):
    if bench.quick:
        count = min(count, 12)
    look = replace(bench.base, keyint=48, sound=sound)
    [files] = clips(bench.clips, count, look, distinct=8)
    ours, theirs = bench.film("cuts"), bench.film("cuts-ffmpeg")
    # milliseconds each: more rounds cost nothing
    pairs = paired(bench.stitch(files, ours), concat(bench, files, theirs), max(3, bench.rounds))
    row = bench.row(f"cuts-{count}{'-aac' if sound else ''}", *pairs, {"wall": 1.0}, opponent_name="concat -c copy")
    if bench.checks:
        row["faults"] += media.timing_faults(ours, count * look.frames, look.fps, sound)
        row["notes"] += [f"concat -c copy: {fault}" for fault in
                         media.timing_faults(theirs, count * look.frames, look.fps, sound)]
        check_copied(bench, row, ours, files, [])


def dissolve(bench, name, keyint, timing, targets, codec="h264", encoders=()):
    """`encoders`: of the clips, in turn, where they are not all of the codec's own."""
    look = replace(bench.base, keyint=keyint, sound=True, codec=codec)
    everything = ([replace(look, encoder=each) for each in encoders] or
                  [replace(look, keyint=each) for each in (24, 48, 250)])
    count = 4 if bench.quick else 8
    made = clips(bench.clips, count, *everything)
    files = ([made[index % len(encoders)][index] for index in range(count)] if encoders else
             made[[24, 48, 250].index(keyint)])
    more = ["--transition", f"dissolve:{FADE}", "--timing", timing, "--crf", CRF[codec], "--encoder-preset", "medium"]
    ours, theirs = bench.film(name), bench.film(f"{name}-ffmpeg")
    pairs = paired(bench.stitch(files, ours, *more), xfade(files, look, theirs), bench.rounds)
    fade = round(FADE * look.fps)
    their_frames = count * look.frames - (count - 1) * fade
    our_frames = count * look.frames if timing == "hold" else their_frames
    row = bench.row(name, *pairs, targets, opponent_name=f"xfade, {' '.join(ENCODER[codec])} crf {CRF[codec]}")
    row["frames"] = {"longtake": our_frames, "opponent": their_frames}
    row["bytes"] = {"longtake": ours.stat().st_size, "opponent": theirs.stat().st_size}
    if timing == "hold":
        row["notes"].append(f"films of {our_frames} and {their_frames} frames; CPU a frame: ratio "
                            f"{row['cpu_ratio'] * their_frames / our_frames:.3f}")
    if not bench.checks:
        return
    row["faults"] += media.timing_faults(ours, our_frames, look.fps, True)
    row["notes"] += [f"xfade: {fault}" for fault in media.timing_faults(theirs, their_frames, look.fps, True)]
    stretches = check_copied(bench, row, ours, files, more)
    compare_quality(bench, row, files, look, more, stretches, timing)


def compare_quality(bench, row, files, look, more, stretches, timing):
    """SSIM of the pictures longtake encoded against its own lossless render of the same edit, and of ffmpeg's film against
    ffmpeg's. ffmpeg's xfade has the same frames in an overlap; a hold it encodes from the lossless render, in one go."""
    name = row["case"]
    reference, crf = lossless(bench, row, files, more)
    ours = media.frame_ssim(bench.film(name), reference)
    if timing == "hold":
        their_film = bench.film(f"{name}-ffmpeg-hold")
        media.run("ffmpeg", "-v", "error", "-nostdin", "-y", "-i", reference, "-an", "-c:v", *ENCODER[look.codec], "-crf",
                  CRF[look.codec], their_film)
        theirs = media.frame_ssim(their_film, reference)
    else:
        their_reference = bench.film(f"{name}-ffmpeg-lossless")
        media.run(*xfade(files, replace(look, codec="h264"), their_reference, crf=crf))
        theirs = media.frame_ssim(bench.film(f"{name}-ffmpeg"), their_reference)
        their_reference.unlink()
    if stretches is None:
        encoded = set(range(len(ours)))
    else:
        encoded = {k for s in stretches if s["kind"] == "encode" for k in range(s["at"], s["at"] + s["frames"])}
    compared = encoded & set(range(len(theirs)))
    if not encoded:
        return
    row["ssim"] = {"longtake": statistics.mean(ours[k] for k in sorted(encoded)),
                   "opponent": statistics.mean(theirs[k] for k in sorted(compared)), "frames": len(encoded)}
    if row["ssim"]["longtake"] < row["ssim"]["opponent"] - 0.0005:
        row["faults"].append("SSIM of the encoded frames is more than 0.0005 below ffmpeg's")


def lossless(bench, row, files, more):
    """longtake's own render of the edit and the CRF it was made at: 0, which is lossless, or where that fails 1. ffmpeg's film
    is then compared with one at that same CRF."""
    out = bench.film("lossless")
    plain = [word for word in more if word not in ("--crf", *CRF.values())]
    for crf in ("0", "1"):
        try:
            measure(bench.stitch(files, out, *plain, "--crf", crf))
            hashes, complaint = media.frame_md5(out)
            if hashes and not complaint:
                if crf != "0":
                    row["notes"].append("SSIM against renders at crf 1; crf 0 could not be made or played")
                return out, crf
        except RuntimeError:
            pass
    raise RuntimeError("no lossless render could be made")


def scaled(bench):
    look = replace(bench.base, keyint=48, sound=True)
    count = 3 if bench.quick else 8
    size = "x".join(str(int(part) * 2 // 3 // 2 * 2) for part in bench.size.split("x"))
    everything = [replace(look, keyint=each) for each in (24, 48, 250)]
    files = clips(bench.clips, count, *everything)[1]
    more = ["--transition", f"dissolve:{FADE}", "--timing", "overlap", "--size", size, "--crf", "18",
            "--encoder-preset", "medium"]
    ours, theirs = bench.film("scaled"), bench.film("scaled-ffmpeg")
    pairs = paired(bench.stitch(files, ours, *more), xfade(files, look, theirs, size=size), bench.rounds)
    row = bench.row("scaled", *pairs, {"wall": 0.75}, opponent_name="scale, xfade, libx264 medium crf 18")
    row["bytes"] = {"longtake": ours.stat().st_size, "opponent": theirs.stat().st_size}
    if not bench.checks:
        return
    frames = count * look.frames - (count - 1) * round(FADE * look.fps)
    row["faults"] += media.timing_faults(ours, frames, look.fps, True)
    reference, crf = lossless(bench, row, files, more)
    ours_ssim = media.frame_ssim(ours, reference)
    their_reference = bench.film("scaled-ffmpeg-lossless")
    media.run(*xfade(files, look, their_reference, crf=crf, size=size))
    row["ssim"] = {"longtake": statistics.mean(ours_ssim),
                   "opponent": statistics.mean(media.frame_ssim(theirs, their_reference)), "frames": len(ours_ssim)}
    if row["ssim"]["longtake"] < row["ssim"]["opponent"] - 0.0005:
        row["faults"].append("SSIM is more than 0.0005 below ffmpeg's")


def memory(bench, count):
    """Peak memory over many clips; ffmpeg opens all its inputs at once and is asked for 12 only."""
    look = replace(bench.base, seconds=2, keyint=24, sound=True)
    [files] = clips(bench.clips, count, look, distinct=8)
    out = bench.film("memory")
    more = ["--transition", f"dissolve:{FADE}", "--timing", "overlap", "--crf", "18", "--encoder-preset", "medium"]
    ours = [measure(bench.stitch(files, out, *more))]
    their_runs = [measure(xfade(files[:12], look, bench.film("memory-ffmpeg")))]
    row = bench.row(f"memory-{count}", ours, None, {"mb": 400})
    row["notes"].append(f"ffmpeg xfade with 12 of these clips: {their_runs[0]['mb']:.0f} MB")
    row["opponent_mb_12_clips"] = their_runs[0]["mb"]
    if bench.checks:
        row["faults"] += media.timing_faults(out, count * look.frames - (count - 1) * round(FADE * look.fps), look.fps, True)
        check_copied(bench, row, out, files, more)


# name: (what it runs, what it says, part of --quick)
CASES = {
    "cuts-8": (lambda b: cuts(b, 8, False), "8 clips, hard cuts, no sound", True),
    "cuts-8-aac": (lambda b: cuts(b, 8, True), "8 clips, hard cuts, AAC", True),
    "cuts-12-aac": (lambda b: cuts(b, 12, True), "12 clips, hard cuts, AAC", False),
    "cuts-60": (lambda b: cuts(b, 60, False), "60 clips, hard cuts, no sound", False),
    "cuts-60-aac": (lambda b: cuts(b, 60, True), "60 clips, hard cuts, AAC", False),
    "dissolve-g24": (lambda b: dissolve(b, "dissolve-g24", 24, "overlap", {"cpu": 0.21}),
                     "8 five-second clips, dissolves of 0.5 s, an IDR every second", True),
    "dissolve-g48": (lambda b: dissolve(b, "dissolve-g48", 48, "overlap", {"cpu": 0.35}), "the same, every two seconds", False),
    "hold": (lambda b: dissolve(b, "hold", 250, "hold", {"cpu": 0.14}),
             "the same, one IDR a clip, the second clip held", True),
    "overlap": (lambda b: dissolve(b, "overlap", 250, "overlap", {"cpu": 0.78, "wall": 0.68}),
                "the same, one IDR a clip, both moving", False),
    "hevc-dissolve-g24": (lambda b: dissolve(b, "hevc-dissolve-g24", 24, "overlap", {"cpu": 0.25}, "hevc"),
                          "HEVC clips, dissolves of 0.5 s, an IDR every second", True),
    "hevc-hold": (lambda b: dissolve(b, "hevc-hold", 250, "hold", {"cpu": 0.10}, "hevc"),
                  "the same, one IDR a clip, the second clip held", True),
    "av1-dissolve-g24": (lambda b: dissolve(b, "av1-dissolve-g24", 24, "overlap", {"cpu": 0.25}, "av1"),
                         "AV1 clips, dissolves of 0.5 s, a key frame every second", True),
    "av1-hold": (lambda b: dissolve(b, "av1-hold", 250, "hold", {"cpu": 0.10}, "av1"),
                 "the same, one key frame a clip, the second clip held", True),
    "av1-foreign": (lambda b: dissolve(b, "av1-foreign", 250, "hold", {"cpu": 0.10}, "av1", ["libaom-av1", "librav1e", ""]),
                    "the same, clips of libaom, rav1e and SVT-AV1 in turn", False),
    "scaled": (scaled, "a full render to another size", False),
    "memory-60": (lambda b: memory(b, 60), "peak memory, 60 1080p clips of 2 s", False),
    "memory-120": (lambda b: memory(b, 120), "peak memory, 120 of them", False),
}


def print_table(rows):
    print("longtake/ffmpeg; targets in brackets")
    print(f"{'case':17} {'longtake CPU':>12} {'ffmpeg CPU':>10} {'CPU ratio':>12} {'wall s':>13} {'wall ratio':>12} "
          f"{'peak MB':>11}  SSIM")
    for row in rows:
        ours, theirs, targets = row["longtake"], row["opponent"], row["targets"]

        def ratio(key):
            if not theirs:
                return "-"
            return f"{row[key + '_ratio']:.3f}" + (f" ({targets[key]:g})" if key in targets else "")
        walls = f"{ours['wall']:.2f}/" + (f"{theirs['wall']:.2f}" if theirs else "-")
        sizes = f"{ours['mb']:.0f}/" + (f"{theirs['mb']:.0f}" if theirs else "-")
        ssim = f"{row['ssim']['longtake']:.5f}/{row['ssim']['opponent']:.5f}" if "ssim" in row else "-"
        print(f"{row['case']:17} {ours['cpu']:12.2f} {format(theirs['cpu'], '.2f') if theirs else '-':>10} {ratio('cpu'):>12} "
              f"{walls:>13} {ratio('wall'):>12} {sizes:>11}  {ssim}")
        for fault in row["faults"]:
            print(f"    WRONG: {fault}")
        if "bytes" in row:
            print("    films of {longtake:.1f} and {opponent:.1f} MB".format(**{k: v / 1e6 for k, v in row["bytes"].items()}))
        for note in row["notes"]:
            print(f"    {note}")


def missed(row):
    """The targets (in brackets in the table) that a row does not meet."""
    found = {"cpu": row.get("cpu_ratio"), "wall": row.get("wall_ratio"), "mb": row["longtake"]["mb"]}
    return [key for key, most in row["targets"].items() if found[key] is not None and found[key] > most]


def one_line(rows):
    parts = []
    for row in rows:
        if row["opponent"]:
            parts.append(f"{row['case']} CPU x{row['cpu_ratio']:.2f}, wall x{row['wall_ratio']:.2f}")
        else:
            parts.append(f"{row['case']} {row['longtake']['mb']:.0f} MB (ffmpeg, 12 clips: {row['opponent_mb_12_clips']:.0f} MB)")
    return "longtake against ffmpeg: " + "; ".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="which (default: all)")
    parser.add_argument("--longtake", default=ROOT / "build/release/longtake", help="the program")
    parser.add_argument("--clips", default=ROOT / "build/bench-clips", help="folder that keeps the clips")
    parser.epilog = "GRAIN=5 in the environment makes clips with twice the bits, which decode slower; the default is 2."
    parser.add_argument("--work", help="folder for the films (default: a temporary one, removed)")
    parser.add_argument("--rounds", type=int, help="pairs measured (default 3; with --quick 1)")
    parser.add_argument("--size", help="of the clips (default 1920x1080; with --quick 1280x720)")
    parser.add_argument("--fps", type=int, default=24, help="of the clips (default %(default)s)")
    parser.add_argument("--seconds", type=int, default=5, help="each clip lasts (default %(default)s; memory: 2)")
    parser.add_argument("--bframes", type=int, default=3, help="of the clips (default %(default)s)")
    parser.add_argument("--quick", action="store_true", help="few cases, half the clips, less than half the pixels, one round: "
                        "a look at the works")
    parser.add_argument("--no-checks", action="store_true", help="measure only")
    parser.add_argument("--strict", action="store_true", help="exit 1 also when a target is missed")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--json", help="write all figures to this file")
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{name:14} {what}{'  (quick)' if quick else ''}" for name, (_, what, quick) in CASES.items()))
        return 0
    unknown = set(options.cases) - set(CASES)
    if unknown:
        parser.error(f"no case {', '.join(sorted(unknown))}; --list names them")
    options.rounds = options.rounds or (1 if options.quick else 3)
    names = options.cases or [name for name, (_, _, quick) in CASES.items() if quick or not options.quick]
    failed = []
    with tempfile.TemporaryDirectory(prefix="longtake-stitch-") as temporary:
        work = pathlib.Path(options.work or temporary)
        work.mkdir(parents=True, exist_ok=True)
        bench = Bench(options, work)
        for name in names:
            print(f"{name}: {CASES[name][1]}", file=sys.stderr)
            try:
                CASES[name][0](bench)
            except (RuntimeError, subprocess.CalledProcessError) as error:
                failed.append(f"{name}: {error}")
    print_table(bench.rows)
    for line in failed:
        print(f"FAILED {line}")
    for row in bench.rows:
        row["missed"] = missed(row)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps({"rows": bench.rows, "failed": failed}, indent=1))
    if bench.rows:
        print(one_line(bench.rows))
    late = [f"{row['case']} {key}" for row in bench.rows for key in row["missed"]]
    if late:
        print("targets missed: " + ", ".join(late))
    wrong = bool(failed) or any(row["faults"] for row in bench.rows)
    return 1 if wrong or (options.strict and late) else 0


if __name__ == "__main__":
    sys.exit(main())
