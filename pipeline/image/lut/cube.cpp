#include "pipeline/image/lut/cube.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>

namespace longtake::image {
namespace {

constexpr int k_largest_side = 256;
constexpr int k_longest_curve = 65536;
constexpr float k_farthest = 1000;   ///< that a colour or a domain may be from 0
constexpr float k_narrowest = 1e-3F; ///< domain
constexpr const char* k_remedy = "export it again as a .cube file";

bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

std::vector<std::string_view> words_in(std::string_view line)
{
    std::vector<std::string_view> words;
    for (std::size_t at = 0; at < line.size();) {
        std::size_t end = at;
        while (end < line.size() && !is_blank(line[end])) {
            ++end;
        }
        if (end > at) {
            words.push_back(line.substr(at, end - at));
        }
        at = end + 1;
    }
    return words;
}

template <class Number>
std::optional<Number> number_of(std::string_view word)
{
    if (word.starts_with('+')) {
        word.remove_prefix(1);
    }
    Number value{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    return error == std::errc() && end == word.data() + word.size() ? std::optional(value) : std::nullopt;
}

class CubeReader {
public:
    CubeReader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

    Cube read()
    {
        while (!text_.empty()) {
            const std::size_t end = std::min(text_.find('\n'), text_.size());
            ++line_;
            take(words_in(text_.substr(0, end)));
            text_.remove_prefix(std::min(end + 1, text_.size()));
        }
        check_whole();
        return std::move(cube_);
    }

private:
    [[noreturn]] void fail(const std::string& reason) const
    {
        throw Error(Errc::input, fmt::format("LUT '{}', line {}: {}; {}", name_, line_, reason, k_remedy));
    }

    void take(const std::vector<std::string_view>& words)
    {
        if (words.empty() || words.front().starts_with('#') || words.front() == "TITLE") {
            return;
        }
        const std::string_view first = words.front();
        if (first == "LUT_3D_SIZE" || first == "LUT_1D_SIZE") {
            take_size(words, first == "LUT_3D_SIZE");
        } else if (first == "DOMAIN_MIN" || first == "DOMAIN_MAX") {
            (first == "DOMAIN_MIN" ? cube_.low : cube_.high) = three_numbers({words.begin() + 1, words.end()});
        } else if (first == "LUT_3D_INPUT_RANGE" || first == "LUT_1D_INPUT_RANGE") {
            take_range(words);
        } else {
            take_colour(words);
        }
    }

    void take_size(const std::vector<std::string_view>& words, bool three)
    {
        const int most = three ? k_largest_side : k_longest_curve;
        const auto size = words.size() == 2 ? number_of<int>(words[1]) : std::nullopt;
        if (cube_.size != 0) {
            fail("a second size; one table is read");
        }
        if (!size || *size < 2 || *size > most) {
            fail(fmt::format("{} must be 2 to {}", words.front(), most));
        }
        cube_.three = three;
        cube_.size = *size;
    }

    /// As some programs write the domain of all channels.
    void take_range(const std::vector<std::string_view>& words)
    {
        if (words.size() != 3) {
            fail(fmt::format("{} must have two numbers", words.front()));
        }
        cube_.low = three_numbers({words[1], words[1], words[1]});
        cube_.high = three_numbers({words[2], words[2], words[2]});
    }

    void take_colour(const std::vector<std::string_view>& words)
    {
        if (cube_.size == 0) {
            fail(fmt::format("found {} where LUT_3D_SIZE or LUT_1D_SIZE is expected", shown(words.front())));
        }
        if (cube_.colours.size() == entries()) {
            fail(fmt::format("more than the {} rows of its size", entries()));
        }
        cube_.colours.push_back(three_numbers(words));
    }

    std::array<float, 3> three_numbers(const std::vector<std::string_view>& words) const
    {
        std::array<float, 3> numbers{};
        if (words.size() != numbers.size()) {
            fail(fmt::format("found {} where three numbers are expected",
                             words.empty() ? "nothing" : shown(words.front())));
        }
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            const auto number = number_of<float>(words[i]);
            if (!number || !std::isfinite(*number) || std::abs(*number) > k_farthest) {
                fail(fmt::format("found {} where a number near 0 to 1 is expected", shown(words[i])));
            }
            numbers[i] = *number;
        }
        return numbers;
    }

    /// It may be bytes of any file.
    static std::string shown(std::string_view word)
    {
        constexpr std::size_t k_shown = 32;
        std::string text(word.substr(0, k_shown));
        std::replace_if(
            text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
        return "'" + text + "'";
    }

    std::size_t entries() const
    {
        const auto side = static_cast<std::size_t>(cube_.size);
        return cube_.three ? side * side * side : side;
    }

    void check_whole() const
    {
        if (cube_.size == 0) {
            fail("the file ends without a LUT_3D_SIZE or LUT_1D_SIZE");
        }
        if (cube_.colours.size() < entries()) {
            fail(fmt::format("the file ends after {} of {} rows", cube_.colours.size(), entries()));
        }
        for (std::size_t i = 0; i < 3; ++i) {
            if (cube_.high[i] - cube_.low[i] < k_narrowest) {
                fail("DOMAIN_MAX must be more than DOMAIN_MIN");
            }
        }
    }

    std::string_view text_;
    const std::string& name_;
    Cube cube_;
    std::int64_t line_ = 0;
};

} // namespace

Cube parse_cube(std::string_view text, const std::string& name)
{
    constexpr std::string_view k_mark = "\xEF\xBB\xBF"; // some editors write it
    text.remove_prefix(text.starts_with(k_mark) ? k_mark.size() : 0);
    return CubeReader(text, name).read();
}

} // namespace longtake::image
