#include "stages/prepare/window.h"

#include "stages/prepare/faces.h"
#include "tests/stages/prepare/pictures.h"

namespace longtake::test {
namespace {

using stages::Box;
using stages::picture::choose_window;
using stages::picture::find_faces;

constexpr const char* k_no_cascade = "/nowhere/cascade.xml";

cv::Mat astronaut()
{
    return cv::imread(photo("astronaut.png").string());
}

/// Where her face is on the photograph: rows 70 to 165, columns 180 to 270, near enough.
bool on_her_face(const Box& box)
{
    const int x = box.x + box.width / 2;
    const int y = box.y + box.height / 2;
    return x > 200 && x < 250 && y > 95 && y < 135 && box.width > 70 && box.width < 130;
}

/// The photograph twice, side by side with a wall of `gap` columns between.
cv::Mat two_people(int gap)
{
    const cv::Mat one = astronaut();
    cv::Mat other, both;
    cv::flip(one, other, 1);
    cv::hconcat(std::vector<cv::Mat>{one, cv::Mat(one.rows, gap, CV_8UC3, cv::Scalar(135, 125, 115)), other}, both);
    return both;
}

TEST(FacesTest, AFaceIsFoundWhateverItsSizeAndLight)
{
    const cv::Mat picture = astronaut();
    ASSERT_EQ(find_faces(picture).size(), 1U);
    EXPECT_TRUE(on_her_face(find_faces(picture).front()));

    cv::Mat other;
    for (const double scale : {0.5, 2.0, 4.0}) {
        cv::resize(picture, other, {}, scale, scale, cv::INTER_AREA);
        const auto faces = find_faces(other);
        ASSERT_EQ(faces.size(), 1U) << scale;
        const auto back = [&](int length) { return static_cast<int>(length / scale); };
        const Box& face = faces.front();
        EXPECT_TRUE(on_her_face({back(face.x), back(face.y), back(face.width), back(face.height)})) << scale;
    }
    EXPECT_EQ(find_faces(picture * 0.4).size(), 1U);
    EXPECT_EQ(find_faces(two_people(100)).size(), 2U);
}

TEST(FacesTest, NoFaceIsFoundWhereThereIsNone)
{
    for (const char* name : {"chelsea.png", "coffee.png", "hubble_deep_field.jpg", "rocket.jpg"}) {
        EXPECT_TRUE(find_faces(cv::imread(photo(name).string())).empty()) << name;
    }
    EXPECT_TRUE(find_faces(cv::Mat(1, 1, CV_8UC3, cv::Scalar(1, 2, 3))).empty());
}

/// Somebody seen from head to foot: her face is 5 % of the longer side.
cv::Mat full_length(int side)
{
    cv::Mat street, person, picture;
    cv::resize(cv::imread(photo("coffee.png").string()), street, {side * 9 / 16, side}, 0, 0, cv::INTER_AREA);
    const int width = static_cast<int>(side * 0.05 * 512 / 95); // the face of the photograph is 95 wide
    cv::resize(astronaut(), person, {width, width}, 0, 0, cv::INTER_AREA);
    picture = street.clone();
    person.copyTo(picture(cv::Rect(side / 8, side / 20, width, width)));
    return picture;
}

TEST(FacesTest, TheFaceOfAFullLengthPersonIsFound)
{
    for (const int side : {1024, 1920}) {
        const auto faces = find_faces(full_length(side));
        ASSERT_EQ(faces.size(), 1U) << side;
        EXPECT_NEAR(faces[0].width, 0.05 * side, 0.02 * side);
        const double scale = side * 0.05 / 95;
        EXPECT_NEAR(faces[0].x + faces[0].width / 2, side / 8 + 224 * scale, 0.01 * side);
        EXPECT_NEAR(faces[0].y + faces[0].height / 2, side / 20 + 118 * scale, 0.01 * side);
    }
}

TEST(WindowTest, SaysHowManyFacesItKeeps)
{
    EXPECT_EQ(choose_window(full_length(1920), {1080, 608}).faces, 1);
    EXPECT_EQ(choose_window(two_people(100), {800, 512}).faces, 2);
    EXPECT_EQ(choose_window(two_people(100), {650, 512}).faces, 1);
    EXPECT_EQ(choose_window(cv::imread(photo("rocket.jpg").string()), {240, 427}).faces, 0);
}

TEST(FacesTest, NoFaceIsFoundInTurnedAndEnlargedThings)
{
    for (const char* name : {"chelsea.png", "coffee.png", "rocket.jpg"}) {
        cv::Mat picture = cv::imread(photo(name).string());
        cv::rotate(picture, picture, cv::ROTATE_180);
        cv::resize(picture, picture, {}, 2, 2, cv::INTER_CUBIC);
        EXPECT_TRUE(find_faces(picture).empty()) << name;
    }
}

TEST(FacesTest, WithoutTheCascadeThereAreNoneAndNoError)
{
    EXPECT_TRUE(find_faces(astronaut(), k_no_cascade).empty());
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
