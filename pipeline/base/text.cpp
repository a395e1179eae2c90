#include "pipeline/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <numeric>

namespace longtake {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row.back();
}

/// The code point at the start of a text.
struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 1;
    bool valid = true; ///< else a byte that is not UTF-8, and its value
};

CodePoint first_code_point(std::string_view text)
{
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) {
        return {lead, 1, true};
    }
    const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || bytes > text.size()) {
        return {lead, 1, false};
    }
    char32_t value = lead & (0xFFU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xC0U) != 0x80) {
            return {lead, 1, false};
        }
        value = (value << 6U) | (next & 0x3FU);
    }
    return {value, bytes, true};
}

struct CodeRange {
    char32_t first;
    char32_t last;
};

template <std::size_t N>
bool is_in(const std::array<CodeRange, N>& ranges, char32_t value)
{
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](const CodeRange& range) { return value >= range.first && value <= range.last; });
}

/// C0, DEL and C1; direction marks, embeddings, overrides and isolates; line and paragraph separators.
constexpr std::array<CodeRange, 6> k_steering{
    {{0, 0x1F}, {0x7F, 0x9F}, {0x61C, 0x61C}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}}};

/// What belongs to the letter before it (of Unicode's Grapheme_Extend and SpacingMark): accents, vowel signs and
/// viramas of the scripts of Asia, Hangul vowels and finals, joiners, variation selectors, skin tones, tags.
constexpr std::array<CodeRange, 48> k_extending{
    {{0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},   {0x5BF, 0x5C7},   {0x610, 0x61A},   {0x64B, 0x65F},
     {0x670, 0x670},   {0x6D6, 0x6DC},   {0x6DF, 0x6ED},   {0x711, 0x711},   {0x730, 0x74A},   {0x7A6, 0x7B0},
     {0x816, 0x82D},   {0x859, 0x85B},   {0x8D3, 0x903},   {0x93A, 0x93C},   {0x93E, 0x94F},   {0x951, 0x957},
     {0x962, 0x963},   {0x981, 0x983},   {0x9BC, 0x9D7},   {0xA01, 0xA03},   {0xA3C, 0xA51},   {0xA81, 0xA83},
     {0xABC, 0xACD},   {0xB01, 0xB03},   {0xB3C, 0xB57},   {0xB82, 0xB82},   {0xBBE, 0xBCD},   {0xC00, 0xC04},
     {0xC3E, 0xC56},   {0xCBC, 0xCD6},   {0xD3B, 0xD4D},   {0xDCA, 0xDDF},   {0xE31, 0xE3A},   {0xE47, 0xE4E},
     {0xEB1, 0xECE},   {0xF71, 0xFBC},   {0x102B, 0x103E}, {0x1160, 0x11FF}, {0x17B4, 0x17D3}, {0x1AB0, 0x1AFF},
     {0x1DC0, 0x1DFF}, {0x200C, 0x200D}, {0x20D0, 0x20FF}, {0x302A, 0x302F}, {0x3099, 0x309A}, {0xFE00, 0xFE2F}}};
constexpr std::array<CodeRange, 3> k_extending_beyond{{{0x1F3FB, 0x1F3FF}, {0xE0020, 0xE007F}, {0xE0100, 0xE01EF}}};

constexpr char32_t k_joiner = 0x200D; ///< what follows it belongs to the same emoji

bool is_flag_half(char32_t value)
{
    return value >= 0x1F1E6 && value <= 0x1F1FF;
}

/// Bytes of the letter at the start of a text, with all that belongs to it.
std::size_t letter_bytes(std::string_view text)
{
    CodePoint last = first_code_point(text);
    std::size_t bytes = last.bytes;
    bool half_flag = is_flag_half(last.value);
    while (bytes < text.size()) {
        const CodePoint next = first_code_point(text.substr(bytes));
        const bool extends = is_in(k_extending, next.value) || is_in(k_extending_beyond, next.value);
        const bool completes = half_flag && is_flag_half(next.value);
        if (!extends && !completes && last.value != k_joiner) {
            break;
        }
        half_flag = false;
        bytes += next.bytes;
        last = next;
    }
    return bytes;
}

} // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates)
{
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(2, name.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t distance = edit_distance(name, candidate);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

std::string join(const std::vector<std::string>& words, std::string_view separator)
{
    return fmt::format("{}", fmt::join(words, separator));
}

std::string unknown_name(std::string_view kind, std::string_view name, const std::vector<std::string>& known)
{
    std::string text = fmt::format("unknown {} '{}'", kind, name);
    const std::string near = nearest_name(name, known);
    if (!near.empty()) {
        text += fmt::format("; did you mean '{}'?", near);
    }
    if (!known.empty() && known.size() <= 24) {
        text += fmt::format("{} known: {}", near.empty() ? ";" : "", join(known));
    }
    return text;
}

std::string slug(std::string_view title)
{
    std::string text;
    for (std::size_t i = 0; i < title.size();) {
        const CodePoint point = first_code_point(title.substr(i));
        if (point.value < 0x80 && std::isalnum(static_cast<int>(point.value)) != 0) {
            text += static_cast<char>(std::tolower(static_cast<int>(point.value)));
        } else if (point.value >= 0x80 && !is_in(k_steering, point.value)) {
            text += title.substr(i, point.bytes);
        } else if (!text.empty() && text.back() != '-') {
            text += '-';
        }
        i += point.bytes;
    }
    while (!text.empty() && text.back() == '-') {
        text.pop_back();
    }
    return text.empty() ? "film" : text;
}

std::optional<double> decimal_number(std::string_view text)
{
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, code] = std::from_chars(text.data(), end, value);
    const bool whole = code == std::errc() && stopped == end;
    return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::string visible(std::string_view text, Lines lines)
{
    std::string shown;
    shown.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const CodePoint point = first_code_point(text.substr(i));
        const bool allowed = point.value == '\t' || (point.value == '\n' && lines == Lines::several);
        if (is_in(k_steering, point.value) && !allowed) {
            shown += fmt::format("\\u{:04x}", static_cast<unsigned>(point.value));
        } else {
            shown += text.substr(i, point.bytes);
        }
        i += point.bytes;
    }
    return shown;
}

std::string cut_between_letters(std::string_view text, std::size_t bytes)
{
    std::size_t end = 0;
    while (end < text.size()) {
        const std::size_t next = end + letter_bytes(text.substr(end));
        if (next > bytes) {
            break;
        }
        end = next;
    }
    return std::string(text.substr(0, end));
}

std::string clock_text(double seconds)
{
    const auto minutes = static_cast<long>(seconds) / 60;
    const double rest = seconds - 60.0 * static_cast<double>(minutes);
    return minutes > 0 ? fmt::format("{}:{:04.1f}", minutes, rest) : fmt::format("{:.1f} s", rest);
}

} // namespace longtake
