#include "pipeline/image/lut/cube.h"

#include "pipeline/base/error.h"
#include "tests/support/cubes.h"

#include <gtest/gtest.h>

namespace longtake::image {
namespace {

std::string cube_complaint(const std::string& text)
{
    try {
        parse_cube(text, "film.cube");
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input);
        return error.what();
    }
    return {};
}

TEST(CubeTest, IsReadAsProgramsWriteIt)
{
    const Cube cube = parse_cube("\xEF\xBB\xBF# by hand\r\nTITLE \"a b\"\r\nLUT_1D_SIZE 2\r\nDOMAIN_MIN -1 0 0\r\n"
                                 "DOMAIN_MAX 1 2 1\r\n\r\n 0 .5 +1 \r\n1e-1\t0 0",
                                 "film.cube");
    EXPECT_FALSE(cube.three);
    EXPECT_EQ(cube.size, 2);
    EXPECT_EQ(cube.low, (std::array<float, 3>{-1, 0, 0}));
    EXPECT_EQ(cube.high, (std::array<float, 3>{1, 2, 1}));
    ASSERT_EQ(cube.colours.size(), 2U);
    EXPECT_EQ(cube.colours[0], (std::array<float, 3>{0, 0.5F, 1}));
    EXPECT_EQ(cube.colours[1], (std::array<float, 3>{0.1F, 0, 0}));
    EXPECT_EQ(parse_cube("LUT_3D_INPUT_RANGE 0.1 0.9\n" + test::identity_cube(2), "").low[2], 0.1F);
    EXPECT_EQ(parse_cube(test::identity_cube(3), "").colours[1], (std::array<float, 3>{0.5F, 0, 0})) << "red is first";
}

TEST(CubeTest, SaysFileLineReasonAndRemedy)
{
    EXPECT_EQ(cube_complaint("LUT_3D_SIZE 2\n0 0 0\n0 x 0\n"),
              "LUT 'film.cube', line 3: found 'x' where a number near 0 to 1 is expected; export it again as a .cube "
              "file");
    EXPECT_EQ(cube_complaint("LUT_1D_SIZE 3\n0 0 0\n1 1 1\n"),
              "LUT 'film.cube', line 3: the file ends after 2 of 3 rows; export it again as a .cube file");
    for (const char* text :
         {"", "\n\n", "LUT_3D_SIZE", "LUT_3D_SIZE 1\n", "LUT_3D_SIZE 257\n", "LUT_3D_SIZE 2.5\n", "LUT_1D_SIZE 65537\n",
          "0 0 0\n", "\x89PNG\r\n", "LUT_1D_SIZE 2\nLUT_3D_SIZE 2\n", "LUT_1D_SIZE 2\n0 0 0\n1 1 1\n1 1 1\n",
          "LUT_1D_SIZE 2\n0 0\n1 1 1\n", "LUT_1D_SIZE 2\n0 0 nan\n1 1 1\n", "LUT_1D_SIZE 2\n0 0 1e30\n1 1 1\n",
          "LUT_1D_SIZE 2\n0 0 1e99\n1 1 1\n", "LUT_1D_SIZE 2\nDOMAIN_MAX 0 1 1\n0 0 0\n1 1 1\n",
          "LUT_1D_SIZE 2\nDOMAIN_MAX\n0 0 0\n1 1 1\n", "LUT_IN_VIDEO_RANGE\n"}) {
        EXPECT_TRUE(cube_complaint(text).starts_with("LUT 'film.cube', line ")) << text;
    }
}

} // namespace
} // namespace longtake::image
