#!/usr/bin/env python3
"""Films of clips of every kind people have, held against what ffmpeg shows of the same clip.

Each clip is made by ffmpeg: a moving test picture in which every twelfth frame flashes white, with a beep at each flash.
The film of it has to have the frames, the picture (SSIM to ffmpeg's filters for that kind of clip) and the sound (each
beep within 2 ms of its flash, silence between) that the clip has. What a format cannot hold is passed over.

usage: clips.py --longtake PROGRAM [PAIR...]       a pair is CODEC-CONTAINER; all without one
"""
import argparse
import array
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

SIZE, RATE, SECONDS = (192, 108), 25, 2.4
PERIOD, FLASH = 12, 6  # frames
LEAST_SSIM = 0.995
TAGS = "-color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv"
AAC, PCM, OPUS, MP2, MP3, VORBIS = ("-c:a " + codec for codec in (
    "aac -b:a 192k", "pcm_s16le", "libopus -b:a 128k", "mp2 -b:a 192k", "libmp3lame -b:a 192k", "libvorbis -q:a 6"))

#: What makes a codec's video: options, those of ten bits, of open groups of pictures, and of interlaced coding.
CODECS = {
    "h264": ("-c:v libx264 -preset veryfast -crf 8 -g 12", "", "-x264-params open-gop=1:scenecut=0:bframes=3",
             "-flags +ildct+ilme -x264-params tff=1"),
    "hevc": ("-c:v libx265 -preset ultrafast -x265-params log-level=none:crf=6:keyint=12:open-gop=0", "",
             "-x265-params log-level=none:crf=6:keyint=12:open-gop=1:bframes=3", None),
    "mpeg2": ("-c:v mpeg2video -q:v 2 -g 12", None, "-bf 2", "-flags +ildct+ilme -top 1"),
    "mpeg4": ("-c:v mpeg4 -q:v 2 -g 12", None, None, None),
    "vp8": ("-c:v libvpx -b:v 4M -g 12 -deadline realtime -cpu-used 4", None, None, None),
    "vp9": ("-c:v libvpx-vp9 -b:v 0 -crf 8 -g 12 -deadline realtime -cpu-used 8", "-profile:v 2", None, None),
    "av1": ("-c:v libaom-av1 -crf 8 -g 12 -cpu-used 8 -usage realtime", "", None, None),
    "prores": ("-c:v prores_ks -profile:v 3", "", None, "-flags +ildct -top 1"),
    "ffv1": ("-c:v ffv1 -level 3 -g 1", "", None, None),
}
PAIRS = {
    "h264-mp4": AAC, "h264-mov": AAC, "h264-mkv": AAC, "h264-ts": AAC, "hevc-mp4": AAC, "hevc-mkv": OPUS,
    "mpeg2-mpg": MP2, "mpeg2-ts": MP2, "mpeg4-avi": MP3, "vp8-webm": VORBIS, "vp9-webm": OPUS, "av1-mp4": AAC,
    "prores-mov": PCM, "ffv1-mkv": PCM,
}
KINDS = ["plain", "trimmed", "open", "variable", "mirrored", "anamorphic", "interlaced", "ten-bit", "hlg", "pq",
         "surround", "late"]


def run(command):
    done = subprocess.run(["bash", "-c", command], capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command}\n{done.stderr.decode(errors='replace')}")
    return done.stdout


def ffmpeg(arguments):
    return run("ffmpeg -nostdin -hide_banner -v error -y -threads 1 " + arguments)


def tone(rate=48000):
    """The beeps, as a filter source: 20 ms of 1 kHz from each flash on."""
    period, first = PERIOD / RATE, FLASH / RATE
    return f"'0.5*sin(2000*PI*(t-{first}))*gte(t,{first})*lt(mod(t-{first},{period}),0.02)':s={rate}:d={SECONDS}"


def picture(rate=RATE):
    """The test picture, in colours that no conversion of dynamic range has to roll off."""
    every, at = PERIOD * rate // RATE, FLASH * rate // RATE
    flash = f"drawbox=enable='between(mod(n,{every}),{at},{at + rate // RATE - 1})':c=white:t=fill"
    return (f"testsrc2=s={SIZE[0]}x{SIZE[1]}:r={rate}:d={SECONDS},{flash},scale=out_color_matrix=bt709:out_range=tv,"
            "format=yuv420p,lutyuv=y='16+(val-16)*0.75':u='128+(val-128)*0.7':v='128+(val-128)*0.7',"
            "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv")


def mirror(file):
    """Writes a matrix that mirrors and turns into the file's track header (ISO/IEC 14496-12, 8.3.2)."""
    data = bytearray(file.read_bytes())
    at = data.find(b"tkhd")
    at += 4 + (40 if data[at + 4] == 0 else 52)
    one = 1 << 16
    struct.pack_into(">9i", data, at, 0, one, 0, one, 0, 0, 0, 0, 1 << 30)
    file.write_bytes(data)


class Clip:
    """One clip, and the filters with which ffmpeg shows it as it is meant."""

    def __init__(self, folder, pair, kind):
        self.codec, container = pair.split("-")
        self.kind, self.folder, self.sound = kind, folder, PAIRS[pair]
        self.file = folder / f"clip.{container}"
        self.reference = "null"
        self.rate = RATE
        self.size = SIZE
        self.options, self.ten, self.open, self.fields = CODECS[self.codec]

    def make(self):
        """False if this format has no such clip."""
        return getattr(self, "make_" + self.kind.replace("-", "_"))()

    def encode(self, source, more="", depth="yuv420p", tags=TAGS, sound="", file=None, tone_filter=""):
        ten = self.codec == "prores"
        if self.file.suffix == ".avi":  # MPEG-4's encoder leaves out a picture; the one before it stands
            self.reference = f"fps={RATE}:round=near"
        ffmpeg(f"-f lavfi -i {json.dumps(source)} {sound} -f lavfi -i {json.dumps('aevalsrc=' + tone())} -map 0:v -map 1:a "
               f"{tone_filter} {self.options} {more} -pix_fmt {'yuv422p10le' if ten else depth} {tags} {self.sound} "
               f"'{file or self.file}'")
        return True

    def make_plain(self):
        return self.encode(picture())

    def make_trimmed(self):
        """Copied from between two keyframes on: an edit list where there are such, the keyframe before elsewhere."""
        whole = self.folder / ("whole" + self.file.suffix)
        self.encode(picture(), file=whole)
        ffmpeg(f"-ss 0.6 -i '{whole}' -c copy '{self.file}'")
        return True

    def make_open(self):
        if self.open is None:
            return False
        whole = self.folder / ("whole" + self.file.suffix)
        self.encode(picture(), self.open, file=whole)
        ffmpeg(f"-ss 1.0 -i '{whole}' -c copy '{self.file}'")
        return True

    def make_variable(self):
        if self.file.suffix in (".avi", ".mpg"):
            return False  # they have a rate, and no times of their own
        self.reference = f"fps={RATE}:round=near"
        return self.encode(picture() + ",select='not(eq(mod(n\\,10)\\,7))'", "-fps_mode vfr")

    def make_mirrored(self):
        if self.file.suffix not in (".mp4", ".mov"):
            return False
        self.encode(picture())
        mirror(self.file)
        self.size = SIZE[::-1]
        return True  # ffmpeg turns it itself

    def make_anamorphic(self):
        if self.file.suffix in (".avi", ".webm"):
            return False
        self.encode(picture() + ",setsar=4/3")
        shape = run(f"ffprobe -v error -select_streams v:0 -show_entries stream=sample_aspect_ratio -of csv=p=0 '{self.file}'")
        wide, high = map(int, shape.decode().split()[0].strip(",").split(":"))  # MPEG-2 has three shapes of the whole picture
        self.size = (round(SIZE[0] * wide / high) // 2 * 2, SIZE[1])
        self.reference = f"scale={self.size[0]}:{self.size[1]}:flags=bicubic,setsar=1"
        return True

    def make_interlaced(self):
        if self.fields is None:
            return False
        self.reference = "bwdif=mode=send_frame:deint=interlaced"
        return self.encode(picture(2 * RATE) + ",interlace=scan=tff:lowpass=0,setfield=tff", self.fields)

    def make_ten_bit(self):
        if self.ten is None:
            return False
        return self.encode(picture(), self.ten, "yuv420p10le")

    def make_hdr(self, transfer):
        if self.ten is None or self.file.suffix == ".ts" or self.codec in ("vp9", "ffv1", "prores"):  # their encoders write no tags
            return False
        to = (f",zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt2020:t={transfer}:m=2020_ncl:r=tv:npl=203,"
              f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc:range=tv")
        self.reference = (f"zscale=tin={transfer}:pin=bt2020:min=2020_ncl:rin=tv:m=gbr:p=bt709:t=linear:r=full:npl=203,format=gbrpf32le,"
                          # by way of integers, which have no colours that no screen shows: whether zimg leaves those in
                          # the codes is not the same on every machine
                          "zscale=tin=linear:min=gbr:pin=bt709:rin=full:p=bt709:t=bt709:m=gbr:r=full,format=gbrp16le,"
                          "zscale=tin=bt709:min=gbr:pin=bt709:rin=full:p=bt709:t=bt709:m=709:r=tv,format=yuv420p")
        tags = f"-color_primaries bt2020 -color_trc {transfer} -colorspace bt2020nc -color_range tv"
        return self.encode(picture() + to, self.ten, "yuv420p10le", tags)

    def make_hlg(self):
        return self.make_hdr("arib-std-b67")

    def make_pq(self):
        return self.make_hdr("smpte2084")

    def make_surround(self):
        if self.sound in (MP2, MP3):
            return False
        return self.encode(picture(), tone_filter="-af 'pan=5.1|FL=c0|FR=c0|FC=c0|LFE=c0|BL=c0|BR=c0'")

    def make_late(self):
        if self.file.suffix == ".avi":
            return False
        return self.encode(picture(), sound="-itsoffset 0.2")


def frames_of(file):
    out = run(f"ffprobe -v error -select_streams v:0 -count_frames -show_entries stream=nb_read_frames -of csv=p=0 '{file}'")
    return int(out.split(b"\n")[0].strip(b",\r "))


def reference_of(clip):
    """What ffmpeg shows, lossless, in BT.709; the number of its frames."""
    colours = json.loads(run(f"ffprobe -v error -select_streams v:0 -show_entries stream=color_space -of json '{clip.file}'"))
    tagged = "color_space" in colours["streams"][0]
    matrix = f",scale=flags=bicubic+accurate_rnd+full_chroma_int:in_color_matrix={'auto' if tagged else 'bt601'}:out_color_matrix=bt709"
    if clip.kind in ("hlg", "pq"):
        matrix = ""
    file = clip.folder / "reference.mkv"
    passing = "-fps_mode passthrough" if clip.kind != "variable" else ""
    ffmpeg(f"-i '{clip.file}' -map 0:v:0 -vf 'select=gte(t\\,-0.001),{clip.reference}{matrix},format=yuv420p' {passing} -c:v ffv1 '{file}'")
    return file, frames_of(file)


def ssim(film, reference):
    chain = f"[0:v]settb=1/{RATE},setpts=N,setsar=1[a];[1:v]settb=1/{RATE},setpts=N,setsar=1[b];[a][b]ssim=stats_file=-"
    lines = ffmpeg(f"-i '{film}' -i '{reference}' -lavfi '{chain}' -f null -").decode().splitlines()
    shares = [float(line.split("All:")[1].split()[0]) for line in lines]
    return sum(shares) / len(shares)


def flashes_in(film, size):
    pixels = run(f"ffmpeg -v error -i '{film}' -vf scale=16:16,format=gray -f rawvideo -")
    bright = bright_frames(pixels)
    return [i / RATE for i, flash in enumerate(bright) if flash and (i == 0 or not bright[i - 1])]


def bright_frames(pixels):
    """Which of pictures of 16 x 16 grey pixels are flashes."""
    means = [sum(pixels[i:i + 256]) / 256 for i in range(0, len(pixels), 256)]
    middle = (max(means) + sorted(means)[len(means) // 2]) / 2
    return [mean > middle for mean in means]


def sound_after_picture(file):
    """Seconds by which beeps come after their flashes in a clip, by ffmpeg's word: its muxers and copies part the two."""
    frames = run(f"ffprobe -v error -select_streams v:0 -show_entries frame=pts_time -of csv=p=0 '{file}'").decode()
    times = []
    for line in frames.split():
        word = line.strip(",")
        times.append(times[-1] + 1 / RATE if word == "N/A" else float(word))  # program streams need not time all
    pixels = run(f"ffmpeg -v error -i '{file}' -map 0:v:0 -fps_mode passthrough -vf scale=16:16,format=gray -f rawvideo -")
    bright = bright_frames(pixels)
    flash = next(times[i] for i in range(1, len(bright)) if bright[i] and not bright[i - 1])
    starts = run(f"ffprobe -v error -select_streams a:0 -read_intervals %+1 -show_entries frame=pts_time -of csv=p=0 '{file}'")
    start = float(starts.decode().split()[0].strip(","))
    samples = array.array("h", run(f"ffmpeg -v error -i '{file}' -map 0:a:0 -ac 1 -ar 48000 -f s16le -"))
    peak = max(map(abs, samples))
    beep = start + next(i for i, sample in enumerate(samples) if abs(sample) > peak * 0.3) / 48000
    return beep - flash


def beeps_in(film):
    """When beeps begin, and the loudest sample outside of them."""
    samples = array.array("h", run(f"ffmpeg -v error -i '{film}' -ac 1 -ar 48000 -f s16le -"))
    peak = max(map(abs, samples), default=0)
    beeps, loudest, at = [], 0, 0
    while at < len(samples):
        if abs(samples[at]) > peak * 0.3:
            beeps.append(at / 48000)
            at += 48 * 60
            continue
        at += 1
    inside = bytearray(len(samples))
    for beep in beeps:
        first = max(0, int(beep * 48000) - 1200)
        last = min(len(samples), first + 4800)
        inside[first:last] = b"\1" * (last - first)
    loudest = max((abs(s) for s, hidden in zip(samples, inside) if not hidden), default=0)
    return beeps, loudest / max(1, peak), peak


def problems_of(clip, film, notes):
    reference, frames = reference_of(clip)
    if frames_of(film) != frames:
        yield f"{frames_of(film)} frames, not {frames}"
        return
    size = run(f"ffprobe -v error -select_streams v:0 -show_entries stream=width,height -of csv=p=0 '{film}'").decode()
    if size.strip().strip(",") != f"{clip.size[0]},{clip.size[1]}":
        yield f"its size is {size.strip()}, not {clip.size}"
        return
    if (like := ssim(film, reference)) < LEAST_SSIM:
        yield f"SSIM {like:.4f}"
    beeps, rest, peak = beeps_in(film)
    flashes = flashes_in(film, clip.size)
    period = PERIOD / RATE
    late = sound_after_picture(clip.file)
    for beep in beeps:
        off = [(beep - flash - late + period / 2) % period - period / 2 for flash in flashes]
        if not off or min(map(abs, off)) > 0.002:
            yield f"a beep at {beep:.4f} s, flashes at {flashes}"
            return
    if len(beeps) < len(flashes) - 1:
        yield f"{len(beeps)} beeps, {len(flashes)} flashes"
    if rest > 0.02:
        yield f"between the beeps it sounds at {rest:.3f} of their peak"
    if clip.kind == "surround" and not any("mixed down" in note for note in notes):
        yield "no note of the down-mix"
    if clip.kind in ("hlg", "pq") and not any("converted to BT.709" in note for note in notes):
        yield "no note of the colours"


def check(longtake, pair, kind):
    """An answer of one word, and what is wrong."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="longtake-corpus-"))
    try:
        clip = Clip(folder, pair, kind)
        if not clip.make():
            return "n/a", []
        film = folder / "film.mp4"
        done = subprocess.run([longtake, "stitch", clip.file, "-o", film, "--json", "--crf", "2", "--encoder-preset",
                               "superfast"], capture_output=True, text=True)
        result = json.loads(done.stdout.splitlines()[-1])
        if done.returncode != 0:
            return "REFUSED", [result["message"].replace(str(folder), "")]
        wrong = list(problems_of(clip, film, result["notes"]))
        return ("WRONG" if wrong else "right"), wrong
    finally:
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--longtake", required=True)
    parser.add_argument("--kind", action="append", help="only these")
    parser.add_argument("pairs", nargs="*", default=[])
    options = parser.parse_args()
    failed = 0
    for pair in options.pairs or PAIRS:
        for kind in options.kind or KINDS:
            word, wrong = check(options.longtake, pair, kind)
            failed += word not in ("right", "n/a")
            print(f"{pair:<11} {kind:<11} {word} {'; '.join(wrong)}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
