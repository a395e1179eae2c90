#include "pipeline/av/text/paragraph.h"

#include <string_view>
#include <utility>

namespace longtake::av {

Paragraph::Paragraph(const std::string& text, std::vector<MeasuredLine> lines, double longest)
    : text_(text), lines_(std::move(lines))
{
    const std::vector<LineBreak> breaks = line_breaks(text);
    hyphenated_ = hyphenated_breaks(text, breaks);
    for (const MeasuredLine& line : lines_) {
        parts_.push_back(unbroken_parts(text, breaks, line, longest));
    }
}

bool Paragraph::fits(double width, double height) const
{
    double sum = 0;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const std::size_t rows = lines_needed(text_, lines_[i], parts_[i], width);
        if (rows == 0) {
            return false;
        }
        sum += static_cast<double>(rows) * lines_[i].height;
    }
    return sum <= height;
}

std::vector<Paragraph::Row> Paragraph::rows(double width) const
{
    std::vector<Row> rows;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        std::size_t begin = lines_[i].begin;
        for (const std::size_t end : even_lines(text_, lines_[i], parts_[i], width)) {
            rows.push_back({begin, end, end == lines_[i].end});
            begin = end;
        }
    }
    return rows;
}

/// Without the blanks at its end, which would count for nothing in its width and for much in where it stands, and with
/// a hyphen where a word is broken, or had one that is only seen there.
std::string Paragraph::written(const Row& row) const
{
    constexpr std::string_view k_soft_hyphen = "\u00AD";
    const std::size_t end = without_blanks(text_, row.begin, row.end);
    std::string line = text_.substr(row.begin, end - row.begin);
    if (row.own) {
        return line;
    }
    if (line.ends_with(k_soft_hyphen)) {
        line.resize(line.size() - k_soft_hyphen.size());
        return line + "-";
    }
    return hyphenated_[row.end] ? line + "-" : line;
}

std::vector<std::string> Paragraph::broken(double width) const
{
    std::vector<std::string> lines;
    for (const Row& row : rows(width)) {
        lines.push_back(written(row));
    }
    return lines;
}

std::string Paragraph::joined(double width) const
{
    std::string out;
    std::size_t end = 0;
    bool own = true;
    for (const Row& row : rows(width)) {
        out += own ? text_.substr(end, row.begin - end) : "\u2028"; // the break the text has there
        out += written(row);
        end = row.end;
        own = row.own;
    }
    return out + text_.substr(end);
}

} // namespace longtake::av
