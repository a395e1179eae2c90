#include "tests/stages/deliver/spliced_films.h"

namespace longtake::stages {
namespace {

class PlatformCopiesTest : public SplicedFilms {};

/// The bytes of a file's packets, in decode order.
std::vector<std::int64_t> packet_bytes(const std::filesystem::path& file)
{
    const av::ClipIndex index = av::index_clip(file);
    return {index.bytes.begin(), index.bytes.end()};
}

TEST_F(PlatformCopiesTest, APlatformFileHasTheClipsThatAreWhatItAsksFor)
{
    const Timeline film = scenes_film({{.frames = 96, .gop = 48}, {.frames = 96, .gop = 96, .look = 2}},
                                      {TransitionType::dissolve, 12, true});
    Preset platform = changed_preset(
        master_preset(), {{"copies", "within-limits"}, {"video", {{"gop_seconds", 2}, {"max_bitrate", 2'000'000}}}});
    DeliverSettings with;
    with.scratch = dir_ / "scratch";
    with.indexes = index_clips(film);
    const auto made = deliver(film, {{platform, dir_ / "film.mp4"}}, with);
    ASSERT_EQ(made.size(), 1U);
    EXPECT_EQ(made[0].rendered_because, "");
    EXPECT_GE(made[0].copied, 72) << "the first, up to the dissolve";
    EXPECT_LE(made[0].copied, 84) << "nothing of the second, whose GOPs are too long";
    plan_ = plan_splice(own(film), with.indexes, copy_terms(platform, film.rate));
    expect_right(made[0].file(), film);
    EXPECT_LE(av::index_clip(made[0].file()).longest_gop(), 48);
    EXPECT_FALSE(first_overdraw({packet_bytes(made[0].file())}, film.rate, *rate_limit_of(platform.video)));
}

/// Two clips that each begin with all there is in the bucket: the second must not be copied behind the first.
TEST_F(PlatformCopiesTest, CopiesThatBreakTheRateLimitTogetherAreEncoded)
{
    const Timeline film = scenes_film({{.frames = 48, .gop = 48, .look = 1}, {.frames = 48, .gop = 48, .look = 1}});
    const auto bytes = packet_bytes(film.items[0].ranges[0].file);
    const auto kept_by = [&](std::int64_t rate, std::size_t clips) {
        return !first_overdraw(std::vector(clips, bytes), film.rate,
                               {static_cast<double>(rate), 2 * static_cast<double>(rate)});
    };
    std::int64_t rate = 10'000;
    while (!kept_by(rate, 1)) {
        rate += 1000;
    }
    ASSERT_FALSE(kept_by(rate, 2));
    Preset platform = changed_preset(
        master_preset(), {{"copies", "within-limits"}, {"video", {{"gop_seconds", 2}, {"max_bitrate", rate}}}});
    DeliverSettings with;
    with.scratch = dir_ / "scratch";
    with.indexes = index_clips(film);
    const auto made = deliver(film, {{platform, dir_ / "film.mp4"}}, with);
    ASSERT_EQ(made.size(), 1U);
    EXPECT_THAT(made[0].rendered_because, ::testing::StartsWith("with what is copied, the bit rate passes"));
    EXPECT_EQ(made[0].copied, 0);
}

} // namespace
} // namespace longtake::stages
