"""Plays a stream in GStreamer and prints, as JSON, when its flashes are seen and its beeps heard: from the beginning to the end, then
the first ones after seeks. Wants PyGObject, which Debian's Python has (python3-gi, gir1.2-gstreamer-1.0).

    streams_gstreamer.py URL SECOND...
"""
import json
import struct
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
from gi.repository import Gst, GstApp  # noqa: E402,F401

QUEUE = "queue max-size-time=0 max-size-bytes=0 max-size-buffers=0"


def times_of(sink, found, limit=None):
    """Stream times at which `found` says that something begins in a sample; until the end, or so many of them."""
    times = []
    while limit is None or len(times) < limit:
        sample = sink.try_pull_sample(5 * Gst.SECOND)
        if sample is None:
            break
        _, mapped = sample.get_buffer().map(Gst.MapFlags.READ)
        begin = sample.get_segment().to_stream_time(Gst.Format.TIME, sample.get_buffer().pts) / Gst.SECOND
        times += [begin + offset for offset in found(bytes(mapped.data), sample.get_caps().get_structure(0))]
        sample.get_buffer().unmap(mapped)
    return times


def flashes():
    lit = [False]

    def found(data, caps):
        width, height = caps.get_int("width")[1], caps.get_int("height")[1]
        stride = (width + 3) // 4 * 4
        was, lit[0] = lit[0], data[height // 2 * stride + width // 2] > 128
        return [0] if lit[0] and not was else []
    return found


def beeps():
    quiet = [10 ** 9]

    def found(data, caps):
        rate = caps.get_int("rate")[1]
        begun = []
        for index, (value,) in enumerate(struct.iter_unpack("<f", data)):
            if abs(value) > 0.1:
                if quiet[0] > rate // 5:
                    begun.append(index / rate)
                quiet[0] = 0
            else:
                quiet[0] += 1
        return begun
    return found


def main():
    Gst.init(None)
    url, seeks = sys.argv[1], [float(second) for second in sys.argv[2:]]
    pipeline = Gst.parse_launch(
        f"uridecodebin uri={url} name=d d. ! {QUEUE} ! videoconvert ! video/x-raw,format=GRAY8 ! appsink name=picture sync=false "
        f"d. ! {QUEUE} ! audioconvert ! audio/x-raw,format=F32LE,channels=1,layout=interleaved ! appsink name=sound sync=false")
    picture, sound = pipeline.get_by_name("picture"), pipeline.get_by_name("sound")
    pipeline.set_state(Gst.State.PLAYING)
    told = {"flashes": times_of(picture, flashes()), "beeps": times_of(sound, beeps()), "seeks": []}
    for second in seeks:
        pipeline.seek_simple(Gst.Format.TIME, Gst.SeekFlags.FLUSH | Gst.SeekFlags.ACCURATE, int((second - 0.45) * Gst.SECOND))
        told["seeks"].append([times_of(picture, flashes(), 1), times_of(sound, beeps(), 1)])
    error = pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
    told["errors"] = [str(error.parse_error()[0])] if error else []
    pipeline.set_state(Gst.State.NULL)
    print(json.dumps(told))


main()
