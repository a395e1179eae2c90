#include "stages/deliver/rate_limit.h"

#include <gtest/gtest.h>

namespace longtake::stages {
namespace {

constexpr Rate k_rate{10, 1};
constexpr RateLimit k_limit{1000, 2000, 0.9}; ///< a frame brings 100 bits

using Parts = std::vector<std::vector<std::int64_t>>;

TEST(RateLimitTest, IsTwoSecondsOfThePresetsRate)
{
    Preset::Video video;
    EXPECT_FALSE(rate_limit_of(video));
    video.max_bitrate = 8'000'000;
    EXPECT_EQ(rate_limit_of(video)->bits_per_second, 8e6);
    EXPECT_EQ(rate_limit_of(video)->buffer_bits, 16e6);
}

TEST(RateLimitTest, AFrameTakesItsBitsAtOnce)
{
    EXPECT_FALSE(first_overdraw({{225}}, k_rate, k_limit)) << "1800 bits: all there is";
    EXPECT_TRUE(first_overdraw({{226}}, k_rate, k_limit));
    EXPECT_FALSE(first_overdraw({{225, 12}}, k_rate, k_limit));
    EXPECT_TRUE(first_overdraw({{225, 13}}, k_rate, k_limit));
}

TEST(RateLimitTest, TheBucketHoldsNoMoreThanItsSize)
{
    const std::vector<std::int64_t> quiet(100, 0);
    EXPECT_FALSE(first_overdraw({quiet, {250}}, k_rate, k_limit));
    EXPECT_TRUE(first_overdraw({quiet, {251}}, k_rate, k_limit));
}

TEST(RateLimitTest, PartsThatEachKeepTheLimitCanBreakItTogether)
{
    const std::vector<std::int64_t> part{225, 12, 12, 12, 12};
    ASSERT_FALSE(first_overdraw({part}, k_rate, k_limit));
    const auto over = first_overdraw({part, {12}, part}, k_rate, k_limit);
    ASSERT_TRUE(over);
    EXPECT_EQ(over->part, 2U);
    EXPECT_LT(over->fullness, 0.1);
}

} // namespace
} // namespace longtake::stages
