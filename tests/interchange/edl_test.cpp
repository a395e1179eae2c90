#include "pipeline/interchange/formats.h"

#include "pipeline/base/error.h"
#include "tests/support/timelines.h"

#include <gtest/gtest.h>

namespace longtake::interchange {
namespace {

TEST(EdlTest, ADissolveIsTwoLinesInDropFrame)
{
    Cut cut{"Two\nshots", test::two_shots(false)};
    cut.timeline.rate = {30000, 1001};
    cut.origins["bb"] = {"b", "kling", "kling-v2-6", "867", "steam rises", 0.35};
    EXPECT_EQ(to_edl(cut), R"(TITLE: Two shots
FCM: DROP FRAME

001  A        V     C        00:00:00;00 00:00:02;25 01:00:00;00 01:00:02;25
* FROM CLIP NAME: a
* SOURCE FILE: /t/a 1.mp4

002  A        AA/V  C        00:00:02;25 00:00:02;25 01:00:02;25 01:00:02;25
002  B        AA/V  D    015 00:00:00;00 00:00:02;00 01:00:02;25 01:00:04;25
* FROM CLIP NAME: a
* TO CLIP NAME: b
* EFFECT NAME: dissolve
* SOURCE FILE: /t/b.mp4
* LONGTAKE TAKE: b
* LONGTAKE MODEL: kling kling-v2-6
* LONGTAKE TASK: 867
* LONGTAKE COST: 0.3500 USD
* LONGTAKE PROMPT: steam rises
)");
}

TEST(EdlTest, APictureThatIsHeldStandsStill)
{
    const std::string edl = to_edl({"Film", test::two_shots(true)});
    EXPECT_NE(edl.find("002  B        V     D    015 00:00:00:00 00:00:00:15 01:00:02:25 01:00:03:10\n"
                       "M2   B              000.0                00:00:00:00\n"),
              std::string::npos)
        << edl;
    EXPECT_NE(edl.find("003  B        AA/V  C        00:00:00:00 00:00:02:00 01:00:03:10 01:00:05:10\n"),
              std::string::npos)
        << edl;
}

TEST(EdlTest, ReelsHaveEightLettersAndAreToldApart)
{
    Timeline film = test::two_shots(true);
    film.items[0].shot = "first-cup of coffee";
    film.items[1].shot = "FIRSTCUPS";
    const std::string edl = to_edl({"Film", film});
    EXPECT_NE(edl.find("001  FIRSTCUP V"), std::string::npos) << edl;
    EXPECT_NE(edl.find("002  FIRSTCU2 V"), std::string::npos) << edl;
}

TEST(EdlTest, TooManyEventsAreRefused)
{
    Timeline film = test::two_shots(true);
    film.items.clear();
    for (int i = 0; i < 1000; ++i) {
        Item item{.shot = "s", .start = i, .frames = 1, .transition = {}, .ranges = {}};
        item.ranges = {{.file = "/t/a.mp4", .sha256 = "aa", .first = i, .frames = 1}};
        film.items.push_back(item);
    }
    EXPECT_THROW(to_edl({"Film", film}), Error);
    film.items.pop_back();
    EXPECT_NE(to_edl({"Film", film}).find("\n999  S "), std::string::npos);
}

} // namespace
} // namespace longtake::interchange
