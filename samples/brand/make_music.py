#!/usr/bin/env python3
"""Makes music.flac, the music of this sample: marimba, a soft organ chord, a round bass and a brushed beat.

    python3 make_music.py [music.flac | music.wav]

Standard library only. A name ending in .flac needs ffmpeg. The result is always the same: 24 s at 100 beats a minute,
48 kHz stereo, D major; the last chord rings out.

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
BEAT = RATE * 60 // 100
LENGTH = 24 * RATE

# Bass note and chord of each half bar (two beats), MIDI numbers.
HARMONY = [
    (38, (62, 66, 69)), (38, (62, 66, 71)), (43, (62, 67, 71)), (43, (62, 67, 69)),
    (47, (62, 66, 71)), (47, (61, 66, 69)), (45, (61, 64, 69)), (45, (62, 64, 69)),
    (38, (62, 66, 69)), (42, (61, 66, 69)), (43, (62, 67, 71)), (40, (62, 64, 67)),
    (45, (62, 64, 69)), (45, (61, 64, 67)), (38, (62, 66, 69)), (43, (62, 67, 71)),
    (45, (61, 64, 69)), (38, (62, 66, 69)),
]

# The marimba's tune, in eighths from the beginning: place, note.
TUNE = [
    (4, 74), (6, 78), (7, 81), (10, 79), (12, 78), (14, 76), (15, 74), (18, 71), (20, 74), (22, 78), (23, 76),
    (26, 73), (28, 76), (30, 74), (34, 74), (36, 78), (38, 81), (39, 83), (42, 81), (44, 79), (46, 76), (47, 79),
    (50, 78), (52, 76), (53, 74), (54, 73), (55, 76), (58, 78), (60, 79), (62, 83), (64, 81), (66, 76), (67, 73),
    (68, 74),
]


def hertz(note):
    return 440.0 * 2 ** ((note - 69) / 12)


def ringing(note, seconds, partials):
    """Sines that die away, each by a recurrence: ratio to the note, level, seconds down to 1/e."""
    out = [0.0] * int(seconds * RATE)
    for ratio, level, decay in partials:
        shrink = math.exp(-1 / (decay * RATE))
        angle = 2 * math.pi * hertz(note) * ratio / RATE
        a, b = 2 * shrink * math.cos(angle), -shrink * shrink
        before, now = 0.0, level * shrink * math.sin(angle)
        for i in range(len(out)):
            out[i] += before
            before, now = now, a * now + b * before
    return faded(out, 0.003, 0.05)


def faded(sound, attack, release):
    rise, fall = int(attack * RATE), int(release * RATE)
    for i in range(rise):
        sound[i] *= i / rise
    for i in range(fall):
        sound[-1 - i] *= i / fall
    return sound


def organ(notes, seconds):
    """A held chord of soft sines that swells and goes."""
    count = int(seconds * RATE)
    voices = [(2 * math.pi * hertz(n) * ratio / RATE, level) for n in notes for ratio, level in ((1, 1.0), (2.003, 0.22))]
    return faded([sum(level * math.sin(step * i) for step, level in voices) for i in range(count)], 0.25, 0.5)


def brush(rng, seconds, bright):
    low, out = 0.0, []
    for i in range(int(seconds * RATE)):
        noise = rng.uniform(-1, 1)
        low += bright * (noise - low)
        out.append((noise - low) * math.exp(-i / (0.22 * seconds * RATE)))
    return faded(out, 0.002, 0.01)


def kick():
    out, phase = [], 0.0
    for i in range(int(0.22 * RATE)):
        phase += 2 * math.pi * (48 + 70 * math.exp(-i / (0.02 * RATE))) / RATE
        out.append(math.sin(phase) * math.exp(-i / (0.07 * RATE)))
    return faded(out, 0.002, 0.02)


class Mix:
    def __init__(self):
        self.sides = [array.array("d", bytes(8 * LENGTH)) for _ in range(2)]

    def put(self, at, sound, gain, pan=0.0):
        angle = (pan + 1) * math.pi / 4
        at = int(at)
        count = min(len(sound), LENGTH - at)
        for side, level in zip(self.sides, (gain * math.cos(angle), gain * math.sin(angle))):
            for i in range(count):
                side[at + i] += level * sound[i]


def echoed(side, delay, share):
    """Three quarters of a beat later, and once more, softer."""
    out = array.array("d", side)
    for i in range(delay, len(out)):
        out[i] += share * out[i - delay]
    return out


MARIMBA = ((1, 1.0, 0.34), (3.93, 0.24, 0.10), (9.2, 0.06, 0.03))
BASS = ((1, 1.0, 0.55), (2, 0.25, 0.3))


def compose():
    rng = random.Random(100)
    dry, wet = Mix(), Mix()
    notes = {}

    def ring(note, kind, seconds):
        if (note, kind) not in notes:
            notes[note, kind] = ringing(note, seconds, kind)
        return notes[note, kind]

    for i, (low, chord) in enumerate(HARMONY):
        at = 2 * i * BEAT
        last = i == len(HARMONY) - 1
        wet.put(at, organ(chord, 3.2 if last else 1.5), 0.028)
        dry.put(at, ring(low, BASS, 2.5), 0.30)
        if not last:
            dry.put(at + 1.5 * BEAT, ring(low + 12 if i % 2 else low + 7, BASS, 2.5), 0.14)
            for k, note in enumerate((chord[0], chord[2], chord[1], chord[2])):
                wet.put(at + k * BEAT / 2, ring(note, MARIMBA, 1.2), 0.06 * rng.uniform(0.85, 1.1), -0.35)
            for k in range(4):
                dry.put(at + k * BEAT / 2, brush(rng, 0.09, 0.55), (0.018, 0.030, 0.05, 0.030)[k], 0.3)
            dry.put(at, kick(), 0.34 if i else 0.2)
    for place, note in TUNE:
        wet.put(place * BEAT / 2 + rng.uniform(0, 0.006) * RATE, ring(note, MARIMBA, 1.4), 0.17, 0.2)
    for k, note in enumerate((62, 66, 69, 74, 78)):
        wet.put((34 + k * 0.06) * BEAT, ring(note, MARIMBA, 1.4), 0.10, 0.1 * k - 0.2)
    return [[a + b for a, b in zip(d, echoed(w, int(0.75 * BEAT) + 190 * i, 0.22))]
            for i, (d, w) in enumerate(zip(dry.sides, wet.sides))]


def main():
    name = Path(sys.argv[1] if len(sys.argv) > 1 else "music.flac")
    left, right = compose()
    scale = 32767 * 0.75 / max(max(map(abs, left)), max(map(abs, right)))
    frames = array.array("h", bytes(4 * LENGTH))
    frames[0::2] = array.array("h", [round(value * scale) for value in left])
    frames[1::2] = array.array("h", [round(value * scale) for value in right])
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
