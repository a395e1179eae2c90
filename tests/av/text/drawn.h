#pragma once

#include "pipeline/av/text/text.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace longtake::test {

using av::Picture;
using av::TextStyle;

inline constexpr Size k_size{640, 360};

struct Ink {
    int left = 1 << 30, top = 1 << 30, right = -1, bottom = -1;
    int pixels = 0;

    int width() const { return right - left + 1; }
    int height() const { return bottom - top + 1; }
};

/// Where the picture differs from its ground.
inline Ink ink_of(const Picture& picture, const Picture& ground)
{
    Ink ink;
    for (int y = 0; y < picture.size.height; ++y) {
        for (int x = 0; x < picture.size.width; ++x) {
            const auto at = 3 * (static_cast<std::size_t>(y) * picture.size.width + x);
            if (!std::equal(&picture.rgb[at], &picture.rgb[at] + 3, &ground.rgb[at])) {
                ink.left = std::min(ink.left, x);
                ink.right = std::max(ink.right, x);
                ink.top = std::min(ink.top, y);
                ink.bottom = std::max(ink.bottom, y);
                ++ink.pixels;
            }
        }
    }
    return ink;
}

inline Picture drawn(const std::string& text, const TextStyle& style = {}, Size size = k_size)
{
    Picture picture = av::plain_picture(size, "#20140c");
    av::draw_text(picture, text, style);
    return picture;
}

inline Ink ink(const std::string& text, const TextStyle& style = {}, Size size = k_size)
{
    return ink_of(drawn(text, style, size), av::plain_picture(size, "#20140c"));
}

inline std::vector<std::string> lines_of(const std::string& text, Size size = k_size, const TextStyle& style = {})
{
    return av::set_text(size, text, style).lines;
}

inline constexpr const char* k_japanese =
    "コーヒーショップは毎日営業しています。「新鮮な豆」を毎朝ていねいに焙煎し、焼きたてのパンと一緒に"
    "お届けします。ご家族やお友達と、ごゆっくりお過ごしください。";

} // namespace longtake::test
