#pragma once

#include <array>
#include <functional>
#include <string>

namespace longtake::test {

using Rgb01 = std::array<double, 3>; ///< 0..1

/// The text of a .cube file whose entries are what `colour` makes of theirs.
inline std::string cube(int size, const std::function<Rgb01(Rgb01)>& colour)
{
    std::string text = "TITLE \"made for a test\"\nLUT_3D_SIZE " + std::to_string(size) + "\n";
    for (int b = 0; b < size; ++b) {
        for (int g = 0; g < size; ++g) {
            for (int r = 0; r < size; ++r) {
                const double last = size - 1;
                for (const double value : colour({r / last, g / last, b / last})) {
                    text += std::to_string(value) + " ";
                }
                text.back() = '\n';
            }
        }
    }
    return text;
}

inline std::string identity_cube(int size)
{
    return cube(size, [](Rgb01 rgb) { return rgb; });
}

inline std::string swapping_cube(int size)
{
    return cube(size, [](Rgb01 rgb) { return Rgb01{rgb[2], rgb[1], rgb[0]}; });
}

} // namespace longtake::test
