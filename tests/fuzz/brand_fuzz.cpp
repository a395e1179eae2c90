// libFuzzer over what a brand brings along: the first byte chooses whether the rest is a .cube file, an SVG or a style.
#include "pipeline/av/picture/svg.h"
#include "pipeline/base/error.h"
#include "pipeline/image/lut/lut.h"
#include "pipeline/model/brand/style.h"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace longtake::fuzz {
namespace {

void read_as_lut(const std::string& text)
{
    const image::Lut lut(image::parse_cube(text, "fuzzed.cube"));
    const av::Frame ramp = av::Frame::yuv420({30, 18});
    for (int plane = 0; plane < 3; ++plane) {
        for (int y = 0; y < (plane == 0 ? 18 : 9); ++y) {
            for (int x = 0; x < (plane == 0 ? 30 : 15); ++x) {
                ramp.plane(plane)[y * ramp.stride(plane) + x] = static_cast<std::uint8_t>(17 * x + 29 * y + 85 * plane);
            }
        }
    }
    lut.apply(ramp);
}

void draw_as_svg(const std::string& text)
{
    const av::Raster raster = av::draw_svg(text, 48);
    if (raster.bgra.size() != std::size_t{4} * static_cast<std::size_t>(raster.size.width) * raster.size.height) {
        std::abort();
    }
}

/// As a storyboard has it: what is read once more from what was resolved is the same.
void read_as_style(const std::string& text)
{
    const Style style = load_style({LONGTAKE_PRESETS_DIR}, '{' + text);
    if (style_of(style.resolved).resolved != style.resolved || shape_of(style).empty()) {
        std::abort();
    }
}

} // namespace
} // namespace longtake::fuzz

// NOLINTBEGIN: libFuzzer's names
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length)
{
    using namespace longtake;
    using namespace longtake::fuzz;
    if (length == 0) {
        return 0;
    }
    const std::string rest(data + 1, data + length);
    try {
        switch (data[0] % 3) {
        case 0: read_as_lut(rest); break;
        case 1: draw_as_svg(rest); break;
        default: read_as_style(rest); break;
        }
    } catch (const Error& error) {
        if (error.code() != Errc::input && error.code() != Errc::usage) {
            throw;
        }
    }
    return 0;
}
// NOLINTEND
