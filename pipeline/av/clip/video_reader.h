#pragma once

#include "pipeline/av/clip/damage.h"
#include "pipeline/av/frame.h"
#include "pipeline/av/picture/orientation.h"
#include "pipeline/model/rate.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

namespace longtake::av {

/// Where and how reading begins.
struct ReadFrom {
    double start = 0; ///< seconds; the first frame is the one shown then
    double early = 0; ///< seconds before its time from which a frame counts as shown
    int threads = 1;  ///< of the decoder, 0 = one per core
    Damage damage = Damage::refused;
    bool sparse = false; ///< pictures that are costly and between others may be left out: to look at, not to show
};

/// Decodes a file's best video stream in presentation order, as it is coded. Damage is an Error(input), never mistaken
/// for the end.
class VideoReader {
public:
    /// Opens `file` ready to deliver the frame shown at `from.start`, whatever the container and the groups of
    /// pictures: where seeking does not lead there, everything before is decoded.
    explicit VideoReader(const std::filesystem::path& file, const ReadFrom& from = {});
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

    /// Seconds at which the last frame ends. It is held for as long as the file says, and while its sound goes on for a
    /// quarter of a second or more. Known after the last frame.
    double end() const noexcept;

    Size size() const noexcept; ///< coded size; orientation and sample aspect ratio not applied
    Rate rate() const noexcept; ///< nominal (average) frame rate

    /// How the container asks for its pictures to be shown.
    Orientation orientation() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
