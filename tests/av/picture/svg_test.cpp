#include "pipeline/av/picture/svg.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

#include <array>

namespace longtake::av {
namespace {

constexpr const char* k_open = R"(<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" )";

std::string svg(const std::string& attributes, const std::string& inside = R"(<rect width="200" height="100"/>)")
{
    return k_open + attributes + ">" + inside + "</svg>";
}

std::string svg_complaint(const std::string& file, int width = 40)
{
    try {
        draw_svg(file, width);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input);
        return error.what();
    }
    return {};
}

std::array<int, 4> pixel(const Raster& raster, int x, int y)
{
    const auto* at = raster.bgra.data() + 4 * (static_cast<std::ptrdiff_t>(y) * raster.size.width + x);
    return {at[0], at[1], at[2], at[3]};
}

TEST(SvgTest, ItsShapeIsWhatItSays)
{
    EXPECT_EQ(draw_svg(svg(R"(viewBox="0 0 200 100")"), 64).size, (Size{64, 32}));
    EXPECT_EQ(draw_svg(svg(R"(width="200" height="100")"), 64).size, (Size{64, 32}));
    EXPECT_EQ(draw_svg(svg(R"(width="2in" height="1in" viewBox="0 0 9 9")"), 64).size, (Size{64, 32}));
    EXPECT_EQ(draw_svg(svg(R"(width="100%" height="100%" viewBox="0 0 200 100")"), 64).size, (Size{64, 32}));
    EXPECT_EQ(pixel(draw_svg(svg(R"(width="200" height="100")"), 64), 63, 31)[3], 255) << "it fills its size";
}

TEST(SvgTest, ItIsDrawnPremultiplied)
{
    const Raster raster = draw_svg(svg(R"(viewBox="0 0 4 2")", R"(<rect width="2" height="2" fill="#0000ff"/>
            <rect x="2" width="2" height="2" fill="#ff8000" opacity="0.5"/>)"),
                                   400);
    EXPECT_EQ(pixel(raster, 199, 100), (std::array{255, 0, 0, 255}));
    const auto half = pixel(raster, 200, 100);
    EXPECT_NEAR(half[1], 64, 1);
    EXPECT_NEAR(half[2], 128, 1);
    EXPECT_NEAR(half[3], 128, 1);
}

TEST(SvgTest, SaysWhatItCannotDraw)
{
    EXPECT_EQ(svg_complaint(svg("")), "it says no size; give its <svg> a viewBox, or width and height");
    EXPECT_EQ(svg_complaint(svg(R"(width="100%" height="100%")")).substr(0, 15), "it says no size");
    EXPECT_EQ(svg_complaint(svg(R"(viewBox="0 0 0 10")")).substr(0, 15), "it says no size");
    EXPECT_NE(svg_complaint(svg(R"(viewBox="0 0 1 100000")")).find("pixels wide"), std::string::npos);
    EXPECT_NE(svg_complaint(svg(R"(viewBox="0 0 1 1")"), 9000).find("pixels wide"), std::string::npos);
    EXPECT_NE(svg_complaint(svg(R"(viewBox="0 0 2 1")", std::string(5'000'001, ' '))).find("5 MB"), std::string::npos);
    EXPECT_NE(svg_complaint(svg(R"(viewBox="0 0 2 1")").substr(0, 130)).find("no whole XML"), std::string::npos);
    std::string deep;
    for (int i = 0; i < 100000; ++i) {
        deep += "<g>";
    }
    EXPECT_NE(svg_complaint(svg(R"(viewBox="0 0 2 1")", deep)), "");
}

} // namespace
} // namespace longtake::av
