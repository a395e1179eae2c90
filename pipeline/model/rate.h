#pragma once

#include <nlohmann/json_fwd.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace longtake {

/// Frames a second as a fraction. Time inside the program is an integer count of frames at a Rate;
/// seconds live only at the edges.
struct Rate {
    int num = 30;
    int den = 1;

    double fps() const noexcept { return static_cast<double>(num) / den; }

    /// The frame count nearest to `seconds` (>= 0).
    std::int64_t frames(double seconds) const noexcept;

    double seconds(std::int64_t frames) const noexcept { return static_cast<double>(frames) * den / num; }

    /// The audio position of a frame boundary: round(frames * sample_rate / fps), exact in integers.
    std::int64_t samples(std::int64_t frames, int sample_rate) const noexcept;

    /// "30", "23.976" or "30000/1001"; the NTSC decimals become their exact fractions.
    /// Throws Error(usage) for anything that is not between 1 and 240 frames a second.
    static Rate parse(std::string_view text);

    /// The rate pictures are usually shown at (23.976, 24, 25, 29.97, 30, 48, 50, 59.94, 60, 120) that differs from
    /// this one by no more than the share `within`; this one where there is none, and where it is a whole number.
    Rate usual(double within) const noexcept;

    std::string text() const;

    friend bool operator==(const Rate& a, const Rate& b) noexcept
    {
        return static_cast<std::int64_t>(a.num) * b.den == static_cast<std::int64_t>(b.num) * a.den;
    }
};

/// Width and height in pixels.
struct Size {
    int width = 0;
    int height = 0;

    double aspect() const noexcept { return static_cast<double>(width) / height; }

    /// "1280x720"; throws Error(usage) unless both sides are even and in 16..8192.
    static Size parse(std::string_view text);

    std::string text() const;

    friend bool operator==(const Size&, const Size&) = default;
};

void to_json(nlohmann::json& json, const Rate& rate);
void from_json(const nlohmann::json& json, Rate& rate);
void to_json(nlohmann::json& json, const Size& size);
void from_json(const nlohmann::json& json, Size& size);

} // namespace longtake
