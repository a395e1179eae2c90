#pragma once

#include "pipeline/av/text/even_lines.h"

#include <string>
#include <vector>

namespace longtake::av {

/// A text's own lines, and how they may be broken. Widths and heights are in ems.
class Paragraph {
public:
    /// What is wider than `longest` may be broken where it is one word. `text` is settable, and outlives this.
    Paragraph(const std::string& text, std::vector<MeasuredLine> lines, double longest);

    /// Whether it fits a box of this size.
    bool fits(double width, double height) const;

    /// The lines it is broken into at this width.
    std::vector<std::string> broken(double width) const;

    /// The same as one text: a paragraph that is broken stays one for the order of writing, with U+2028 inside.
    std::string joined(double width) const;

private:
    struct Row {
        std::size_t begin = 0, end = 0;
        bool own = false; ///< its end is the text's own, not ours
    };
    std::vector<Row> rows(double width) const;
    std::string written(const Row& row) const;

    const std::string& text_;
    std::vector<MeasuredLine> lines_;
    std::vector<std::vector<std::size_t>> parts_; ///< their ends, of each line
    std::vector<bool> hyphenated_;                ///< for each byte: a line that ends before it has a hyphen
};

} // namespace longtake::av
