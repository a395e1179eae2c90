#include "pipeline/av/text/even_lines.h"

#include <algorithm>
#include <cstdint>

namespace longtake::av {
namespace {

/// The width of bytes [begin, end) of a line.
double width_of(const MeasuredLine& line, std::size_t begin, std::size_t end)
{
    return line.at[end - line.begin] - line.at[begin - line.begin];
}

double inked_width(const std::string& text, const MeasuredLine& line, std::size_t begin, std::size_t end)
{
    return width_of(line, begin, without_blanks(text, begin, end));
}

/// Takes [begin, end) apart at places of this quality, and what is still too wide at poorer ones.
void take_apart(const std::string& text, const std::vector<LineBreak>& breaks, const MeasuredLine& line, double longest,
                std::size_t begin, std::size_t end, LineBreak quality, std::vector<std::size_t>& ends)
{
    std::size_t first = begin;
    for (std::size_t at = begin + 1; at <= end; ++at) {
        if (at < end && breaks[at] < quality) {
            continue;
        }
        const bool whole = quality == LineBreak::letter || inked_width(text, line, first, at) <= longest;
        if (whole) {
            ends.push_back(at);
        } else {
            take_apart(text, breaks, line, longest, first, at,
                       static_cast<LineBreak>(static_cast<std::uint8_t>(quality) - 1), ends);
        }
        first = at;
    }
}

/// The smallest width that so many lines do with, to a five-hundredth.
double narrowest(const std::string& text, const MeasuredLine& line, const std::vector<std::size_t>& parts, double width,
                 std::size_t lines)
{
    constexpr double k_enough = 0.002;
    double narrow = 0; // cannot do
    double wide = width;
    while (wide - narrow > k_enough * width) {
        const double middle = (narrow + wide) / 2;
        (lines_needed(text, line, parts, middle) == lines ? wide : narrow) = middle;
    }
    return wide;
}

/// The ends of lines over some parts, and how uneven they are: the sum of the squares of what each is short of `width`.
struct Evenest {
    double uneven = 0;
    std::size_t before = 0; ///< parts on the lines above the last
};

/// Row k: the best for k + 1 lines of the first so many parts.
using Table = std::vector<std::vector<Evenest>>;

constexpr double k_impossible = 1e300;

Table table_of(const std::string& text, const MeasuredLine& line, const std::vector<std::size_t>& parts, double width,
               std::size_t lines)
{
    const auto begin_of = [&](std::size_t part) { return part == 0 ? line.begin : parts[part - 1]; };
    std::vector<std::size_t> inked_ends; // once: looking for blanks is what takes time
    for (const std::size_t part : parts) {
        inked_ends.push_back(without_blanks(text, line.begin, part));
    }
    Table table(lines, std::vector<Evenest>(parts.size() + 1, {k_impossible, 0}));
    for (std::size_t k = 0; k < lines; ++k) {
        for (std::size_t last = 1; last <= parts.size(); ++last) {
            Evenest& best = table[k][last];
            for (std::size_t first = last; first-- > 0;) { // the parts [first, last) on one line
                const std::size_t begin = begin_of(first);
                const double inked = width_of(line, begin, std::max(begin, inked_ends[last - 1]));
                if (inked > width) {
                    break;
                }
                const double above = k == 0 ? (first == 0 ? 0 : k_impossible) : table[k - 1][first].uneven;
                const double uneven = above + (width - inked) * (width - inked);
                if (uneven < best.uneven) {
                    best = {uneven, first};
                }
            }
        }
    }
    return table;
}

} // namespace

std::vector<std::size_t> unbroken_parts(const std::string& text, const std::vector<LineBreak>& breaks,
                                        const MeasuredLine& line, double longest)
{
    std::vector<std::size_t> ends;
    take_apart(text, breaks, line, longest, line.begin, line.end, LineBreak::phrase, ends);
    return ends;
}

std::size_t lines_needed(const std::string& text, const MeasuredLine& line, const std::vector<std::size_t>& parts,
                         double width)
{
    std::size_t lines = 1;
    std::size_t start = line.begin;
    std::size_t last = line.begin;
    for (const std::size_t part : parts) {
        if (last > start && inked_width(text, line, start, part) > width) {
            ++lines;
            start = last;
        }
        if (inked_width(text, line, start, part) > width) {
            return 0;
        }
        last = part;
    }
    return lines;
}

std::vector<std::size_t> even_lines(const std::string& text, const MeasuredLine& line,
                                    const std::vector<std::size_t>& parts, double width)
{
    const std::size_t lines = lines_needed(text, line, parts, width);
    if (lines < 2) {
        return std::vector<std::size_t>(lines, line.end);
    }
    const double narrow = narrowest(text, line, parts, width, lines);
    const Table table = table_of(text, line, parts, narrow, lines);
    std::vector<std::size_t> ends(lines);
    std::size_t last = parts.size();
    for (std::size_t k = lines; k-- > 0;) {
        ends[k] = parts[last - 1];
        last = table[k][last].before;
    }
    return ends;
}

} // namespace longtake::av
