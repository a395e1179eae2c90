#pragma once

#include "pipeline/av/text/paragraph.h"
#include "pipeline/model/rate.h"
#include "pipeline/model/rgb.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace longtake::av {

/// How lines of text look, whatever their size.
struct LineStyle {
    std::string font = "Noto Sans"; ///< family; what it lacks comes from other fonts that are installed
    int weight = 400;
    double tracking = 0; ///< between letters, ems
};

/// A rectangle in pixels, or in ems.
struct Box {
    double left = 0, top = 0, right = 0, bottom = 0;

    double width() const noexcept { return right - left; }
    double height() const noexcept { return bottom - top; }
};

/// One line as it will stand. Its origin is at its baseline's left end.
struct TextLine {
    std::string text;
    double width = 0;                  ///< of it as letters are counted, pixels
    Box ink{};                         ///< what is drawn, from the origin, pixels
    std::vector<double> stops;         ///< where each letter ends in the order they are read, pixels from the origin
    std::vector<std::size_t> starts{}; ///< the byte of `text` each of those letters begins at
};

/// A text that is measured once and broken into lines at any size.
class TextLines {
public:
    /// `text`: UTF-8 as it comes. `longest`: of a word that is kept whole, ems.
    /// Throws Error(input) if there is no font at all.
    TextLines(const std::string& text, LineStyle style, double longest);
    ~TextLines();
    TextLines(TextLines&&) noexcept;

    /// Height of capitals, ems.
    double cap() const noexcept;

    /// Whether it is read from the right.
    bool right_to_left() const noexcept;

    /// Whether it is Chinese, Japanese or Korean for the most part.
    bool ideographic() const noexcept;

    /// The widths of its longest word and of the whole of it in one line, ems.
    double longest_part() const noexcept;
    double width() const noexcept;

    /// Broken into even lines of at most `width` pixels, its letters of `em` pixels.
    std::vector<TextLine> lines(double em, double width) const;

    /// How many lines that makes; asks no font.
    std::size_t line_count(double em, double width) const;

    /// Letters no font has, fonts that are not installed.
    const std::vector<std::string>& notes() const noexcept;

private:
    friend class Drawing;
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Premultiplied sRGB of 8 bits: B, G, R, A, rows packed. Its left upper corner stands at (left, top) of a picture.
struct Raster {
    int left = 0, top = 0;
    Size size{};
    std::vector<std::uint8_t> bgra{}; ///< 4 * width * height
};

/// A piece of a picture with nothing in it but what is drawn, in the picture's pixels.
class Drawing {
public:
    /// `bounds`: of the piece; it grows to whole pixels.
    explicit Drawing(const Box& bounds);
    ~Drawing();

    void rounded_box(const Box& box, double radius, const Rgb& colour);

    /// A line of `text`, which it was broken from, its origin at (x, y).
    void line(const TextLines& text, const TextLine& line, double em, double x, double y, const Rgb& colour);

    /// Darkens what lies around and under all that is drawn so far: black at this opacity, blurred by `radius` pixels.
    void shadow(double radius, double opacity);

    Raster take();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
