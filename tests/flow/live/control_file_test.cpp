#include "pipeline/flow/live/control_file.h"

#include "pipeline/base/files.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

class ControlFileTest : public ::testing::Test {
protected:
    test::TempDir dir_;
    ControlFile file_{dir_.path(), "this"};
};

TEST_F(ControlFileTest, NothingIsAskedUntilItIsWritten)
{
    EXPECT_FALSE(file_.look().paused);
    write_control(dir_.path(), {"this", true, false, false});
    EXPECT_TRUE(file_.look().paused);
    write_control(dir_.path(), {"this", false, true, false});
    EXPECT_FALSE(file_.look().paused);
    EXPECT_TRUE(file_.look().approved);
}

TEST_F(ControlFileTest, WhatWasAskedOfAnotherRunMeansNothing)
{
    write_control(dir_.path(), {"before", true, true, true});
    EXPECT_FALSE(file_.look().paused || file_.look().approved || file_.look().cancelled);
}

TEST_F(ControlFileTest, WhatCannotBeReadChangesNothing)
{
    write_control(dir_.path(), {"this", true, false, false});
    EXPECT_TRUE(file_.look().paused);
    for (const char* text : {"", "{", "[]", "{\"schema\": \"longtake/control/2\"}", "{\"schema\": 7}"}) {
        write_atomic(dir_ / k_control_file, text);
        EXPECT_TRUE(file_.look().paused) << text;
        EXPECT_FALSE(read_control(dir_.path())) << text;
    }
    write_atomic(dir_ / k_control_file, std::string(1 << 20, ' '));
    EXPECT_TRUE(file_.look().paused) << "too large for what it is";
}

TEST_F(ControlFileTest, ALinkIsNotFollowed)
{
    const test::TempDir other;
    write_control(other.path(), {"this", true, false, false});
    std::filesystem::create_symlink(other / k_control_file, dir_ / k_control_file);
    EXPECT_FALSE(file_.look().paused);
}

} // namespace
} // namespace longtake
