#include "pipeline/interchange/formats.h"

#include "pipeline/base/error.h"
#include "tests/support/timelines.h"

#include <gtest/gtest.h>

namespace longtake::interchange {
namespace {

TEST(FormatsTest, EachIsFoundByItsNameAndWritesTheFilm)
{
    for (const Format& format : formats()) {
        EXPECT_EQ(&format_named(format.name), &format);
        EXPECT_EQ(format.extension, "." + std::string(format.name));
        EXPECT_NE(format.write({"Far mornings", test::two_shots(true)}).find("Far mornings"), std::string::npos);
    }
}

TEST(FormatsTest, AnotherIsToldWithTheNearest)
{
    try {
        format_named("fcpxm");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::usage);
        EXPECT_NE(std::string(error.what()).find("did you mean 'fcpxml'"), std::string::npos) << error.what();
    }
}

} // namespace
} // namespace longtake::interchange
