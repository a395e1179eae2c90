#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/model/rate.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

namespace longtake::av {

/// Decodes a file's first video stream in presentation order. Damage is an Error(input), never mistaken for the end.
class VideoReader {
public:
    /// Opens `file` ready to deliver the frame shown at `start_seconds` (0: the first), whatever the container and the
    /// groups of pictures: where seeking does not lead there, everything before is decoded.
    /// `threads`: of the decoder, 0 = one per core.
    explicit VideoReader(const std::filesystem::path& file, double start_seconds = 0, int threads = 1);
    ~VideoReader();
    VideoReader(VideoReader&&) noexcept;
    VideoReader& operator=(VideoReader&&) noexcept;

    /// A decoded picture and the time it is shown at, seconds from the start of the presentation.
    struct Shown {
        Frame frame;
        double seconds = 0;
    };

    /// The next frame, or nullopt after the last.
    std::optional<Shown> next();

    Size size() const noexcept; ///< coded size; rotation and sample aspect ratio not applied
    Rate rate() const noexcept; ///< nominal (average) frame rate

    /// Clockwise rotation the container asks for: 0, 90, 180 or 270 degrees.
    int rotation() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
