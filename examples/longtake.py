#!/usr/bin/env python3
"""longtake's commands from Python, by its C interface (longtake.h) and ctypes: no other process, results as dictionaries.

    longtake.py run storyboard.json -o out       any command of the program; its result is printed
    import longtake; longtake.run("plan", "storyboard.json")["cost"]

The library is found as the system finds it, or by LONGTAKE_LIBRARY.
"""
import ctypes
import ctypes.util
import json
import os
import sys

_library = ctypes.CDLL(os.environ.get("LONGTAKE_LIBRARY") or ctypes.util.find_library("longtake") or "liblongtake.so.0")
_said = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
_library.longtake_version.restype = ctypes.c_char_p
_library.longtake_run.argtypes = [ctypes.c_size_t, ctypes.POINTER(ctypes.c_char_p), _said, ctypes.c_void_p, ctypes.c_void_p]
_API_VERSION = 1
if _library.longtake_api_version() != _API_VERSION:
    raise ImportError(f"this speaks version {_API_VERSION} of longtake.h, the library {_library.longtake_api_version()}")

version = _library.longtake_version().decode()


class Failure(Exception):
    """A command that did not end with 0: `status` as the program's, and what it said."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def run(*arguments, progress=None):
    """Runs a command with --json and returns its result; `progress` gets each line that comes before as a dictionary."""
    lines, complaints = [], []

    @_said
    def said(stream, line, _user):
        text = line.decode()
        if stream != 1:
            complaints.append(text)
            return
        lines.append(json.loads(text))
        if progress:
            progress(lines[-1])

    words = [word.encode() for word in (*map(str, arguments), "--json")]
    status = _library.longtake_run(len(words), (ctypes.c_char_p * len(words))(*words), said, None, None)
    if status != 0:
        told = [line["message"] for line in lines if "message" in line] or complaints
        raise Failure(status, told[-1] if told else f"status {status}")
    return lines[-1] if lines else {}


if __name__ == "__main__":
    try:
        print(json.dumps(run(*sys.argv[1:]), indent=2))
    except Failure as failure:
        sys.exit(f"longtake: {failure}")
