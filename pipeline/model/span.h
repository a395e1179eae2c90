#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <string>

namespace longtake {

/// Frames of a finished film that were made in one way: copied from a clip as they are, or encoded.
struct Span {
    enum class Kind { copy, encode };
    Kind kind = Kind::encode;
    std::int64_t at = 0;        ///< first frame of the film
    std::int64_t frames = 0;    ///< > 0
    std::string shot;           ///< it lies in; of a transition, the one it leads into
    std::filesystem::path file; ///< copied from
    std::int64_t source = 0;    ///< copied: the file's first frame
    std::string reason;         ///< encoded: why

    /// The frame after its last.
    std::int64_t end() const noexcept { return at + frames; }
};

/// "copy", "encode"
std::string word(Span::Kind kind);

void to_json(nlohmann::json& json, const Span& span);
void from_json(const nlohmann::json& json, Span& span);

} // namespace longtake
