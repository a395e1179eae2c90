#include "pipeline/image/faces.h"

#include "tests/support/people.h"

#include <gtest/gtest.h>

namespace longtake::test {
namespace {

using image::Box;
using image::find_face_near;
using image::find_faces;
using image::find_large_faces;
using image::find_small_faces;

constexpr const char* k_no_cascade = "/nowhere/cascade.xml";

/// Where her face is on the photograph.
bool on_her_face(const Box& box)
{
    const int x = box.x + box.width / 2;
    const int y = box.y + box.height / 2;
    return x > 200 && x < 250 && y > 95 && y < 135 && box.width > 70 && box.width < 130;
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

TEST(FacesTest, SmallFacesAreLeftToTheFullSearch)
{
    EXPECT_EQ(find_large_faces(astronaut()), find_faces(astronaut()));
    EXPECT_TRUE(find_large_faces(full_length(1920)).empty());
    EXPECT_EQ(find_small_faces(full_length(1920)), find_faces(full_length(1920)));
}

TEST(FacesTest, AFaceIsFoundAgainNearWhereItStood)
{
    const cv::Mat picture = astronaut();
    const Box face = find_faces(picture).front();
    for (const int off : {-30, 0, 30}) {
        const auto again = find_face_near(picture, {face.x + off, face.y, face.width, face.height});
        ASSERT_TRUE(again) << off;
        EXPECT_TRUE(on_her_face(*again)) << off;
    }
    EXPECT_FALSE(find_face_near(picture, {20, 300, face.width, face.height}));
    EXPECT_FALSE(find_face_near(picture, {505, 505, face.width, face.height}));
    EXPECT_FALSE(find_face_near(picture, face, k_no_cascade));
}

} // namespace
} // namespace longtake::test
