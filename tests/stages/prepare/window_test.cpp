#include "stages/prepare/window.h"

#include "tests/stages/prepare/pictures.h"
#include "tests/support/people.h"

namespace longtake::test {
namespace {

using stages::Box;
using stages::picture::choose_window;

TEST(WindowTest, SaysHowManyFacesItKeeps)
{
    EXPECT_EQ(choose_window(full_length(1920), {1080, 608}).faces, 1);
    EXPECT_EQ(choose_window(two_people(100), {800, 512}).faces, 2);
    EXPECT_EQ(choose_window(two_people(100), {650, 512}).faces, 1);
    EXPECT_EQ(choose_window(cv::imread(photo("rocket.jpg").string()), {240, 427}).faces, 0);
}

TEST(WindowTest, KeepsTheHeadOfAPortrait)
{
    const Box box = choose_window(astronaut(), {512, 288});

    EXPECT_LT(box.y, 40); // her hair begins at row 10, her chin is at 165
    EXPECT_GT(box.y + box.height, 190);
}

TEST(WindowTest, KeepsAFaceThatIsNearAnEdge)
{
    cv::Mat picture(512, 1400, CV_8UC3, cv::Scalar(135, 125, 115));
    astronaut().copyTo(picture(cv::Rect(888, 0, 512, 512)));
    cv::circle(picture, {300, 250}, 200, cv::Scalar(20, 40, 220), -1); // and something louder elsewhere
    cv::circle(picture, {300, 250}, 120, cv::Scalar(220, 240, 240), -1);

    const Box box = choose_window(picture, {288, 512});

    EXPECT_LT(box.x, 888 + 180);
    EXPECT_GT(box.x + box.width, 888 + 272);
}

TEST(WindowTest, HoldsBothFacesWhereItCan)
{
    const Box box = choose_window(two_people(100), {800, 512}); // they span columns 177 to 947

    EXPECT_LT(box.x, 190);
    EXPECT_GT(box.x + box.width, 934);
}

TEST(WindowTest, CutsThroughNoFaceItCannotHold)
{
    const Box box = choose_window(two_people(100), {650, 512});
    const int end = box.x + box.width;

    const bool first = box.x < 180 && end > 272; // columns 180 to 270 and 854 to 944
    const bool second = box.x < 852 && end > 944;
    EXPECT_NE(first, second);
    EXPECT_TRUE(first ? end <= 860 : box.x >= 264) << box.x;
}

TEST(WindowTest, ShowsWhatStandsOutAwayFromItsRim)
{
    const Box box = choose_window(cv::imread(photo("rocket.jpg").string()), {240, 427});

    EXPECT_LT(box.x, 320 - 60); // the rocket stands at column 320
    EXPECT_GT(box.x + box.width, 320 + 60);
}

TEST(WindowTest, IsFilledByAFaceLargerThanItself)
{
    cv::Mat large;
    cv::resize(astronaut(), large, {}, 2, 2, cv::INTER_AREA);

    const Box box = choose_window(large, {1024, 150}); // the face spans rows 135 to 330

    EXPECT_GT(box.y, 130);
    EXPECT_LT(box.y + box.height, 340);
}

} // namespace
} // namespace longtake::test
