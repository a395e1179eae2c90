#include "stages/deliver/package/dash.h"

#include "tests/stages/deliver/package/contents.h"

#include <gtest/gtest.h>
#include <pugixml.hpp>

#include <string>

namespace longtake::stages {
namespace {

class DashTest : public ::testing::Test {
protected:
    explicit DashTest(const StreamContents& contents = test::stream_contents())
    {
        EXPECT_TRUE(document_.load_string(dash_manifest(contents).c_str()));
    }

    std::string at(const char* path) const
    {
        const auto found = document_.select_node(path);
        return found.attribute() ? found.attribute().value() : found.node().text().get();
    }

    pugi::xml_document document_;
};

TEST_F(DashTest, TracksAreFilesWithAnIndex)
{
    EXPECT_EQ(at("//Representation[@id='720p']/BaseURL"), "720p.mp4");
    EXPECT_EQ(at("//Representation[@id='720p']/SegmentBase/@indexRange"), "800-855");
    EXPECT_EQ(at("//Representation[@id='720p']/SegmentBase/Initialization/@range"), "0-799");
    EXPECT_EQ(at("//Representation[@id='720p']/@bandwidth"), "2400000");
    EXPECT_EQ(at("//Representation[@id='720p']/@frameRate"), "30000/1001");
    EXPECT_EQ(at("//Representation[@id='sound']/@codecs"), "mp4a.40.2");
    EXPECT_EQ(at("//Representation[@id='sound']/AudioChannelConfiguration/@value"), "2");
}

TEST_F(DashTest, SaysWhatTheFilmIs)
{
    EXPECT_EQ(at("/MPD/@mediaPresentationDuration"), "PT8.000000S");
    EXPECT_EQ(at("/MPD/@type"), "static");
    EXPECT_EQ(at("/MPD/ProgramInformation/Title"), "Tea & \"cake\"");
    EXPECT_EQ(at("//AdaptationSet[@contentType='text']/@lang"), "en");
    EXPECT_EQ(at("//AdaptationSet[@contentType='video']/@par"), "16:9");
}

TEST_F(DashTest, SmallPicturesAreTiled)
{
    EXPECT_EQ(at("//AdaptationSet[@contentType='image']/SegmentTemplate/@duration"), "4000");
    EXPECT_EQ(at("//AdaptationSet[@contentType='image']/Representation/EssentialProperty/@value"), "2x1");
    EXPECT_EQ(at("//AdaptationSet[@contentType='image']/Representation/@width"), "320");
}

class SilentDashTest : public DashTest {
protected:
    SilentDashTest() : DashTest(silent()) {}

    static StreamContents silent()
    {
        StreamContents contents = test::stream_contents();
        contents.sound.reset();
        contents.captions.reset();
        contents.thumbnails.reset();
        return contents;
    }
};

TEST_F(SilentDashTest, HasPicturesAlone)
{
    EXPECT_EQ(document_.select_nodes("//AdaptationSet").size(), 1U);
}

} // namespace
} // namespace longtake::stages
