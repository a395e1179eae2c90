#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/av/text/text.h"
#include "pipeline/model/rgb.h"

#include <string>

namespace longtake::look {

/// A rectangle in pixels, origin top-left; what of it lies outside a sheet is not drawn.
struct Area {
    int x = 0, y = 0, width = 0, height = 0;
};

struct SheetColours {
    std::string ground = "#1c1c20", ink = "#d8d8dc"; ///< "#rrggbb"
};

/// A picture that others are laid on.
class Sheet {
public:
    explicit Sheet(Size size, SheetColours colours = {});

    /// `rgb`: of 8 bits, laid with its left upper corner at (x, y).
    void lay(const av::Frame& rgb, int x, int y);

    /// The outline of an area, its lines inside it.
    void outline(const Area& area, const Rgb& colour);

    /// A line in the middle of an area, as large as its height allows, or smaller where it is long.
    void write(const Area& area, const std::string& text);

    /// Text in as many lines as it takes, each of this share of the area's height at most; smaller where it is long.
    void paragraph(const Area& area, const std::string& text, double line);

    std::string png() const;

    /// `scale`: quantiser, 1 (best) to 31.
    std::string jpeg(int scale) const;

    Size size() const noexcept { return picture_.size; }

private:
    void fill(const Area& area, const Rgb& colour);

    SheetColours colours_;
    av::Picture picture_;
};

/// A frame of its own that shows a picture.
av::Frame frame_of(const av::Picture& picture);

} // namespace longtake::look
