#include "pipeline/interchange/timecode.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

namespace longtake::interchange {
namespace {

constexpr Rate k_ntsc{30000, 1001};
constexpr Rate k_double{60000, 1001};

/// Counts as a clock does, number by number, leaving out what SMPTE ST 12-1 leaves out.
class CountingClock {
public:
    explicit CountingClock(int nominal) : nominal_(nominal) {}

    std::string text() const
    {
        char text[48];
        std::snprintf(text, sizeof text, "%02d:%02d:%02d;%02d", minute_ / 60, minute_ % 60, second_, frame_);
        return text;
    }

    void tick()
    {
        if (++frame_ < nominal_) {
            return;
        }
        frame_ = 0;
        if (++second_ < 60) {
            return;
        }
        second_ = 0;
        ++minute_;
        if (minute_ % 10 != 0) {
            frame_ = nominal_ / 15; // 00 and 01, or 00 to 03
        }
    }

private:
    int nominal_;
    int minute_ = 0, second_ = 0, frame_ = 0;
};

TEST(TimecodeTest, EveryFrameOfAnHourIsCountedAsADropFrameClockCounts)
{
    for (const Rate rate : {k_ntsc, k_double}) {
        CountingClock clock(timecode_base(rate).nominal);
        for (std::int64_t frame = 0; frame < rate.frames(3600.5); ++frame, clock.tick()) {
            const std::string text = timecode(frame, rate);
            ASSERT_EQ(text, clock.text());
            ASSERT_EQ(frame_at(text, rate), frame);
        }
    }
}

TEST(TimecodeTest, TheNumbersOfTheStandardComeOut)
{
    EXPECT_EQ(timecode(1799, k_ntsc), "00:00:59;29");
    EXPECT_EQ(timecode(1800, k_ntsc), "00:01:00;02");
    EXPECT_EQ(timecode(17982, k_ntsc), "00:10:00;00"); // ten minutes are 17982 frames
    EXPECT_EQ(timecode(107892, k_ntsc), "01:00:00;00");
    EXPECT_EQ(timecode(3599, k_double), "00:00:59;59");
    EXPECT_EQ(timecode(3600, k_double), "00:01:00;04");
    EXPECT_EQ(timecode(215784, k_double), "01:00:00;00");
    EXPECT_EQ(timecode(2589408, k_ntsc), "00:00:00;00") << "a day";
}

TEST(TimecodeTest, OtherRatesDropNothing)
{
    EXPECT_EQ(timecode(1800, {30, 1}), "00:01:00:00");
    EXPECT_EQ(timecode(90000, {25, 1}), "01:00:00:00");
    EXPECT_EQ(timecode(86400, {24000, 1001}), "01:00:00:00");
    EXPECT_EQ(frame_at("01:00:00:00", Rate{24, 1}), 86400);
}

TEST(TimecodeTest, WhatIsNoTimecodeIsRefused)
{
    for (const char* text : {"", "01:00:00", "01:00:00:0x", "01-00-00-00", "-1:00:00:00", "00:60:00:00", "00:00:61:00",
                             "24:00:00:00", "00:00:00:30", "00:00:00:007x"}) {
        EXPECT_THROW(frame_at(text, Rate{30, 1}), Error) << text;
    }
    EXPECT_THROW(frame_at("00:01:00;01", k_ntsc), Error);
    EXPECT_EQ(frame_at("00:01:00:01", TimecodeBase{30, false}), 1801);
    EXPECT_THROW(timecode(0, {25, 2}), Error);
}

} // namespace
} // namespace longtake::interchange
