#pragma once

#include "pipeline/av/cmaf/segments.h"
#include "pipeline/av/cmaf/track_index.h"
#include "pipeline/model/rate.h"
#include "stages/deliver/sprites.h"

#include <optional>
#include <string>
#include <vector>

namespace longtake::stages {

/// A track of a stream: a file whose parts players fetch.
struct StreamTrack {
    std::string name; ///< "720p", "sound"
    std::string file; ///< its name, beside the manifests
    av::cmaf::TrackIndex index;
    std::vector<av::cmaf::MediaSegment> segments;
    av::cmaf::Bandwidth bandwidth;
};

/// Captions of a stream, as one WebVTT file.
struct StreamCaptions {
    std::string file;
    std::string language; ///< BCP 47; empty: not said
    std::string name;     ///< as players list it
};

/// Small pictures for players' time lines.
struct StreamThumbnails {
    SpriteLayout layout;
    Sprites sprites;
    std::vector<std::string> files; ///< of its sheets
    std::int64_t bandwidth = 0;     ///< bits/s at the peak
};

/// A named place in the film.
struct StreamChapter {
    double from = 0, to = 0; ///< seconds
    std::string title;
};

/// All that a stream's manifests say. Its files are plain names: letters, digits, dashes and dots.
struct StreamContents {
    std::string title;
    double seconds = 0;
    double segment_seconds = 6; ///< the longest segment asked for
    Rate rate;
    std::vector<StreamTrack> pictures; ///< from the largest; never empty
    std::optional<StreamTrack> sound;
    std::optional<StreamCaptions> captions;
    std::optional<StreamThumbnails> thumbnails;
    std::vector<StreamChapter> chapters;
};

} // namespace longtake::stages
