#!/usr/bin/env python3
"""Makes the music of the campaign presets: warm.ogg (100 beats a minute), bright.ogg (120) and night.ogg (80).

    python3 make_music.py [FOLDER]

Needs numpy, and ffmpeg with libopus. The notes are always the same; what an encoder of another version makes of them
is not, bit for bit. Every piece is 4/4 and begins on its first beat. What rings past the end rings on at the beginning,
so that it loops without a seam; a quarter of a second more follows, the beginning once again, for longtake crossfades
that long where music starts over.

This script and the music it makes are dedicated to the public domain under CC0 1.0.
https://creativecommons.org/publicdomain/zero/1.0/
"""

import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np

RATE = 48000
OVERLAP = RATE // 4
NOISE = np.random.default_rng(1)


def hertz(note):
    return 440.0 * 2 ** ((note - 69) / 12)


def clock(seconds):
    return np.arange(int(seconds * RATE)) / RATE


def shaped(sound, attack, release):
    """Rounds off the beginning and the end, in seconds."""
    rise, fall = max(1, int(attack * RATE)), max(1, int(release * RATE))
    sound[:rise] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / rise)
    sound[-fall:] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(fall) / fall)
    return sound


def band(sound, low, high):
    """What lies between two frequencies in Hz, with soft edges."""
    spectrum = np.fft.rfft(sound)
    f = np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum *= 1 / np.sqrt(1 + (low / np.maximum(f, 1e-6)) ** 4) / np.sqrt(1 + (f / high) ** 4)
    return np.fft.irfft(spectrum, len(sound))


def electric_piano(note, seconds):
    """Two sines, one bending the other's phase: soft, with a bell in its first tenth of a second."""
    t, hz = clock(seconds), hertz(note)
    bell = 1.1 * np.exp(-t / 0.25) * np.sin(2 * np.pi * hz * t) + 0.25 * np.exp(-t / 0.06) * np.sin(2 * np.pi * 7 * hz * t)
    return shaped(np.exp(-t / 1.1) * np.sin(2 * np.pi * hz * t + bell), 0.006, 0.12)


def pluck(note, seconds):
    t, hz = clock(seconds), hertz(note)
    sound = sum(np.sin(2 * np.pi * hz * k * t) * np.exp(-t * (3.2 + 2.4 * k)) / k**1.4 for k in range(1, 7) if hz * k < 9000)
    return shaped(sound, 0.003, 0.05)


def bass(note, seconds):
    t, hz = clock(seconds), hertz(note)
    sound = np.sin(2 * np.pi * hz * t) + 0.38 * np.sin(4 * np.pi * hz * t) * np.exp(-t / 0.3) + 0.12 * np.sin(6 * np.pi * hz * t) * np.exp(-t / 0.1)
    return shaped(sound * np.exp(-t / 1.6), 0.008, 0.06)


def pad(note, seconds):
    """Four saws a little out of tune, their upper partials faded."""
    t, hz = clock(seconds), hertz(note)
    sound = np.zeros_like(t)
    for bend in (-0.004, -0.0013, 0.0017, 0.0043):
        phase = NOISE.uniform(0, 2 * np.pi)
        for k in range(1, 9):
            sound += np.sin(2 * np.pi * hz * (1 + bend) * k * t + k * phase) / k**1.7
    return shaped(sound / 4, min(0.5, seconds / 4), min(0.6, seconds / 4))


def kick():
    t = clock(0.32)
    return shaped(np.sin(2 * np.pi * (46 * t + 2.6 * (1 - np.exp(-t / 0.028)))) * np.exp(-t / 0.11), 0.001, 0.05)


def clap():
    t = clock(0.22)
    bursts = sum(np.where(t >= d, np.exp(-np.maximum(t - d, 0) / decay), 0) for d, decay in ((0, 0.008), (0.011, 0.008), (0.023, 0.055)))
    return band(NOISE.standard_normal(len(t)) * bursts, 900, 5200)


def snap():
    t = clock(0.12)
    return band(NOISE.standard_normal(len(t)) * np.exp(-t / 0.016), 1500, 6000) + 0.25 * np.sin(2 * np.pi * 1150 * t) * np.exp(-t / 0.012)


def hat(decay):
    t = clock(0.16)
    return shaped(band(NOISE.standard_normal(len(t)) * np.exp(-t / decay), 6500, 14000), 0.002, 0.04)


class Piece:
    """Stereo, as long as its bars; what is put past the end comes in at the beginning."""

    def __init__(self, tempo, bars):
        self.beat = RATE * 60 / tempo
        self.length = round(bars * 4 * self.beat)
        self.dry = np.zeros((2, self.length))
        self.air = np.zeros((2, self.length))
        self.drums = np.zeros((2, self.length))

    def put(self, track, at, sound, gain, pan=0.0):
        """At a beat, which may be a fraction; `pan` from -1 (left) to 1 (right), at equal power."""
        place = (round(at * self.beat) + np.arange(len(sound))) % self.length
        angle = (pan + 1) * np.pi / 4
        np.add.at(track[0], place, gain * np.cos(angle) * sound)
        np.add.at(track[1], place, gain * np.sin(angle) * sound)

    def pumped(self, track, depth):
        """Lowered on every beat and back within half of it."""
        into = (np.arange(self.length) % self.beat) / self.beat
        track *= 1 - depth * np.exp(-((into / 0.22) ** 2))

    def mixed(self, seconds, wet):
        """With a hall: noise that dies away within `seconds`, round the loop, so that there is no seam."""
        t = clock(seconds)
        out = self.dry + self.drums
        for side in (0, 1):
            hall = np.zeros(self.length)
            hall[: len(t)] = band(NOISE.standard_normal(len(t)) * np.exp(-t / (seconds / 5)), 180, 4200)
            hall /= np.sqrt(np.sum(hall**2))
            echo = np.fft.irfft(np.fft.rfft(self.air[side]) * np.fft.rfft(hall), self.length)
            out[side] += self.air[side] + wet * echo
        out = np.tanh(0.9 * out / np.quantile(np.abs(out), 0.9995)) / 0.9
        return 0.8 * out / np.max(np.abs(out))


def warm():
    """Unhurried and kind: electric piano, round bass, fingers snapping. F major."""
    piece = Piece(100, 12)
    chords = [(41, (57, 60, 64, 67)), (38, (57, 60, 64, 65)), (46, (57, 60, 62, 65)), (36, (55, 58, 62, 65))]
    tune = [(0.5, 72, 0.8), (1.5, 76, 0.7), (2, 74, 0.9), (3.5, 72, 0.6), (4.5, 69, 0.8), (6, 72, 0.7), (7, 69, 0.5),
            (8.5, 70, 0.8), (9.5, 74, 0.7), (10, 72, 0.9), (11.5, 69, 0.6), (12.5, 67, 0.8), (14, 70, 0.6), (15, 72, 0.5)]
    for bar in range(12):
        low, notes = chords[bar % 4]
        at = 4 * bar
        for offset, strength, seconds in ((0, 1.0, 1.5), (1.5, 0.6, 1.0), (2.5, 0.75, 1.2)):
            for i, note in enumerate(notes):
                piece.put(piece.air, at + offset + 0.012 * i, electric_piano(note, seconds), 0.10 * strength, (i - 1.5) / 3)
        for offset, note, strength in ((0, low, 1.0), (1.5, low, 0.6), (2.5, low + 12, 0.5), (3.5, low + 7, 0.45)):
            piece.put(piece.dry, at + offset, bass(note, 0.8), 0.34 * strength)
        for offset, strength in ((0, 1.0), (2.5, 0.65)) if bar % 2 else ((0, 1.0), (2, 0.9)):
            piece.put(piece.drums, at + offset, kick(), 0.62 * strength)
        for offset in (1, 3):
            piece.put(piece.drums, at + offset, snap(), 0.40, 0.1)
        for eighth in range(8):
            piece.put(piece.drums, at + eighth / 2, hat(0.018), (0.10, 0.055)[eighth % 2], -0.35)
    for turn in (0, 1, 2):
        for at, note, strength in tune:
            high = 12 if turn == 1 else 0
            piece.put(piece.air, 16 * turn + at, pluck(note + high, 1.2), (0.20 if turn < 2 else 0.15) * strength, 0.3)
    return piece.mixed(1.6, 0.55)


def bright():
    """Forward and cheerful: a kick on every beat, a pad that breathes with it, plucked sixteenths. D major."""
    piece = Piece(120, 12)
    chords = [(38, (62, 66, 69, 74)), (45, (61, 64, 69, 73)), (47, (62, 66, 71, 74)), (43, (62, 67, 71, 74))]
    pattern = (0, 2, 1, 3, 2, 1, 3, 2, 0, 2, 1, 3, 2, 3, 1, 2)
    for bar in range(12):
        low, notes = chords[bar % 4]
        at = 4 * bar
        for i, note in enumerate(notes):
            piece.put(piece.air, at, pad(note, 2.1), 0.13, (i - 1.5) / 2.2)
        for step in range(16):
            accent = (1.0, 0.5, 0.75, 0.55)[step % 4]
            piece.put(piece.air, at + step / 4, pluck(notes[pattern[step]] + 12, 0.6), 0.13 * accent, 0.5 if step % 2 else -0.5)
        for offset in (0.5, 1.5, 2.5, 3.5):
            piece.put(piece.dry, at + offset, bass(low, 0.4), 0.42)
        if bar >= 4:
            for offset, note in ((0, 3), (1.5, 2), (3, 1)):
                piece.put(piece.air, at + offset, electric_piano(notes[note] + 12, 1.0), 0.10, 0.15)
    piece.pumped(piece.air, 0.55)
    piece.pumped(piece.dry, 0.3)
    for beat in range(48):
        piece.put(piece.drums, beat, kick(), 0.72)
        piece.put(piece.drums, beat + 0.5, hat(0.035), 0.15, 0.2)
        piece.put(piece.drums, beat + 0.75, hat(0.015), 0.06, -0.3)
        if beat % 2:
            piece.put(piece.drums, beat, clap(), 0.34)
    return piece.mixed(1.2, 0.4)


def night():
    """Wide and dark: slow pads, a bell that answers, a heart at the bottom. A minor."""
    piece = Piece(80, 8)
    chords = [(33, (57, 60, 64, 71)), (29, (57, 60, 65, 69)), (36, (55, 60, 64, 71)), (31, (55, 59, 62, 69))]
    bells = [(0, 76, 1.0), (1.5, 83, 0.6), (4, 77, 0.9), (5.5, 81, 0.6), (8, 79, 1.0), (9.5, 76, 0.6), (11, 83, 0.5),
             (12, 74, 0.9), (13.5, 79, 0.6), (15, 78, 0.5)]
    for bar in range(8):
        low, notes = chords[bar % 4]
        at = 4 * bar
        for i, note in enumerate(notes):
            piece.put(piece.air, at - 0.2, pad(note, 3.5), 0.15, (i - 1.5) / 2)
        piece.put(piece.dry, at, bass(low + 12, 2.6), 0.42)
        piece.put(piece.dry, at + 2.5, bass(low + 12, 1.0), 0.22)
        for offset, strength in ((0, 1.0), (0.5, 0.45), (2, 0.8)):
            piece.put(piece.drums, at + offset, kick(), 0.62 * strength)
        for offset in (1, 3):
            piece.put(piece.drums, at + offset, snap(), 0.16, 0.2)
        for eighth in range(8):
            piece.put(piece.drums, at + eighth / 2, hat(0.02), (0.05, 0.03)[eighth % 2], -0.4)
    for turn in (0, 1):
        for at, note, strength in bells:
            piece.put(piece.air, 16 * turn + at, electric_piano(note - 12 * (turn == 0), 2.4), 0.15 * strength, 0.25)
    return piece.mixed(3.2, 0.9)


def write(sound, file):
    sound = np.concatenate([sound, sound[:, :OVERLAP]], axis=1)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "music.wav"
        with wave.open(str(plain), "wb") as out:
            out.setnchannels(2)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(np.round(sound.T * 32767).astype("<i2").tobytes())
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", "-i", str(plain), "-c:a", "libopus", "-b:a", "48k", "-vbr", "constrained",
             "-fflags", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1", str(file)],
            check=True,
        )


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    for piece in (warm, bright, night):
        write(piece(), folder / f"{piece.__name__}.ogg")


if __name__ == "__main__":
    main()
