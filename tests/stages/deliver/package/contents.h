#pragma once

#include "stages/deliver/package/contents.h"

#include <string>

namespace longtake::test {

/// A track of fragments of 2 s behind a header of 800 bytes and an index of 56, each of `bytes` bytes.
inline stages::StreamTrack stream_track(const std::string& name, Size size, int fragments, std::int64_t bytes)
{
    stages::StreamTrack track{name, name + ".mp4", {}, {}, {}};
    track.index.codec = size.width > 0 ? "avc1.64001f" : "mp4a.40.2";
    track.index.size = size;
    track.index.channels = size.width > 0 ? 0 : 2;
    track.index.sample_rate = size.width > 0 ? 0 : 48000;
    track.index.timescale = 48000;
    track.index.header = {0, 800};
    track.index.segment_index = {800, 56};
    for (int i = 0; i < fragments; ++i) {
        const std::int64_t at = 856 + i * bytes;
        track.index.fragments.push_back({{at, bytes}, {at + 100, bytes / 2}, i * std::int64_t{96000}, 96000, 60});
    }
    track.segments = av::cmaf::segments_of(track.index, 6);
    track.bandwidth = av::cmaf::bandwidth_of(track.segments, track.index.timescale, 6);
    return track;
}

/// Eight seconds in two sizes, with everything a stream can have.
inline stages::StreamContents stream_contents()
{
    stages::StreamContents contents;
    contents.title = "Tea & \"cake\"";
    contents.seconds = 8;
    contents.segment_seconds = 6;
    contents.rate = {30000, 1001};
    contents.pictures = {stream_track("720p", {1280, 720}, 4, 600'000), stream_track("360p", {640, 360}, 4, 100'000)};
    contents.sound = stream_track("sound", {}, 4, 32'000);
    contents.captions = stages::StreamCaptions{"captions.vtt", "en", "English"};
    stages::StreamThumbnails thumbnails;
    thumbnails.layout = {2, {160, 90}, 2, 1, 4};
    thumbnails.sprites.tile = {160, 90};
    for (std::size_t i = 0; i < 4; ++i) {
        thumbnails.sprites.pictures.push_back(
            {2.0 * static_cast<double>(i), 2.0 * static_cast<double>(i + 1), i / 2, i % 2 == 0 ? 0 : 160, 0});
    }
    thumbnails.files = {"thumbnails-1.jpg", "thumbnails-2.jpg"};
    thumbnails.bandwidth = 20'000;
    contents.thumbnails = thumbnails;
    contents.chapters = {{0, 3, "Tea"}, {3, 8, "Cake"}};
    return contents;
}

} // namespace longtake::test
