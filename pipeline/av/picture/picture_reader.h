#pragma once

#include "pipeline/av/frame.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace longtake::av {

/// Reads a clip's frames as they are displayed: 8-bit full-range RGB (plane 0, interleaved), converted with the clip's
/// own matrix, range and chroma site, upright, square pixels.
class PictureReader {
public:
    /// From the frame shown at `first` / rate. `shrunk`: every picture at this size, averaged over areas, whatever
    /// its own aspect; empty: at its own size.
    explicit PictureReader(const std::filesystem::path& file, std::int64_t first = 0,
                           std::optional<Size> shrunk = std::nullopt);
    ~PictureReader();
    PictureReader(PictureReader&&) noexcept;
    PictureReader& operator=(PictureReader&&) noexcept;

    /// The next picture; nullopt after the last. Throws Error(input) on damage.
    std::optional<Frame> next();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// An RGB picture at another size (bicubic).
Frame resized(const Frame& rgb, Size to);

/// The last displayed frame of a clip. Throws Error(input) if it holds none.
Frame last_picture(const std::filesystem::path& file);

} // namespace longtake::av
