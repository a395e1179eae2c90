#include "pipeline/app/watch/live_pictures.h"

#include "tests/support/numbered.h"
#include "tests/support/photos.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace longtake::app {
namespace {

using nlohmann::json;

TEST(LivePicturesTest, SourcesAndTakesAreDrawnOnceEachAsTheyCome)
{
    const test::TempDir dir;
    std::filesystem::create_directories(dir / "takes");
    test::write_numbered(dir / "takes/aa.mp4");
    LivePictures pictures(dir / "live1", dir / "takes");
    const json shots = {{{"id", "cup"}, {"kind", "generated"}, {"picture", test::photo("coffee.png")}},
                        {{"id", "cat"}, {"kind", "generated"}, {"picture", test::photo("coffee.png")}},
                        {{"id", "gone"}, {"kind", "generated"}, {"picture", "/is/not/there.png"}},
                        {{"id", "card"}, {"kind", "card"}, {"picture", nullptr}}};
    const json takes = {{{"name", "cup"}, {"footage", "aa"}, {"seconds", 2.0}},
                        {{"name", "cup+1"}, {"footage", ""}, {"seconds", 2.0}},
                        {{"name", "cat"}, {"footage", "../../../../etc/passwd"}, {"seconds", 2.0}}};
    json drawn;
    for (int tries = 0; tries < 500; ++tries) {
        pictures.want(shots, takes);
        drawn = pictures.drawn(shots, takes);
        if (!drawn.at("shots").at(0).at("frames").empty() && drawn.at("shots").at(0).at("source").is_string()) {
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ASSERT_EQ(drawn.at("shots").size(), 4U);
    const json& cup = drawn.at("shots").at(0);
    EXPECT_EQ(cup.at("frames").at(0).at("at"), 1.0);
    EXPECT_TRUE(std::filesystem::exists(dir / cup.at("source").get<std::string>()));
    EXPECT_TRUE(std::filesystem::exists(dir / cup.at("frames").at(0).at("file").get<std::string>()));
    EXPECT_EQ(drawn.at("shots").at(1).at("source"), cup.at("source")) << "one picture for both";
    EXPECT_TRUE(drawn.at("shots").at(1).at("frames").empty());
    EXPECT_TRUE(drawn.at("shots").at(2).at("source").is_null());
    EXPECT_TRUE(drawn.at("shots").at(3).at("source").is_null());
}

} // namespace
} // namespace longtake::app
