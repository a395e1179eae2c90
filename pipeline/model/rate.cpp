#include "pipeline/model/rate.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>

namespace longtake {
namespace {

constexpr int k_max_side = 8192;

/// All of `text` as a whole number without sign, or nothing.
std::optional<int> whole(std::string_view text)
{
    int value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits || problem != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::optional<double> decimal(std::string_view text)
{
    double value = 0;
    const auto [end, problem] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

Rate reduced(int num, int den)
{
    const int common = std::gcd(num, den);
    return {num / common, den / common};
}

/// 23.976, 29.97 and their like are written short for n x 1000/1001; anything else keeps three decimals.
Rate from_decimal(double fps)
{
    for (const int nominal : {12, 15, 24, 30, 48, 60, 72, 90, 96, 100, 120, 144, 192, 240}) {
        if (std::abs(fps - nominal * 1000.0 / 1001.0) < 0.005 && fps < nominal) {
            return {nominal * 1000, 1001};
        }
    }
    return reduced(static_cast<int>(std::lround(fps * 1000)), 1000);
}

std::optional<Rate> read_rate(std::string_view text)
{
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
        const auto num = whole(text.substr(0, slash));
        const auto den = whole(text.substr(slash + 1));
        return num && den && *num > 0 && *den > 0 ? std::optional(reduced(*num, *den)) : std::nullopt;
    }
    if (const auto fps = whole(text)) {
        return Rate{*fps, 1};
    }
    const auto fps = decimal(text);
    return fps && *fps >= 1 && *fps <= 240 ? std::optional(from_decimal(*fps)) : std::nullopt;
}

/// One side in pixels; 0 if it cannot be one.
int side(std::string_view text)
{
    const int pixels = whole(text).value_or(0);
    return pixels >= 16 && pixels <= k_max_side && pixels % 2 == 0 ? pixels : 0;
}

} // namespace

std::int64_t Rate::frames(double seconds) const noexcept
{
    return std::llround(seconds * num / den);
}

Rate Rate::usual(double within) const noexcept
{
    constexpr std::array k_usual = {Rate{24000, 1001}, Rate{24, 1}, Rate{25, 1},       Rate{30000, 1001}, Rate{30, 1},
                                    Rate{48, 1},       Rate{50, 1}, Rate{60000, 1001}, Rate{60, 1},       Rate{120, 1}};
    const auto distance = [this](const Rate& usual) { return std::abs(fps() / usual.fps() - 1); };
    const Rate nearest = *std::min_element(k_usual.begin(), k_usual.end(),
                                           [&](const Rate& a, const Rate& b) { return distance(a) < distance(b); });
    return num % den != 0 && distance(nearest) <= within ? nearest : *this;
}

std::int64_t Rate::samples(std::int64_t frames, int sample_rate) const noexcept
{
    // Whole multiples of `num` frames are exact; splitting them off keeps the product far from 64 bits.
    const std::int64_t step = static_cast<std::int64_t>(sample_rate) * den;
    const std::int64_t rest = frames % num * step;
    return frames / num * step + (rest + (rest >= 0 ? num : -num) / 2) / num;
}

Rate Rate::parse(std::string_view text)
{
    const auto rate = read_rate(text);
    if (!rate || rate->fps() < 1 || rate->fps() > 240) {
        throw Error(Errc::usage, fmt::format("frame rate '{}': must be between 1 and 240 frames a second, "
                                             "such as 30, 23.976 or 30000/1001",
                                             text));
    }
    return *rate;
}

std::string Rate::text() const
{
    return den == 1 ? std::to_string(num) : fmt::format("{}/{}", num, den);
}

Size Size::parse(std::string_view text)
{
    const auto cross = text.find('x');
    const Size size{side(text.substr(0, cross)), cross == std::string_view::npos ? 0 : side(text.substr(cross + 1))};
    if (size.width == 0 || size.height == 0) {
        throw Error(Errc::usage, fmt::format("size '{}': must be WIDTHxHEIGHT, such as 1280x720, both even "
                                             "and between 16 and {}",
                                             text, k_max_side));
    }
    return size;
}

std::string Size::text() const
{
    return fmt::format("{}x{}", width, height);
}

void to_json(nlohmann::json& json, const Rate& rate)
{
    json = rate.text();
}

void from_json(const nlohmann::json& json, Rate& rate)
{
    rate = Rate::parse(json.is_string() ? json.get<std::string>() : json.dump());
}

void to_json(nlohmann::json& json, const Size& size)
{
    json = size.text();
}

void from_json(const nlohmann::json& json, Size& size)
{
    // A picture may have any sides; only what a user asks for is held to Size::parse's rules.
    const std::string text = json.get<std::string>();
    const auto cross = text.find('x');
    size = {std::stoi(text.substr(0, cross)), std::stoi(text.substr(cross + 1))};
}

} // namespace longtake
