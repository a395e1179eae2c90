#include "pipeline/interchange/formats.h"

#include "tests/support/timelines.h"

#include <gtest/gtest.h>
#include <pugixml.hpp>

#include <cstdio>
#include <string>

namespace longtake::interchange {
namespace {

/// A rational time in frames of the film; it has to be a whole number of them.
std::int64_t frames_of(const pugi::xml_attribute& time, const Rate& rate)
{
    long long over = 0;
    long long under = 1;
    const std::string text = time.value();
    if (std::sscanf(text.c_str(), "%lld/%llds", &over, &under) == 1) {
        under = 1;
    }
    EXPECT_EQ(over * rate.num % (under * rate.den), 0) << text;
    return over * rate.num / (under * rate.den);
}

class FcpxmlTest : public ::testing::TestWithParam<Rate> {};

TEST_P(FcpxmlTest, ClipsStandEndToEndInExactTime)
{
    for (const bool held : {true, false}) {
        Cut cut{"Film", test::two_shots(held)};
        cut.timeline.rate = GetParam();
        pugi::xml_document document;
        ASSERT_TRUE(document.load_string(to_fcpxml(cut).c_str()));
        const pugi::xml_node sequence = document.select_node("//sequence").node();
        EXPECT_EQ(frames_of(sequence.attribute("duration"), GetParam()), cut.timeline.frames());
        std::int64_t end = 0;
        for (const pugi::xml_node clip : sequence.child("spine").children("asset-clip")) {
            EXPECT_EQ(frames_of(clip.attribute("offset"), GetParam()), end);
            end += frames_of(clip.attribute("duration"), GetParam());
        }
        EXPECT_EQ(end, cut.timeline.frames());
        const pugi::xml_node way = sequence.child("spine").child("transition");
        EXPECT_EQ(frames_of(way.attribute("offset"), GetParam()), 85);
        EXPECT_EQ(frames_of(way.attribute("duration"), GetParam()), 15);
    }
}

INSTANTIATE_TEST_SUITE_P(Rates, FcpxmlTest,
                         ::testing::Values(Rate{30, 1}, Rate{25, 1}, Rate{30000, 1001}, Rate{60000, 1001}));

TEST(FcpxmlFileTest, EveryClipRefersToAnAssetThatIsAsLongAsItIsUsed)
{
    Cut cut{"Film", test::two_shots(false)};
    cut.origins["bb"] = {"b", "kling", "kling-v2-6", "867", "steam \"rises\" & <falls>", 0.35};
    pugi::xml_document document;
    ASSERT_TRUE(document.load_string(to_fcpxml(cut).c_str()));
    EXPECT_STREQ(document.child("fcpxml").attribute("version").value(), "1.10");
    for (const pugi::xpath_node found : document.select_nodes("//asset-clip")) {
        const std::string id = found.node().attribute("ref").value();
        const pugi::xml_node asset = document.select_node(("//asset[@id='" + id + "']").c_str()).node();
        ASSERT_TRUE(asset) << id;
        const auto at = [&](const char* name) { return frames_of(found.node().attribute(name), {30, 1}); };
        EXPECT_LE(at("start") + at("duration"), frames_of(asset.attribute("duration"), {30, 1}));
    }
    const pugi::xml_node prompt = document.select_node("//md[@key='com.longtake.prompt']").node();
    EXPECT_STREQ(prompt.attribute("value").value(), "steam \"rises\" & <falls>");
    EXPECT_TRUE(document.select_node("//asset[@hasAudio='1']/media-rep[@src='file:///t/b.mp4']"));
}

} // namespace
} // namespace longtake::interchange
