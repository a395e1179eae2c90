#include "pipeline/render/logo.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "tests/support/photos.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::render {
namespace {

std::string complaint(const std::filesystem::path& file)
{
    try {
        read_logo(file, 100);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input);
        return error.what();
    }
    return {};
}

std::string header(std::uint32_t width, std::uint32_t height)
{
    std::string bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
    for (const std::uint32_t number : {width, height}) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes += static_cast<char>(number >> shift);
        }
    }
    return bytes + std::string("\x08\x06\0\0\0", 5);
}

TEST(LogoTest, IsReadAtTheWidthThatIsAsked)
{
    const av::Raster raster = read_logo(test::photo("coffee.png"), 150);
    EXPECT_EQ(raster.size, (Size{150, 100}));
    EXPECT_EQ(raster.bgra.size(), 150U * 100 * 4);
    EXPECT_EQ(raster.bgra[3], 255);
}

TEST(LogoTest, SaysWhyItCannotBeRead)
{
    const test::TempDir dir;
    write_atomic(dir / "a.png", "GIF89a");
    EXPECT_EQ(complaint(dir / "a.png"), "logo 'a.png': it is neither a PNG nor an SVG; save it as one of them, with a "
                                        "transparent ground");
    write_atomic(dir / "b.png", header(100, 100) + "broken");
    EXPECT_NE(complaint(dir / "b.png").find("logo 'b.png'"), std::string::npos);
    write_atomic(dir / "c.png", header(10000, 10000));
    EXPECT_NE(complaint(dir / "c.png").find("more than 64 megapixels"), std::string::npos);
    const std::string whole = read_text(test::photo("coffee.png"));
    write_atomic(dir / "d.png", whole.substr(0, whole.size() / 2));
    EXPECT_NE(complaint(dir / "d.png"), "");
    write_atomic(dir / "e.svg", "\x1f\x8b\x08");
    EXPECT_EQ(complaint(dir / "e.svg"), "logo 'e.svg': it is compressed; save it as a plain SVG");
    write_atomic(dir / "f.svg", R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><g/></svg>)");
    EXPECT_EQ(complaint(dir / "f.svg"),
              "logo 'f.svg': nothing in it is visible; save it again with what is to be seen");
}

/// Whatever its name says.
TEST(LogoTest, AnSvgIsDrawnAtTheWidthThatIsAsked)
{
    const test::TempDir dir;
    write_atomic(dir / "a.png", R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100">
        <rect x="100" width="100" height="100" fill="#ff0000" fill-opacity="0.5"/></svg>)");
    for (const int width : {40, 4000}) {
        const av::Raster raster = read_logo(dir / "a.png", width);
        EXPECT_EQ(raster.size, (Size{width, width / 2}));
        const auto pixel = [&](int x) { return raster.bgra.begin() + 4 * x; };
        EXPECT_EQ(std::vector<int>(pixel(width / 4), pixel(width / 4) + 4), (std::vector<int>{0, 0, 0, 0}));
        EXPECT_NEAR(pixel(width / 2)[2], 128, 1) << "premultiplied, and sharp at any size";
        EXPECT_NEAR(pixel(width / 2)[3], 128, 1);
        EXPECT_EQ(pixel(width / 2 - 1)[3], 0);
    }
}

} // namespace
} // namespace longtake::render
