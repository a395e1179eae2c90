#include "pipeline/base/error.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

TEST(ErrorTest, TellsItsStoryOutermostFirst)
{
    try {
        in_context("deliver",
                   [] { in_context("shot 'pier'", [] { throw Error(Errc::input, "open 'a.mp4': gone"); }); });
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "deliver: shot 'pier': open 'a.mp4': gone");
        EXPECT_EQ(error.code(), Errc::input);
    }
}

TEST(ErrorTest, HasTheExitStatusOfTheContract)
{
    EXPECT_EQ(exit_status(Errc::internal), 1);
    EXPECT_EQ(exit_status(Errc::usage), 2);
    EXPECT_EQ(exit_status(Errc::input), 3);
    EXPECT_EQ(exit_status(Errc::credentials), 4);
    EXPECT_EQ(exit_status(Errc::provider), 5);
    EXPECT_EQ(exit_status(Errc::budget), 6);
    EXPECT_EQ(exit_status(Errc::pending), 7);
    EXPECT_EQ(exit_status(Errc::partial), 8);
    EXPECT_EQ(exit_status(Errc::unverified), 9);
    EXPECT_EQ(exit_status(Errc::interrupted), 130);
}

} // namespace
} // namespace longtake
