#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace longtake::av::cmaf {

/// The name players are told before they fetch anything (RFC 6381; ISO/IEC 14496-15 annex E for H.264 and HEVC; the AV1
/// and VP9 bindings to ISO media). `entry`: the sample entry's type; `boxes`: those in it. Throws Error(unverified) for
/// a sample entry without its configuration, and for those that nothing is known of.
std::string codec_text(const std::string& entry, std::span<const std::uint8_t> boxes);

} // namespace longtake::av::cmaf
