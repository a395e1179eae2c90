#pragma once

#include <algorithm>

namespace longtake {

/// 0 below 0, 1 above 1, and 3x^2 - 2x^3 between: eases in and out.
constexpr double smoothstep(double x) noexcept
{
    x = std::clamp(x, 0.0, 1.0);
    return x * x * (3 - 2 * x);
}

} // namespace longtake
