#include "pipeline/flow/preview/slate.h"

#include "pipeline/av/text/text.h"
#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/interchange/timecode.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace longtake::preview {
namespace {

constexpr int k_row = 26;   ///< pixels: the line of facts and the timecode
constexpr int k_words = 54; ///< the prompt, in up to three lines
constexpr int k_margin = 6;
constexpr Size k_digit{10, k_row}; ///< of the timecode
constexpr const char* k_ground = "#16161a";

/// A picture's luma, BT.709, limited range.
GreyPicture grey(const av::Picture& picture)
{
    GreyPicture made{picture.size, {}};
    made.levels.reserve(picture.rgb.size() / 3);
    for (std::size_t i = 0; i + 2 < picture.rgb.size(); i += 3) {
        const double luma = 0.2126 * picture.rgb[i] + 0.7152 * picture.rgb[i + 1] + 0.0722 * picture.rgb[i + 2];
        made.levels.push_back(static_cast<std::uint8_t>(std::lround(16 + luma * 219 / 255)));
    }
    return made;
}

/// Of a rate that timecode cannot count, the clock.
std::string counted(std::int64_t frame, Rate rate)
{
    try {
        return interchange::timecode(frame, rate);
    } catch (const Error&) {
        return clock_text(rate.seconds(frame));
    }
}

} // namespace

Slate::Slate(int width, Rate rate) : width_(width), rate_(rate)
{
    for (const char c : std::string("0123456789:;.")) {
        digits_[c] = drawn(k_digit, std::string(1, c), 2, "#ffffff");
    }
    show("", "");
}

int Slate::height() const noexcept
{
    return k_margin + k_row + k_words + k_margin;
}

GreyPicture Slate::drawn(Size size, const std::string& text, double line, const char* colour) const
{
    av::Picture picture = av::plain_picture(size, k_ground);
    av::TextStyle style;
    style.colour = colour;
    style.height = line;
    style.left = style.top = 0;
    style.right = style.bottom = 1;
    try {
        if (!text.empty()) {
            av::draw_text(picture, text, style);
        }
    } catch (const Error& error) { // a slate without a word is better than none
        if (error.code() != Errc::input) {
            throw;
        }
    }
    return grey(picture);
}

void Slate::show(const std::string& facts, const std::string& words)
{
    constexpr int k_timecode = 13 * k_digit.width; ///< room for it
    facts_ = drawn({std::max(16, (width_ - k_timecode - 2 * k_margin) / 2 * 2), k_row}, facts, 0.8, "#ffffff");
    words_ = drawn({std::max(16, (width_ - 2 * k_margin) / 2 * 2), k_words}, words, 0.36, "#b4b4bc");
}

void Slate::lay(const GreyPicture& picture, const av::Frame& onto, int x, int y) const
{
    const int columns = std::min(picture.size.width, onto.size().width - x);
    for (int row = 0; row < picture.size.height; ++row) {
        std::memcpy(onto.plane(0) + static_cast<std::ptrdiff_t>(y + row) * onto.stride(0) + x,
                    picture.levels.data() + static_cast<std::ptrdiff_t>(row) * picture.size.width,
                    static_cast<std::size_t>(std::max(0, columns)));
    }
}

av::Frame Slate::under(const av::Frame& picture, std::int64_t frame) const
{
    const Size size = picture.size();
    av::Frame made = av::Frame::yuv420({size.width, size.height + height()});
    for (int plane = 0; plane < 3; ++plane) {
        const int shift = plane == 0 ? 0 : 1;
        for (int row = 0; row < made.size().height >> shift; ++row) {
            std::uint8_t* to = made.plane(plane) + static_cast<std::ptrdiff_t>(row) * made.stride(plane);
            const auto bytes = static_cast<std::size_t>(size.width >> shift);
            if (row < size.height >> shift) {
                std::memcpy(to, picture.plane(plane) + static_cast<std::ptrdiff_t>(row) * picture.stride(plane), bytes);
            } else {
                std::memset(to, plane == 0 ? words_.levels.front() : 128, bytes);
            }
        }
    }
    const int top = size.height + k_margin;
    lay(facts_, made, k_margin, top);
    lay(words_, made, k_margin, top + k_row);
    const std::string time = counted(frame, rate_);
    int x = size.width - k_margin - static_cast<int>(time.size()) * k_digit.width;
    for (const char c : time) {
        if (const auto digit = digits_.find(c); digit != digits_.end() && x >= 0) {
            lay(digit->second, made, x, top);
        }
        x += k_digit.width;
    }
    return made;
}

} // namespace longtake::preview
