#pragma once

#include "pipeline/av/text/line_breaks.h"

#include <cstddef>
#include <string>
#include <vector>

namespace longtake::av {

/// One line that the text asks for, to be broken into several: widths are in any unit.
struct MeasuredLine {
    std::size_t begin = 0, end = 0;
    std::vector<double> at; ///< of each byte from `begin`, and of the end: the width of what is before it
    double height = 0;      ///< of each line made of it
};

/// The parts of a line that are kept whole, their ends ascending. What is wider than `longest` is taken apart at the
/// best places that make it narrower.
std::vector<std::size_t> unbroken_parts(const std::string& text, const std::vector<LineBreak>& breaks,
                                        const MeasuredLine& line, double longest);

/// How many lines of at most `width` it takes; 0 if a part is wider than that.
std::size_t lines_needed(const std::string& text, const MeasuredLine& line, const std::vector<std::size_t>& parts,
                         double width);

/// Where lines of at most `width` end: as few as it takes, in the smallest width that so many do with, and as even as
/// can be. Empty if a part is wider than `width`.
std::vector<std::size_t> even_lines(const std::string& text, const MeasuredLine& line,
                                    const std::vector<std::size_t>& parts, double width);

} // namespace longtake::av
