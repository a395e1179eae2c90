#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace longtake::render {

/// How a sound would go on for `samples` more: linear prediction (Burg's method, which is always stable) from its
/// last moments. Tones go on in phase, noise dies away. Both interleaved stereo; 2048 samples of history are plenty.
std::vector<float> continuation(std::span<const float> stereo, std::size_t samples);

} // namespace longtake::render
