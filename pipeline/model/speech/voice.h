#pragma once

namespace longtake {

/// Seconds of quiet before and after the voice of a shot that is as long as it.
constexpr double k_before_voice = 0.2, k_after_voice = 0.4;

} // namespace longtake
