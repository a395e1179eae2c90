#include "pipeline/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
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
    for (const char c : title) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || byte >= 0x80) {
            text += static_cast<char>(byte < 0x80 ? std::tolower(byte) : byte);
        } else if (!text.empty() && text.back() != '-') {
            text += '-';
        }
    }
    while (!text.empty() && text.back() == '-') {
        text.pop_back();
    }
    return text.empty() ? "film" : text;
}

std::string clock_text(double seconds)
{
    const auto minutes = static_cast<long>(seconds) / 60;
    const double rest = seconds - 60.0 * static_cast<double>(minutes);
    return minutes > 0 ? fmt::format("{}:{:04.1f}", minutes, rest) : fmt::format("{:.1f} s", rest);
}

} // namespace longtake
