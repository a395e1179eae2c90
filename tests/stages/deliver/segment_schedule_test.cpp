#include "stages/deliver/segment_schedule.h"

#include "stages/deliver/segment_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <queue>

namespace longtake::stages {
namespace {

constexpr double k_plenty = 1e12; ///< bytes
constexpr double k_hd = 1920.0 * 1080;

TEST(SegmentScheduleTest, TheCostliestComesFirst)
{
    SegmentSchedule schedule(k_plenty);
    schedule.add({{100, 10}});
    const auto costly = schedule.add({{100, 20}, {50, 20}});
    const auto turn = schedule.claim();
    ASSERT_TRUE(turn);
    EXPECT_EQ(turn->window, costly);
}

TEST(SegmentScheduleTest, WhatSomebodyWaitsForComesInItsTurn)
{
    SegmentSchedule schedule(0);
    schedule.add({{1000, 10}});
    const std::size_t later = schedule.add({{10, 1}}, 60);
    const std::size_t first = schedule.add({{10, 1}}, 0);
    for (const std::size_t expected : {first, later}) {
        const auto turn = schedule.claim();
        ASSERT_TRUE(turn);
        EXPECT_EQ(turn->window, expected);
        schedule.release(*turn, true);
    }
    EXPECT_TRUE(schedule.waiting()) << "the costliest comes last here";
}

TEST(SegmentScheduleTest, AnEncoderThatMustBeAloneIsInOneWindowAtATime)
{
    SegmentSchedule schedule(k_plenty);
    const auto first = schedule.add({{300, 1, true}});
    const auto second = schedule.add({{200, 1, true}});
    const auto other = schedule.add({{100, 1}});
    const auto turn = schedule.claim();
    ASSERT_TRUE(turn);
    EXPECT_EQ(turn->window, first);
    EXPECT_FALSE(schedule.claim()) << "nothing overtakes it, either";
    schedule.release(*turn, true);
    std::vector<std::size_t> then;
    while (const auto next = schedule.claim()) {
        then.push_back(next->window);
    }
    EXPECT_EQ(then, (std::vector<std::size_t>{second, other}));
}

TEST(SegmentScheduleTest, WhoeverIsBehindInAWindowGoesOn)
{
    SegmentSchedule schedule(k_plenty);
    schedule.add({{1, 10}, {1, 10}});
    const auto first = schedule.claim();
    schedule.release(*first, false);
    const auto second = schedule.claim();
    EXPECT_NE(second->segment, first->segment);
    const auto beside = schedule.claim();
    EXPECT_EQ(beside->segment, first->segment) << "nobody else has the other";
    EXPECT_FALSE(schedule.claim());
}

TEST(SegmentScheduleTest, AWindowIsBegunBesideOthersWhereThereIsMemory)
{
    for (const double memory : {1.5, 2.5}) { // of what two encoders take, in encoders
        SegmentSchedule schedule(memory * 176 * k_hd);
        schedule.add({{k_hd, 10}});
        schedule.add({{k_hd, 10}});
        const auto first = schedule.claim();
        ASSERT_TRUE(first);
        const auto second = schedule.claim();
        EXPECT_EQ(second.has_value(), memory > 2);
        schedule.release(*first, true);
        EXPECT_TRUE(schedule.is_over(first->window));
        EXPECT_EQ(schedule.claim().has_value(), memory < 2) << "the first one's memory is free again";
    }
}

/// 36 shots of five seconds, with dissolves: three minutes at 30 frames a second.
Timeline three_minutes()
{
    Timeline timeline;
    timeline.rate = {30, 1};
    timeline.size = {1920, 1080};
    for (int i = 0; i < 36; ++i) {
        Range range;
        range.sha256 = std::to_string(i);
        range.frames = 159;
        Item item{range.sha256, timeline.frames(), range.frames, {}, {range}};
        if (i > 0) {
            item.transition = {TransitionType::dissolve, 9, false};
            item.start -= 9;
        }
        timeline.items.push_back(item);
    }
    return timeline;
}

/// Work of an encoder with a lookahead of 40 frames, in pixels: until it is full a frame costs little; what is in it at
/// the end is encoded then, and the segment decoded, which costs a fifteenth.
double work(const SegmentSchedule::Segment& segment, std::int64_t done)
{
    constexpr std::int64_t k_lookahead = 40;
    constexpr double k_look = 0.15;
    const bool last = done + 1 == segment.frames;
    const auto ahead = static_cast<double>(std::min(segment.frames, k_lookahead));
    const double frame = done < k_lookahead ? k_look : 1;
    const double drain = last ? ahead * (1 - k_look) + static_cast<double>(segment.frames) / 15 : 0;
    return segment.pixels * (frame + drain);
}

/// Windows, worked at by so many workers.
class Simulation {
public:
    Simulation(std::vector<std::vector<SegmentSchedule::Segment>> windows, int workers)
        : windows_(std::move(windows)), workers_(workers)
    {
        for (const auto& window : windows_) {
            schedule_.add(window);
            done_.emplace_back(window.size(), 0);
        }
    }

    /// The share of the workers' time in which they work.
    double busy()
    {
        double now = 0;
        double worked = 0;
        int idle = workers_;
        while (true) {
            while (idle > 0) {
                const auto turn = schedule_.claim();
                if (!turn) {
                    break;
                }
                const double takes = work(windows_[turn->window][turn->segment], done_[turn->window][turn->segment]);
                worked += takes;
                running_.push({now + takes, *turn});
                --idle;
            }
            if (running_.empty()) {
                return worked / (now * workers_);
            }
            const auto [end, turn] = running_.top();
            running_.pop();
            now = end;
            ++idle;
            const std::int64_t done = ++done_[turn.window][turn.segment];
            schedule_.release(turn, done == windows_[turn.window][turn.segment].frames);
        }
    }

private:
    struct Running {
        double end = 0;
        SegmentSchedule::Turn turn;

        bool operator>(const Running& other) const { return end > other.end; }
    };

    const std::vector<std::vector<SegmentSchedule::Segment>> windows_;
    const int workers_;
    SegmentSchedule schedule_{k_plenty};
    std::vector<std::vector<std::int64_t>> done_;
    std::priority_queue<Running, std::vector<Running>, std::greater<>> running_;
};

TEST(SegmentScheduleTest, SixteenWorkersAreBusyToTheEndOfAFilm)
{
    const Timeline timeline = three_minutes();
    const render::Rendition rendition(timeline, {timeline.size}, timeline.rate);
    const SplicePlan plan = plan_splice(rendition, {});
    std::vector<std::vector<SegmentSchedule::Segment>> windows;
    for (const Piece& piece : cut_into_pieces(plan, rendition, 2)) {
        windows.push_back({{k_hd, piece.frames}, {k_hd, piece.frames}, {1080.0 * 1080, piece.frames}});
    }
    for (const int workers : {1, 2, 4, 8, 16}) {
        const double busy = Simulation(windows, workers).busy();
        RecordProperty(std::to_string(workers) + " workers busy, per cent", static_cast<int>(100 * busy));
        EXPECT_GE(busy, 0.92) << workers << " workers, " << windows.size() << " windows";
        EXPECT_LE(busy, 1);
    }
}

} // namespace
} // namespace longtake::stages
