#pragma once

#include <filesystem>
#include <utility>
#include <vector>

namespace longtake::av {

/// Where a recording of speech is not silent: [from, to) in seconds, in order; pauses of less than 0.2 s are none. What
/// is silent is told by the recording itself: 12 dB above its quietest tenth, 10 to 30 dB below its loud parts.
/// Empty: it is silent throughout. Throws Error(input) if there is no sound or it cannot be decoded.
std::vector<std::pair<double, double>> spoken_parts(const std::filesystem::path& file);

} // namespace longtake::av
