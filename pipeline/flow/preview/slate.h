#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/model/rate.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace longtake::preview {

/// Grey levels of a picture, limited range.
struct GreyPicture {
    Size size;
    std::vector<std::uint8_t> levels;
};

/// The strip below the picture of an animatic: what a shot is, and the timecode, drawn once and laid under every frame.
class Slate {
public:
    /// `width` of the picture, pixels.
    Slate(int width, Rate rate);

    /// Pixels, even.
    int height() const noexcept;

    /// What stands there from now on.
    void show(const std::string& facts, const std::string& words);

    /// A picture with the slate below it, at a frame of the film; `picture`: 8-bit 4:2:0.
    av::Frame under(const av::Frame& picture, std::int64_t frame) const;

private:
    GreyPicture drawn(Size size, const std::string& text, double line, const char* colour) const;
    void lay(const GreyPicture& picture, const av::Frame& onto, int x, int y) const;

    const int width_;
    const Rate rate_;
    GreyPicture facts_, words_;
    std::map<char, GreyPicture> digits_;
};

} // namespace longtake::preview
