#!/usr/bin/env python3
"""Makes music.flac, the music of this sample: a calm piece for electric piano, nylon string, bass and shaker.

    python3 make_music.py [music.flac | music.wav]

Standard library only. A name ending in .flac needs ffmpeg (`ffmpeg -i music.wav music.flac`). The result is always
the same. Eight bars at 64 beats a minute, 30 s, 48 kHz stereo; every sound that rings past the end rings on at the
beginning, so the piece loops without a seam. A quarter of a second more follows, the beginning once again: longtake
crossfades that long where music starts over, and so the rhythm stays whole.

This script and the music it makes are dedicated to the public domain under CC0 1.0.
https://creativecommons.org/publicdomain/zero/1.0/
"""

import array
import math
import random
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

RATE = 48000
BEAT = RATE * 60 // 64
LENGTH = 32 * BEAT
OVERLAP = RATE // 4

# One line a chord: beats, bass note, the piano's notes (MIDI numbers).
CHORDS = [
    (4, 41, (57, 60, 64, 67)),  # Fmaj9
    (4, 40, (55, 59, 62, 67)),  # Em7
    (4, 38, (53, 57, 60, 64)),  # Dm9
    (4, 36, (52, 55, 59, 62)),  # Cmaj9
    (4, 41, (57, 60, 64, 69)),  # Fmaj7
    (2, 40, (55, 59, 62, 67)),  # Em7
    (2, 45, (55, 61, 64, 69)),  # A7
    (2, 38, (53, 57, 60, 65)),  # Dm7
    (2, 43, (53, 57, 60, 64)),  # G13sus
    (4, 36, (52, 57, 62, 64)),  # C6/9
]

# The string's melody: beat, note, strength.
MELODY = [
    (0.0, 76, 0.9), (1.5, 72, 0.7), (2.5, 69, 0.6), (3.0, 72, 0.7), (4.0, 71, 0.8), (5.5, 67, 0.6), (7.0, 69, 0.6),
    (8.0, 72, 0.9), (9.5, 69, 0.6), (10.5, 67, 0.6), (11.0, 69, 0.7), (12.0, 67, 0.8), (14.0, 64, 0.5), (15.0, 67, 0.6),
    (16.0, 76, 0.9), (17.5, 77, 0.7), (18.5, 76, 0.6), (19.0, 72, 0.7), (20.0, 74, 0.8), (21.5, 71, 0.6),
    (22.0, 73, 0.7), (23.5, 76, 0.6), (24.0, 77, 0.8), (25.5, 74, 0.6), (26.5, 72, 0.6), (27.0, 69, 0.6),
    (28.0, 67, 0.8), (30.0, 64, 0.5), (31.0, 67, 0.5),
]


def hertz(note):
    return 440.0 * 2 ** ((note - 69) / 12)


def partial(hz, amplitude, decay, samples):
    """A sine that dies away (down to 1/e after `decay` seconds): one multiplication chain, no sin() per sample."""
    shrink = math.exp(-1 / (decay * RATE))
    angle = 2 * math.pi * hz / RATE
    a, b = 2 * shrink * math.cos(angle), -shrink * shrink
    before, now = 0.0, amplitude * shrink * math.sin(angle)
    out = []
    for _ in range(samples):
        out.append(before)
        before, now = now, a * now + b * before
    return out


def shaped(sound, attack, release):
    """Rounds off the beginning and the end, in seconds."""
    rise, fall = int(attack * RATE), int(release * RATE)
    for i in range(rise):
        sound[i] *= 0.5 - 0.5 * math.cos(math.pi * i / rise)
    for i in range(fall):
        sound[-1 - i] *= 0.5 - 0.5 * math.cos(math.pi * i / fall)
    return sound


def tone(note, seconds, partials, detune, attack):
    samples = int(seconds * RATE)
    layers = [partial(hertz(note) * ratio * (1 + detune), level, decay, samples) for ratio, level, decay in partials]
    return shaped([sum(values) for values in zip(*layers)], attack, 0.15)


PIANO = ((1, 1.0, 1.6), (2, 0.22, 0.9), (3, 0.10, 0.5), (4, 0.03, 0.3), (7.02, 0.012, 0.07))
BASS = ((1, 1.0, 1.3), (2, 0.35, 0.7), (3, 0.10, 0.4))


def string(note, rng):
    """A soft nylon string: Karplus and Strong's plucked delay line, filled with dulled noise."""
    samples = int(2.2 * RATE)
    period = RATE / hertz(note) - 0.5
    size = int(period)
    fraction = period - size
    line = [rng.uniform(-1, 1) for _ in range(size + 1)]
    for _ in range(5):  # a finger, not a plectrum
        line = [0.5 * (line[i] + line[i - 1]) for i in range(len(line))]
    middle = sum(line) / len(line)
    out = [value - middle for value in line]
    for n in range(len(out), samples):
        late = out[n - size - 1] * fraction + out[n - size] * (1 - fraction)
        later = out[n - size - 2] * fraction + out[n - size - 1] * (1 - fraction) if n > size + 1 else late
        out.append(0.4985 * (late + later))
    peak = max(map(abs, out))
    return shaped([value / peak for value in out], 0.004, 0.2)


def shaker(rng):
    """A breath of noise, mostly between 4 and 9 kHz."""
    samples = int(0.09 * RATE)
    low, lower = 0.0, 0.0
    out = []
    for n in range(samples):
        noise = rng.uniform(-1, 1)
        low += 0.62 * (noise - low)
        lower += 0.38 * (low - lower)
        out.append((low - lower) * math.exp(-n / (0.022 * RATE)))
    return shaped(out, 0.012, 0.02)


class Bus:
    """Stereo, as long as the piece; what is put past the end comes in at the beginning."""

    def __init__(self):
        self.left = array.array("d", bytes(8 * LENGTH))
        self.right = array.array("d", bytes(8 * LENGTH))

    def put(self, at, left, right, gain, pan):
        """`pan` from -1 (left) to 1 (right), at equal power."""
        angle = (pan + 1) * math.pi / 4
        for track, sound, level in ((self.left, left, gain * math.cos(angle)), (self.right, right, gain * math.sin(angle))):
            done = 0
            start = int(at) % LENGTH
            while done < len(sound):
                count = min(len(sound) - done, LENGTH - start)
                part = sound[done : done + count]
                track[start : start + count] = array.array(
                    "d", [old + level * new for old, new in zip(track[start : start + count], part)]
                )
                done, start = done + count, 0


def room(track, delays):
    """A warm small hall: damped combs in parallel. Runs in with the last seconds, so that the loop has no seam."""
    wet = array.array("d", bytes(8 * LENGTH))
    lead = 4 * RATE
    source = track[-lead:] + track
    for delay, feedback in delays:
        line = [0.0] * delay
        at, damped = 0, 0.0
        out = []
        for value in source:
            heard = line[at]
            damped += 0.35 * (heard - damped)
            line[at] = value + feedback * damped
            at += 1
            if at == delay:
                at = 0
            out.append(heard)
        wet = array.array("d", map(float.__add__, wet, out[lead:]))
    return wet


def compose():
    rng = random.Random(64)
    dry, air = Bus(), Bus()
    piano = {}
    bass = {}
    beat = 0.0
    for beats, low, notes in CHORDS:
        for offset, strength in ((0, 1.0), (1.5, 0.55), (2.5, 0.45)) if beats == 4 else ((0, 0.9), (1.5, 0.4)):
            for i, note in enumerate(notes):
                if note not in piano:
                    piano[note] = [tone(note, 3.4, PIANO, bend, 0.007) for bend in (-0.0005, 0.0005)]
                spread = i * 0.022 * RATE + rng.uniform(0, 0.006) * RATE
                air.put((beat + offset) * BEAT + spread, *piano[note], 0.085 * strength, (note - 61) / 20)
        if low not in bass:
            bass[low] = tone(low, 3.2, BASS, 0.0, 0.015)
        for offset, strength in ((0, 1.0), (2.5, 0.6)) if beats == 4 else ((0, 0.9),):
            dry.put((beat + offset) * BEAT, bass[low], bass[low], 0.20 * strength, 0)
        beat += beats
    strings = {}
    for at, note, strength in MELODY:
        if note not in strings:
            strings[note] = string(note, rng)
        air.put(at * BEAT + rng.uniform(0, 0.008) * RATE, strings[note], strings[note], 0.15 * strength, 0.25)
    for eighth in range(64):
        level = (0.05, 0.022, 0.035, 0.026)[eighth % 4] * rng.uniform(0.85, 1.15)
        sound = shaker(rng)
        air.put(eighth * BEAT / 2 + rng.uniform(0, 0.006) * RATE, sound, sound, level, -0.3)
    return dry, air


def mixed(dry, air, wet):
    """Everything together, the loudest moments rounded rather than clipped."""
    return [math.tanh(1.25 * (a + b + 0.11 * c)) / 1.25 for a, b, c in zip(dry, air, wet)]


def main():
    name = Path(sys.argv[1] if len(sys.argv) > 1 else "music.flac")
    dry, air = compose()
    left = mixed(dry.left, air.left, room(air.left, ((2399, 0.78), (2819, 0.76), (3347, 0.74), (3691, 0.72))))
    right = mixed(dry.right, air.right, room(air.right, ((2467, 0.78), (2887, 0.76), (3251, 0.74), (3761, 0.72))))
    scale = 32767 * 0.7 / max(max(map(abs, left)), max(map(abs, right)))
    frames = array.array("h", bytes(4 * LENGTH))
    frames[0::2] = array.array("h", [round(value * scale) for value in left])
    frames[1::2] = array.array("h", [round(value * scale) for value in right])
    frames += frames[: 2 * OVERLAP]

    with tempfile.TemporaryDirectory() as folder:
        plain = name if name.suffix == ".wav" else Path(folder) / "music.wav"
        with wave.open(str(plain), "wb") as out:
            out.setnchannels(2)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(frames.tobytes())
        if plain != name:
            subprocess.run(
                ["ffmpeg", "-v", "error", "-y", "-i", str(plain), "-compression_level", "12", "-bitexact", str(name)],
                check=True,
            )


if __name__ == "__main__":
    main()
