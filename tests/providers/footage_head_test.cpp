#include "pipeline/providers/footage_head.h"

#include <gmock/gmock.h>

namespace longtake::remote {
namespace {

using ::testing::HasSubstr;
using namespace std::string_view_literals;

TEST(FootageHeadTest, KnowsTheContainersOfFootage)
{
    for (const std::string_view head :
         {"\0\0\0\x20"
          "ftypisom\0\0\2\0"sv,
          "\0\0\0\x14"
          "ftypqt  "sv,
          "\0\0\0\1mdat\0\0\0\0"sv, "\0\0\0\x08wide"sv, "\0\0\x10\0moov"sv, "\x1a\x45\xdf\xa3\x01"sv}) {
        EXPECT_EQ(why_no_footage(head), "");
    }
}

TEST(FootageHeadTest, TellsAPage)
{
    for (const std::string_view head :
         {"<html>one moment</html>"sv, "<!DOCTYPE html>"sv, "\xef\xbb\xbf\r\n  <!doctype html>"sv,
          "<?xml version=\"1.0\"?><Error/>"sv, "{\"error\":{}}"sv, "\n[]"sv}) {
        EXPECT_THAT(why_no_footage(head), HasSubstr("a page in its place")) << head;
    }
}

TEST(FootageHeadTest, TakesNothingElse)
{
    for (const std::string_view head : {"film"sv, ""sv, "#EXTM3U\n#EXT-X-VERSION:3"sv, "ffconcat version 1.0"sv,
                                        "RIFF\0\0\0\0AVI "sv, "\x89PNG\r\n\x1a\n"sv, "Not Found"sv}) {
        EXPECT_THAT(why_no_footage(head), HasSubstr("no video")) << head;
    }
}

} // namespace
} // namespace longtake::remote
