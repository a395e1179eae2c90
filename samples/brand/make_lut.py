#!/usr/bin/env python3
"""Makes film.cube, the colours of this brand: shadows a little towards teal, lights towards amber, blacks lifted.

    python3 make_lut.py [film.cube]

Standard library only; the result is always the same. Dedicated to the public domain under CC0 1.0.
"""

import sys

SIZE = 17


def smooth(x):
    x = min(1.0, max(0.0, x))
    return x * x * (3 - 2 * x)


def curve(x):
    """A little more contrast in the middle, blacks that are not quite black."""
    return 0.022 + 0.978 * (0.72 * x + 0.28 * smooth(x))


def graded(r, g, b):
    luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
    r, g, b = (luma + 1.06 * (c - luma) for c in (r, g, b))
    light, dark = smooth((luma - 0.35) / 0.65), smooth((0.55 - luma) / 0.55)
    warm, cool = 0.035 * light * (1 - luma), 0.030 * dark * min(1, 4 * luma)
    r, g, b = r + warm - cool, g + 0.4 * warm + 0.35 * cool, b - 1.1 * warm + cool
    return tuple(min(1.0, max(0.0, curve(min(1.0, max(0.0, c))))) for c in (r, g, b))


def main():
    rows = ['TITLE "Orbit Bicycles"', f"LUT_3D_SIZE {SIZE}"]
    steps = [i / (SIZE - 1) for i in range(SIZE)]
    rows += ["%.5f %.5f %.5f" % graded(r, g, b) for b in steps for g in steps for r in steps]
    with open(sys.argv[1] if len(sys.argv) > 1 else "film.cube", "w") as out:
        out.write("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
