#pragma once

#include "pipeline/av/clip/video_reader.h"
#include "pipeline/av/filter_graph.h"

#include <deque>
#include <optional>

namespace longtake::av {

/// What becomes of interlaced pictures.
enum class Fields {
    keep_rate, ///< a picture for each two fields
    each,      ///< a picture for each field: twice the rate
};

/// Makes whole pictures of fields (bwdif, which looks at the pictures before and after); others pass through.
class Deinterlacer {
public:
    explicit Deinterlacer(Fields fields);

    void push(const VideoReader::Shown& shown);

    /// No more pictures come.
    void finish();

    /// The next picture that is ready, if any.
    std::optional<VideoReader::Shown> pull();

private:
    double shown_at(std::int64_t half_frames) const;

    FilterGraph graph_;
    std::deque<double> times_; ///< when frames are shown, from frame first_ on
    std::int64_t first_ = 0;
    std::int64_t count_ = 0;
};

} // namespace longtake::av
