#pragma once

#include "pipeline/av/probe.h"

#include <filesystem>

namespace longtake::stages {

/// What the header of an animated WebP claims, by libwebp. Throws Error(input).
av::MediaInfo probe_webp(const std::filesystem::path& file);

/// Decodes every picture. Frames that show what those before them show are one picture there: they are counted by how
/// long the pictures are shown, at `rate`; one that stands alone is shown for no time. Throws Error(input) at the first
/// damage.
av::Measured measure_webp(const std::filesystem::path& file, Rate rate);

} // namespace longtake::stages
