#pragma once

#include "pipeline/av/splice/clip_index.h"
#include "pipeline/base/error.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace longtake::av {

/// Does what reads a file that was made just now: what is wrong with it is no fault of an input, so that an
/// Error(input) becomes an Error(unverified) that begins with `words`.
template <class Work>
decltype(auto) as_unverified(const std::string& words, Work&& work)
{
    try {
        return std::forward<Work>(work)();
    } catch (const Error& error) {
        if (error.code() == Errc::input) {
            throw Error(Errc::unverified, words + error.what());
        }
        throw;
    }
}

/// A part of a spliced file as it was meant to be: pictures copied from a file, a clip or a piece that was encoded.
struct VerifiedPart {
    std::filesystem::path file;
    PacketRun run; ///< its packets there
};

/// How much of what was copied is decoded besides being compared byte for byte.
enum class VerifyDepth {
    joins, ///< one picture for each set of parameters
    all,   ///< every picture
};

/// Reads a spliced file back and holds it against its parts and their sources: every picture there, once, on the grid
/// of a constant rate; every part begins with an entry that is one in the middle of a stream, too (an IDR or BLA
/// picture; of H.264, two IDR pictures in a row differ); every picture names parameter sets the header has; each has
/// its source's bits and parameter sets, and what is decoded of it equals the source decoded. Throws Error(unverified)
/// with the first thing that is off.
void verify_splice(const std::filesystem::path& file, Rate rate, std::span<const VerifiedPart> parts, VerifyDepth depth,
                   std::stop_token stop = {});

/// Decodes a piece that was just encoded: every picture there, once, on the grid of a constant rate, the first an
/// entry, none damaged, `frames` of them. Returns the SHA-256 of each coded picture in decode order. Throws
/// Error(unverified).
std::vector<std::string> verify_segment(const std::filesystem::path& file, Rate rate, std::int64_t frames);

} // namespace longtake::av
