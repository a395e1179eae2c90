#include "stages/assemble/split_caption.h"

#include "pipeline/av/text/line_breaks.h"
#include "pipeline/av/text/lines.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

namespace longtake::stages {
namespace {

constexpr std::size_t k_lines = 2;

/// How much farther from the best place a caption may end where a sentence or a clause does, shares of the text.
constexpr double k_sentence = 0.25;
constexpr double k_clause = 0.12;

bool ends_with_one_of(std::string_view text, std::initializer_list<std::string_view> marks)
{
    return std::any_of(marks.begin(), marks.end(), [&](std::string_view mark) { return text.ends_with(mark); });
}

double worth_of_ending(std::string_view before)
{
    if (ends_with_one_of(before, {".", "!", "?", "…", "\n", "。", "！", "？", "।", "؟"})) {
        return k_sentence;
    }
    return ends_with_one_of(before, {",", ";", ":", "–", "—", "、", "，", "،", "؛"}) ? k_clause : 0;
}

double letters_in(std::string_view text)
{
    return static_cast<double>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::size_t lines_of(const std::string& text, const Style& style, double measure)
{
    const RoleLook& look = style.look(TextRole::caption);
    const std::string& font = look.font == "heading" ? style.heading : style.body;
    return av::TextLines(text, {font, look.weight, look.tracking}, measure).line_count(1, measure);
}

/// The byte at which the second part begins, nearest to `share` of the text; 0: it cannot be split.
std::size_t place_to_split(const std::string& text, double share)
{
    const std::vector<av::LineBreak> breaks = av::line_breaks(text);
    const double all = letters_in(text);
    std::size_t best = 0;
    double least = 2;
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (breaks[at] < av::LineBreak::word) {
            continue;
        }
        const std::string_view before(text.data(), av::without_blanks(text, 0, at));
        const double away = std::abs(letters_in(before) / all - share) - worth_of_ending(before);
        if (away < least) {
            least = away;
            best = at;
        }
    }
    return best;
}

std::string without_edges(const std::string& text)
{
    const std::size_t begin = text.find_first_not_of(" \n");
    const std::size_t end = text.find_last_not_of(" \n");
    return begin == std::string::npos ? "" : text.substr(begin, end + 1 - begin);
}

/// How many of a caption's words stand before a byte of its text.
std::size_t words_before(const Caption& caption, std::size_t byte)
{
    std::size_t at = 0;
    for (std::size_t i = 0; i < caption.words.size(); ++i) {
        const std::size_t found = caption.text.find(caption.words[i].text, at);
        if (found == std::string::npos || found >= byte) {
            return i;
        }
        at = found + caption.words[i].text.size();
    }
    return caption.words.size();
}

std::pair<Caption, Caption> split_at(const Caption& caption, std::size_t byte)
{
    const std::size_t words = words_before(caption, byte);
    const auto middle = caption.words.begin() + static_cast<std::ptrdiff_t>(words);
    Caption first{
        caption.from, caption.to, without_edges(caption.text.substr(0, byte)), {caption.words.begin(), middle}};
    Caption second{caption.from, caption.to, without_edges(caption.text.substr(byte)), {middle, caption.words.end()}};
    if (!first.words.empty() && !second.words.empty()) {
        first.to = first.words.back().to;
        second.from = second.words.front().from;
    } else {
        const double share = letters_in(first.text) / std::max(1.0, letters_in(first.text) + letters_in(second.text));
        first.to = second.from = caption.from + share * (caption.to - caption.from);
    }
    return {std::move(first), std::move(second)};
}

} // namespace

std::vector<Caption> split_caption(const Caption& caption, const Style& style, double measure)
{
    const std::size_t parts = (lines_of(caption.text, style, measure) + k_lines - 1) / k_lines;
    const std::size_t first_parts = parts / 2;
    const double share = static_cast<double>(first_parts) / static_cast<double>(parts);
    const std::size_t byte = parts < 2 ? 0 : place_to_split(caption.text, share);
    if (byte == 0) {
        return {caption};
    }
    const auto [first, second] = split_at(caption, byte);
    std::vector<Caption> list = split_caption(first, style, measure);
    const std::vector<Caption> rest = split_caption(second, style, measure);
    list.insert(list.end(), rest.begin(), rest.end());
    return list;
}

Caption spoken_text(const std::string& text, const std::vector<std::pair<double, double>>& spoken)
{
    Caption caption{spoken.front().first, spoken.back().second, text, {}};
    double all = 0;
    for (const auto& [from, to] : spoken) {
        all += to - from;
    }
    // Where a share of what is spoken is over; `begins`: where what follows it begins, after a pause there.
    const auto moment = [&](double share, bool begins) {
        double left = share * all;
        for (const auto& [from, to] : spoken) {
            const double length = to - from;
            if (left < length || (!begins && left <= length + 1e-9)) {
                return from + std::max(0.0, left);
            }
            left -= length;
        }
        return spoken.back().second;
    };
    const double letters = letters_in(text);
    for (const av::WordSpan& word : av::words_of(text)) {
        const double begin = letters_in(std::string_view(text).substr(0, word.begin)) / letters;
        const double end = letters_in(std::string_view(text).substr(0, word.end)) / letters;
        caption.words.push_back(
            {text.substr(word.begin, word.end - word.begin), moment(begin, true), moment(end, false)});
    }
    return caption;
}

} // namespace longtake::stages
