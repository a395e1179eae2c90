#include "pipeline/image/face_tracks.h"

#include <gtest/gtest.h>

namespace longtake::test {
namespace {

using image::face_tracks;
using image::FaceTrack;
using image::heads_along;
using image::Observation;
using image::that_fit;

constexpr double k_wide = 0.08, k_high = 0.14;

std::vector<Observation> looks(std::size_t count)
{
    std::vector<Observation> all(count);
    for (std::size_t i = 0; i < count; ++i) {
        all[i].frame = static_cast<std::int64_t>(6 * i);
    }
    return all;
}

void add(Observation& look, double x, double times = 1)
{
    look.faces.emplace_back(x, 0.3, k_wide * times, k_high * times);
}

TEST(FaceTracksTest, AFaceIsFollowedAndItsGapsAreFilled)
{
    auto seen = looks(30);
    for (std::size_t i = 5; i < 25; ++i) {
        if (i < 10 || i > 14) {
            add(seen[i], 0.1 + 0.02 * static_cast<double>(i));
        }
    }
    const auto tracks = face_tracks(seen);
    ASSERT_EQ(tracks.size(), 1U);
    EXPECT_EQ(tracks[0].first, 5U);
    EXPECT_EQ(tracks[0].end(), 25U);
    for (std::size_t i = 5; i < 25; ++i) {
        EXPECT_NEAR(tracks[0].at[i - 5].x, 0.1 + 0.02 * static_cast<double>(i), 1e-9) << i;
    }
}

TEST(FaceTracksTest, WhatIsSeenOnceOrTwiceIsAMistake)
{
    auto seen = looks(30);
    add(seen[3], 0.7);
    add(seen[12], 0.2);
    add(seen[13], 0.2);
    EXPECT_TRUE(face_tracks(seen).empty());
    auto one = looks(1);
    add(one[0], 0.4);
    EXPECT_EQ(face_tracks(one).size(), 1U);
}

TEST(FaceTracksTest, TheOneThatCountsMostComesFirst)
{
    auto seen = looks(30);
    for (std::size_t i = 0; i < 30; ++i) {
        add(seen[i], 0.1);
        add(seen[i], 0.6, 1.5);
        if (i > 25) {
            add(seen[i], 0.9, 0.5); // somebody who looks in at the end
        }
    }
    const auto tracks = face_tracks(seen);
    ASSERT_EQ(tracks.size(), 2U);
    EXPECT_NEAR(tracks[0].at[0].x, 0.6, 1e-9);
}

TEST(FaceTracksTest, BoxesThatShakeAreSteadied)
{
    auto seen = looks(30);
    for (std::size_t i = 0; i < 30; ++i) {
        add(seen[i], i == 12 ? 0.45 : 0.4);
    }
    EXPECT_NEAR(face_tracks(seen).at(0).at[12].x, 0.4, 1e-9);
}

TEST(FaceTracksTest, TwoAreHeldIfTheyFitTogether)
{
    auto seen = looks(10);
    for (Observation& look : seen) {
        add(look, 0.40, 1.1);
        add(look, 0.52);
    }
    EXPECT_EQ(that_fit(face_tracks(seen), 0.30, true).size(), 2U);
    const auto held = that_fit(face_tracks(seen), 0.20, true);
    ASSERT_EQ(held.size(), 1U);
    const auto heads = heads_along(held, 10, true);
    EXPECT_NEAR((*heads[4])[0], 0.40 - 0.25 * 1.1 * k_wide, 1e-9);
    EXPECT_NEAR((*heads[4])[1], 0.40 + 1.25 * 1.1 * k_wide, 1e-9);
    EXPECT_FALSE(heads_along({}, 10, true)[4]);
}

TEST(FaceTracksTest, OneAfterTheOtherAreBothHeld)
{
    auto seen = looks(40);
    for (std::size_t i = 0; i < 18; ++i) {
        add(seen[i], 0.1);
        add(seen[i + 22], 0.8);
    }
    EXPECT_EQ(that_fit(face_tracks(seen), 0.2, true).size(), 2U);
}

} // namespace
} // namespace longtake::test
