#pragma once

#include "pipeline/av/splice/clip_index.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stop_token>

namespace longtake::av {

/// A part of a spliced file as it was meant to be.
struct VerifiedPart {
    std::int64_t frames = 0;
    std::filesystem::path file; ///< copied from; empty: encoded
    PacketRun run;              ///< copied: its packets there
};

/// How much of what was copied is decoded besides being compared byte for byte.
enum class VerifyDepth {
    joins, ///< one picture for each set of parameters
    all,   ///< every picture
};

/// Reads a spliced file back and holds it against its parts and their sources: every picture there, once, on the
/// grid of a constant rate; every part begins with an entry (H.264: an IDR picture, and two in a row differ); every
/// picture names parameter sets the header has; what was copied has its source's bits and parameter sets bit for bit,
/// and what is decoded of it equals the source decoded; what was encoded decodes without damage to the frames it should
/// have. Throws Error(unverified) with the first thing that is off.
void verify_splice(const std::filesystem::path& file, Rate rate, std::span<const VerifiedPart> parts, VerifyDepth depth,
                   std::stop_token stop = {});

} // namespace longtake::av
