#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace longtake::image {

/// A table of colours as a .cube file has it (Adobe, "Cube LUT Specification", 1.0), full-range R'G'B' to R'G'B'.
struct Cube {
    bool three = true;                            ///< a cube; otherwise a curve for each channel
    int size = 0;                                 ///< of a side, 2..256; of a curve, 2..65536
    std::array<float, 3> low{}, high = {1, 1, 1}; ///< what its first and last entries stand for
    std::vector<std::array<float, 3>> colours{};  ///< size^3, red changing fastest; or `size`
};

/// Reads a .cube file. `name` stands in messages.
/// Throws Error(input) for what is no table, whole and of finite numbers: the file, the line, the reason, the remedy.
Cube parse_cube(std::string_view text, const std::string& name);

} // namespace longtake::image
