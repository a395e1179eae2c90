#include "pipeline/av/cmaf/track_index.h"
#include "pipeline/av/splice/segment.h"
#include "tests/av/cmaf/tracks.h"
#include "tests/stages/deliver/spliced_films.h"

namespace longtake::stages {
namespace {

using test::Scene;

class SplicerTest : public SplicedFilms {};

TEST_F(SplicerTest, ACutCopiesEverything)
{
    const Timeline film = scenes_film({{.frames = 48}, {.frames = 40, .look = 1}, {.frames = 31, .look = 2}});
    const auto file = spliced(film);

    EXPECT_EQ(plan_.copied(), 119);
    EXPECT_EQ(plan_.joins[0].mode, JoinMode::copy);
    expect_right(file, film);
}

TEST_F(SplicerTest, ATrackOfAStreamGrowsByWholeFragments)
{
    const av::MediaSpec media = test::track_spec(60);
    std::vector<StoredSegment> segments;
    for (const char* name : {"one.mp4", "two.mp4"}) {
        av::MediaWriter writer(dir_ / name, av::segment_spec(media));
        for (int i = 0; i < 30; ++i) {
            writer.write(av::Frame::plain(media.size, static_cast<std::uint8_t>(40 + i), 128, 128));
        }
        writer.finish();
        segments.push_back({dir_ / name, 30, {}});
    }
    const auto file = dir_ / "track.mp4";
    GrowingTrack track(file, media, {{segments.front().file, av::Origin::own}});
    track.add(part_of(segments[0], media.rate), {});
    EXPECT_EQ(av::cmaf::read_track(file).fragments.size(), 1U) << "of two GOPs, the second may go on";
    track.add(part_of(segments[1], media.rate), {});
    EXPECT_EQ(av::cmaf::read_track(file).fragments.size(), 3U);
    track.finish();
    const av::cmaf::TrackIndex whole = av::cmaf::read_track(file);
    EXPECT_EQ(whole.fragments.size(), 4U);
    EXPECT_GT(whole.segment_index.bytes, 0);
}

TEST_F(SplicerTest, AHeldDissolveEncodesTheTailAlone)
{
    const Timeline film = scenes_film({{.frames = 48}, {.frames = 48, .look = 1}, {.frames = 48, .look = 2}},
                                      {TransitionType::dissolve, 12, true});
    const auto file = spliced(film);

    EXPECT_GE(plan_.copied(), 3 * 48 - 2 * (12 + 3)) << "12 frames a join, and at most the B-frames before them";
    EXPECT_EQ(plan_.joins[0].mode, JoinMode::partial);
    expect_right(file, film);
}

TEST_F(SplicerTest, AnOverlapEncodesUpToTheNextIdr)
{
    const Timeline film = scenes_film({{.frames = 72, .gop = 24}, {.frames = 72, .gop = 24, .look = 1}},
                                      {TransitionType::dissolve, 12, false});
    const auto file = spliced(film);

    EXPECT_GE(plan_.copied(), 72 - 12 - 3 + 48);
    expect_right(file, film);
}

TEST_F(SplicerTest, AnOverlapIntoASingleGopEncodesAllOfIt)
{
    const Timeline film =
        scenes_film({{.frames = 48}, {.frames = 48, .look = 1}}, {TransitionType::wipe_left, 12, false});
    const auto file = spliced(film);

    EXPECT_LE(plan_.copied(), 36);
    expect_right(file, film);
}

TEST_F(SplicerTest, NothingToCopyIsOneSetOfParameters)
{
    const Timeline film = scenes_film({{.frames = 30, .size = "160x90"}, {.frames = 30, .size = "160x90", .look = 1}});
    const auto file = spliced(film);

    EXPECT_EQ(plan_.copied(), 0);
    EXPECT_EQ(plan_.planned[0].reason, "its size is 160x90, the film's 320x180");
    EXPECT_EQ(plan_.joins[0].mode, JoinMode::full);
    expect_right(file, film);
}

/// Clips of four encoders: each keeps its own parameter sets, under ids of their own.
TEST_F(SplicerTest, ClipsOfDifferentEncodersStandSideBySide)
{
    const std::vector<Scene> scenes = {
        {.frames = 40},
        {.frames = 40, .bframes = 0, .look = 1, .x264 = "ref=1:cabac=0", .options = "-profile:v main"},
        {.frames = 40, .look = 2, .x264 = "ref=5:b-pyramid=normal:bframes=5"},
        {.frames = 40, .bframes = 0, .look = 3, .options = "-profile:v baseline"},
        {.frames = 40, .look = 1, .x264 = "slices=3:weightp=2"},
    };
    for (const Join& join : {Join{}, Join{TransitionType::dissolve, 8, true}}) {
        const Timeline film = scenes_film(scenes, join);
        const auto file = spliced(film);
        EXPECT_GE(plan_.copied(), join.frames == 0 ? 200 : 200 - 4 * (8 + 7));
        expect_right(file, film);
    }
}

TEST_F(SplicerTest, OddEndsAreEncodedAndNothingElse)
{
    Timeline film = scenes_film({{.frames = 72, .gop = 24}, {.frames = 72, .gop = 24, .look = 1}});
    film.items[0].ranges[0].first = 5; // into the first GOP
    film.items[0].ranges[0].frames = film.items[0].frames = 60;
    film.items[1].start = 60;
    film.items[1].ranges[0].frames = film.items[1].frames = 50;
    const auto file = spliced(film);

    EXPECT_EQ(plan_.planned[0].frames, 19) << "up to the IDR at 24";
    EXPECT_GE(plan_.copied(), 41 - 3 + 50 - 3);
    expect_right(file, film);
}

TEST_F(SplicerTest, AClipOfKeyframesAloneIsCopied)
{
    const Timeline film = scenes_film({{.frames = 30, .gop = 1}, {.frames = 30, .gop = 1, .look = 1}});
    expect_right(spliced(film), film);
    EXPECT_EQ(plan_.copied(), 60);
}

TEST_F(SplicerTest, SeekingToAnyPartShowsTheRightFrame)
{
    const Timeline film = scenes_film({{.frames = 72, .gop = 24},
                                       {.frames = 72, .gop = 24, .look = 1},
                                       {.frames = 72, .gop = 24, .bframes = 0, .look = 2, .x264 = "cabac=0"}},
                                      {TransitionType::dissolve, 12, false});
    const auto file = spliced(film);
    std::vector<av::Frame> linear;
    av::VideoReader reader(file);
    while (auto shown = reader.next()) {
        linear.push_back(std::move(shown->frame));
    }
    ASSERT_EQ(std::ssize(linear), film.frames());
    for (const Piece& part : pieces(film)) {
        for (const std::int64_t frame : {part.at, part.at + part.frames / 2}) {
            av::VideoReader seeking(file, {.start = film.rate.seconds(frame)});
            const auto shown = seeking.next();
            ASSERT_TRUE(shown);
            EXPECT_NEAR(shown->seconds, film.rate.seconds(frame), 1e-4);
            EXPECT_EQ(difference(shown->frame, linear[static_cast<std::size_t>(frame)]), 0) << "frame " << frame;
        }
    }
}

/// An index that takes a P picture for a place where decoding can begin: what it leads to must not be kept.
TEST_F(SplicerTest, AFilmThatCopyingWouldSpoilIsRenderedInFullAndSaysWhy)
{
    Timeline film = scenes_film({{.frames = 36}, {.frames = 36, .bframes = 0, .look = 1}});
    Item& second = film.items[1];
    second.ranges[0].first = 6;
    second.ranges[0].frames = second.frames = 30;
    DeliverSettings with;
    with.scratch = dir_ / "scratch";
    with.indexes = index_clips(film);
    ASSERT_EQ(with.indexes.at(second.ranges[0].file).sync_samples, std::vector<std::int32_t>{0});
    with.indexes.at(second.ranges[0].file).sync_samples.push_back(6);
    ASSERT_EQ(plan_splice(own(film), with.indexes).copied(), 66);

    const auto made = deliver(film, {{master_preset(), dir_ / "film.mp4"}}, with);
    ASSERT_EQ(made.size(), 1U);
    EXPECT_NE(made[0].rendered_because, "");
    EXPECT_EQ(made[0].copied, 0);
    plan_ = plan_splice(own(film), {});
    expect_right(made[0].file(), film);
}

TEST_F(SplicerTest, AFullDiskEndsTheFilmAtOnce)
{
    const Timeline film =
        scenes_film({{.frames = 48}, {.frames = 48, .look = 1}}, {TransitionType::dissolve, 12, true});
    DeliverSettings with;
    with.scratch = dir_ / "scratch";
    with.indexes = index_clips(film);
    std::atomic<std::int64_t> furthest = 0;
    std::atomic<bool> went_back = false;
    with.progress = [&](const OutputSpec&, std::int64_t done, std::int64_t) {
        went_back = went_back || done + 48 < furthest; // workers report a little out of order
        furthest = std::max<std::int64_t>(furthest, done);
    };
    const std::filesystem::path clip = film.items[0].ranges[0].file;
    const test::FileSizeLimit full(std::filesystem::file_size(clip) / 2);
    try {
        deliver(film, {{master_preset(), dir_ / "film.mp4"}}, with);
        FAIL() << "delivered";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::storage) << error.what();
        EXPECT_NE(std::string(error.what()).find("File too large; "), std::string::npos) << error.what();
    }
    EXPECT_FALSE(went_back) << "it was encoded again from the beginning";
    EXPECT_FALSE(std::filesystem::exists(dir_ / "film.mp4"));
}

/// A damaged clip is one however its film is made.
TEST_F(SplicerTest, ADamagedClipIsNotEncodedASecondTime)
{
    const Timeline film =
        scenes_film({{.frames = 48}, {.frames = 48, .look = 1}}, {TransitionType::dissolve, 12, true});
    DeliverSettings with;
    with.scratch = dir_ / "scratch";
    with.indexes = index_clips(film);
    const std::filesystem::path first = film.items[0].ranges[0].file;
    const std::string bytes = read_text(first);
    const std::size_t end = bytes.rfind("moov") - 4; // of the pictures' bytes
    const std::size_t tenth = end / 10;              // of the tail that is mixed into the second clip
    {
        std::fstream out(first, std::ios::binary | std::ios::in | std::ios::out);
        out.seekp(static_cast<std::streamoff>(end - tenth));
        out << std::string(tenth, 'x');
    }
    std::atomic<int> composed = 0;
    with.progress = [&](const OutputSpec&, std::int64_t, std::int64_t) { ++composed; };
    try {
        deliver(film, {{master_preset(), dir_ / "film.mp4"}}, with);
        FAIL() << "delivered";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input) << error.what();
    }
    EXPECT_LE(composed, 12) << "more than the join";
}

TEST_F(SplicerTest, AFilmIsSplicedByTheThreadsThatTheSystemGives)
{
    const Timeline film =
        scenes_film({{.frames = 48}, {.frames = 48, .look = 1}}, {TransitionType::dissolve, 12, true});
    DeliverSettings with;
    with.scratch = dir_ / "scratch";
    with.indexes = index_clips(film);
    const test::NoThreads none;
    try {
        deliver(film, {{master_preset(), dir_ / "film.mp4"}}, with);
        FAIL() << "delivered";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("start a thread: "), std::string::npos) << error.what();
    }
}

/// The proof has to fail where joining goes wrong in the way it does go wrong: two parameter sets under one id.
TEST_F(SplicerTest, TheProofFindsParameterSetsThatCollide)
{
    const Timeline film =
        scenes_film({{.frames = 48}, {.frames = 48, .look = 1}}, {TransitionType::dissolve, 12, true});
    const auto file = spliced(film);
    ASSERT_EQ(refusal(file, film, av::VerifyDepth::joins), "");
    std::string bytes;
    {
        std::ifstream in(file, std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(in), {});
    }
    const std::size_t box = bytes.find("avcC") + 4;
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    const auto config = av::h264::parse_config({data + box, data + box + 200});
    ASSERT_EQ(config.pps.size(), 2U) << "the clips' and the encoder's, which differ by their quality";
    const auto put = [&](const av::Bytes& old, av::Bytes other) {
        ASSERT_LE(other.size(), old.size());
        other.resize(old.size()); // zeros after the last bit belong to no syntax element
        const std::size_t at = bytes.find(std::string(old.begin(), old.end()), box);
        ASSERT_NE(at, std::string::npos);
        std::copy(other.begin(), other.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
    };
    put(config.pps[0], av::h264::with_ids(config.pps[1], 0, 0)); // what is copied is now read by the encoder's
    const auto planted = dir_ / "planted.mp4";
    std::ofstream(planted, std::ios::binary) << bytes;

    EXPECT_NE(refusal(planted, film, av::VerifyDepth::joins), "");
    const auto whole = test::frame_hashes(file);
    const auto wrong = test::frame_hashes(planted);
    EXPECT_NE(wrong.empty() ? "" : wrong.front(), whole.front()) << "the fault that was planted is none";

    // As concatenation does it: parameter sets in the stream, before the part they belong to.
    std::string list;
    for (const Piece& part : pieces(film)) {
        const std::string name = (dir_ / ("part" + std::to_string(part.at) + ".mp4")).string();
        const std::string encoding = part.copy != nullptr ? "copy" : "libx264 -preset veryfast -crf 14";
        test::ffmpeg("-i '" + (part.copy != nullptr ? part.copy->file : dir_ / "clip0.mp4").string() + "' -c:v " +
                     encoding + " -frames:v " + std::to_string(part.frames) + " '" + name + "'");
        list += "file '" + name + "'\n";
    }
    std::ofstream(dir_ / "list.txt") << list;
    test::ffmpeg("-f concat -safe 0 -i '" + (dir_ / "list.txt").string() + "' -c copy '" +
                 (dir_ / "concat.mp4").string() + "'");
    EXPECT_NE(refusal(dir_ / "concat.mp4", film, av::VerifyDepth::joins), "");
}

TEST_F(SplicerTest, TheProofFindsEveryOtherFault)
{
    const Timeline film =
        scenes_film({{.frames = 48}, {.frames = 48, .look = 1}}, {TransitionType::dissolve, 12, true});
    const auto file = spliced(film);
    const auto depth = av::VerifyDepth::joins;
    ASSERT_EQ(refusal(file, film, depth), "");

    const auto shorter = dir_ / "shorter.mp4";
    test::ffmpeg("-i '" + file.string() + "' -c copy -frames:v 90 '" + shorter.string() + "'");
    EXPECT_NE(refusal(shorter, film, depth).find("ends after 90"), std::string::npos);

    const auto late = dir_ / "late.mp4"; // the second half a frame late
    test::ffmpeg("-i '" + file.string() + "' -c copy -bsf:v setts=ts='TS+gte(N\\,60)*512' '" + late.string() + "'");
    EXPECT_NE(refusal(late, film, depth), "");

    const auto swapped = dir_ / "swapped.mp4"; // other pictures, made the same way
    Timeline other = film;
    std::swap(other.items[0].ranges[0].file, other.items[1].ranges[0].file);
    const SplicedFilm right = film_;
    const auto wrong = spliced(other, "swapped.mp4");
    film_ = right;
    EXPECT_NE(refusal(wrong, film, depth).find("other bytes"), std::string::npos) << refusal(wrong, film, depth);

    const auto damaged = dir_ / "damaged.mp4";
    std::filesystem::copy(file, damaged);
    {
        std::fstream bytes(damaged, std::ios::binary | std::ios::in | std::ios::out);
        bytes.seekp(static_cast<std::streamoff>(std::filesystem::file_size(damaged)) * 2 / 3);
        bytes << "xxxxxxxxxxxxxxxxxxxxxxxx";
    }
    EXPECT_NE(refusal(damaged, film, depth), "");
}

TEST_F(SplicerTest, TooManyEncodersAreMoreThanAHeaderHolds)
{
    std::vector<Scene> scenes;
    for (int i = 0; i < 32; ++i) { // each level of quality has a PPS of its own
        scenes.push_back({.frames = 13, .bframes = 0, .x264 = "crf=" + std::to_string(10 + i)});
    }
    scenes[31].frames = 14;
    const Timeline film = scenes_film(scenes);
    const auto file = spliced(film);

    EXPECT_LT(plan_.copied(), film.frames());
    EXPECT_GE(plan_.copied(), 30 * 13);
    expect_right(file, film);
}

} // namespace
} // namespace longtake::stages
