#include "pipeline/av/bitstream/hevc/config.h"
#include "tests/stages/deliver/spliced_films.h"

namespace longtake::stages {
namespace {

using test::Scene;

/// Scenes as HEVC, spliced into HEVC.
class HevcSplicerTest : public SplicedFilms {
protected:
    HevcSplicerTest() { preset_ = hevc_master_preset("yuv420p"); }

    /// A scene by libx265, with more of its parameters.
    static Scene hevc(Scene scene, const std::string& x265 = "", const std::string& format = "yuv420p")
    {
        scene.options += " -pix_fmt " + format + " -c:v libx265 -x265-params log-level=none:pools=1:scenecut=0:" +
                         (x265.empty() ? "open-gop=0" : x265);
        return scene;
    }

    /// The bytes of a file with the first of these found replaced by others of the same number.
    static void overwrite(std::string& bytes, const av::Bytes& old, av::Bytes other)
    {
        ASSERT_LE(other.size(), old.size());
        other.resize(old.size()); // zeros after the last bit belong to no syntax element
        const std::size_t at = bytes.find(std::string(old.begin(), old.end()));
        ASSERT_NE(at, std::string::npos);
        std::copy(other.begin(), other.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
    }

    /// The SPS with the one bit flipped that says whether samples are given an offset after deblocking.
    static av::Bytes without_adaptive_offset(const av::Bytes& sps)
    {
        for (std::size_t bit = 8 * 16; bit < 8 * sps.size(); ++bit) {
            av::Bytes other = sps;
            other[bit / 8] ^= static_cast<std::uint8_t>(0x80U >> bit % 8);
            try {
                av::hevc::Sps changed = av::hevc::parse_sps(other);
                const av::hevc::Sps own = av::hevc::parse_sps(sps);
                if (own.sample_adaptive_offset && !changed.sample_adaptive_offset && changed.blocks == own.blocks &&
                    changed.temporal_mvp == own.temporal_mvp && changed.colour == own.colour) {
                    return other;
                }
            } catch (const Error&) { // another bit is meant
            }
        }
        throw std::runtime_error("no such bit");
    }

    static av::hevc::HevcConfig config_in(const std::string& bytes)
    {
        const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
        return av::hevc::parse_config({data + bytes.find("hvcC") + 4, data + bytes.size()});
    }

    /// Pictures in display order as libavformat marks them: packets of a part of the film.
    static std::string tag_of(const std::filesystem::path& file)
    {
        return test::output_of(
            "ffprobe -v error -select_streams v:0 -show_entries stream=codec_tag_string -of csv=p=0 '" + file.string() +
            "'");
    }
};

TEST_F(HevcSplicerTest, ACutCopiesEverything)
{
    const Timeline film =
        scenes_film({hevc({.frames = 48}), hevc({.frames = 40, .look = 1}), hevc({.frames = 31, .look = 2})});
    const auto file = spliced(film);

    EXPECT_EQ(plan_.copied(), 119);
    EXPECT_EQ(tag_of(file), "hvc1\n");
    EXPECT_EQ(config_in(read_text(file)).sps.size(), 1U) << "clips of one encoder share their parameter sets";
    expect_right(file, film);
}

TEST_F(HevcSplicerTest, AHeldDissolveEncodesTheTailAlone)
{
    const Timeline film =
        scenes_film({hevc({.frames = 48}), hevc({.frames = 48, .look = 1}), hevc({.frames = 48, .look = 2})},
                    {TransitionType::dissolve, 12, true});
    const auto file = spliced(film);

    EXPECT_GE(plan_.copied(), 3 * 48 - 2 * (12 + 3)) << "12 frames a join, and at most the B-frames before them";
    EXPECT_EQ(config_in(read_text(file)).sps.size(), 2U) << "the clips', and the encoder's";
    expect_right(file, film);
}

TEST_F(HevcSplicerTest, AnOverlapEncodesUpToTheNextIdr)
{
    const Timeline film = scenes_film({hevc({.frames = 72, .gop = 24}), hevc({.frames = 72, .gop = 24, .look = 1})},
                                      {TransitionType::dissolve, 12, false});
    const auto file = spliced(film);

    EXPECT_GE(plan_.copied(), 72 - 12 - 3 + 48);
    expect_right(file, film);
}

/// Of an open GOP the pictures that are shown before its CRA picture refer to the GOP before: where the film goes over
/// to the clip at that picture they are encoded, and where the clip runs on they are copied.
TEST_F(HevcSplicerTest, AnOverlapIntoAnOpenGopIsEnteredAtItsCraPicture)
{
    const std::string open = "open-gop=1:keyint=24:min-keyint=24:b-adapt=0";
    const Timeline film = scenes_film({hevc({.frames = 96}, open), hevc({.frames = 96, .look = 1}, open)},
                                      {TransitionType::dissolve, 12, false});
    const auto file = spliced(film);

    const av::ClipIndex& index = indexes_.at(film.items[1].ranges[0].file);
    EXPECT_EQ(index.sync_samples.size(), 4U);
    EXPECT_GT(index.leading.at(1), 0) << "not the clip that was asked for";
    EXPECT_GE(plan_.copied(), 96 - 12 - 4 + 72);
    EXPECT_GT(plan_.planned.back().run.skipped, 0);
    expect_right(file, film);
}

TEST_F(HevcSplicerTest, AnOpenGopIsLeftBeforeItsEnd)
{
    const std::string open = "open-gop=1:keyint=24:min-keyint=24:b-adapt=0";
    Timeline film = scenes_film({hevc({.frames = 96}, open), hevc({.frames = 96, .look = 1}, open)});
    for (const std::int64_t frames : {70, 71, 72, 73, 74}) { // 72: the third CRA picture
        film.items[0].ranges[0].first = 5;
        film.items[0].ranges[0].frames = film.items[0].frames = frames - 5;
        film.items[1].start = frames - 5;
        film.items[1].ranges[0].first = 30;
        film.items[1].ranges[0].frames = film.items[1].frames = 66;
        expect_right(spliced(film), film);
        EXPECT_GE(plan_.copied(), frames - 24 - 4 + 48);
    }
}

/// Clips of several encoders: each keeps its own parameter sets, under ids of their own.
TEST_F(HevcSplicerTest, ClipsOfDifferentEncodersStandSideBySide)
{
    const std::vector<Scene> scenes = {
        hevc({.frames = 40}),
        hevc({.frames = 40, .bframes = 0, .look = 1}, "ref=1:sao=0:wpp=0"),
        hevc({.frames = 40, .look = 2}, "ref=5:b-pyramid=1:bframes=5:open-gop=1:repeat-headers=1"),
        hevc({.frames = 40, .look = 3}, "ctu=16:slices=4:weightb=1:log2-max-poc-lsb=5"),
        hevc({.frames = 40, .look = 1}, "temporal-layers=1:aud=1:open-gop=0:deblock=-1,2"),
    };
    for (const Join& join : {Join{}, Join{TransitionType::dissolve, 8, true}}) {
        const Timeline film = scenes_film(scenes, join);
        const auto file = spliced(film);
        EXPECT_GE(plan_.copied(), join.frames == 0 ? 200 : 200 - 4 * (8 + 7));
        expect_right(file, film);
    }
}

TEST_F(HevcSplicerTest, TenBitsStayTenBits)
{
    preset_ = hevc_master_preset("yuv420p10le");
    const Timeline film =
        scenes_film({hevc({.frames = 48}, "", "yuv420p10le"), hevc({.frames = 48, .look = 1}, "sao=0", "yuv420p10le")},
                    {TransitionType::dissolve, 12, true});
    const auto file = spliced(film);

    EXPECT_GE(plan_.copied(), 96 - 12 - 3);
    expect_copied(file);
    EXPECT_EQ(test::run("ffmpeg -nostdin -v warning -xerror -i '" + file.string() + "' -f null - 2>&1").printed, "");
    EXPECT_EQ(std::ssize(test::frame_hashes(file)), film.frames());
}

TEST_F(HevcSplicerTest, WhatIsNotAsTheFilmIsEncoded)
{
    const Timeline film = scenes_film({hevc({.frames = 30}),
                                       hevc({.frames = 30, .look = 1}, "", "yuv420p10le"),
                                       {.frames = 30, .look = 2},
                                       hevc({.frames = 30}, "hrd=1:vbv-maxrate=900:vbv-bufsize=900")});
    const auto file = spliced(film);

    EXPECT_EQ(plan_.copied(), 30);
    EXPECT_EQ(plan_.planned[1].reason, "its pictures are yuv420p10le, the film's yuv420p");
    EXPECT_EQ(plan_.planned[2].reason, "it is H.264, the film HEVC");
    EXPECT_EQ(plan_.planned[3].reason, "its buffer model (HRD) would not hold in another stream");
    expect_right(file, film);
}

TEST_F(HevcSplicerTest, SeekingToAnyPartShowsTheRightFrame)
{
    const std::string open = "open-gop=1:keyint=24:min-keyint=24:b-adapt=0";
    const Timeline film = scenes_film({hevc({.frames = 96}, open), hevc({.frames = 96, .look = 1}, open)},
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

/// The proof has to fail where joining goes wrong in the way it does go wrong: what was copied is read by other
/// parameter sets than its own.
TEST_F(HevcSplicerTest, TheProofFindsParameterSetsThatAreNotTheSources)
{
    const Timeline film =
        scenes_film({hevc({.frames = 48}), hevc({.frames = 48, .look = 1})}, {TransitionType::dissolve, 12, true});
    const auto file = spliced(film);
    ASSERT_EQ(refusal(file, film, av::VerifyDepth::joins), "");
    std::string bytes = read_text(file);
    const auto config = config_in(bytes);
    ASSERT_EQ(config.sps.size(), 2U) << "the clips' and the encoder's";
    overwrite(bytes, config.sps[0], without_adaptive_offset(config.sps[0]));
    const auto planted = dir_ / "planted.mp4";
    std::ofstream(planted, std::ios::binary) << bytes;

    EXPECT_NE(refusal(planted, film, av::VerifyDepth::joins), "");
    EXPECT_NE(test::frame_hashes(planted), test::frame_hashes(file)) << "the fault that was planted is none";
}

/// A CRA picture where a part begins, and the RASL pictures behind it.
TEST_F(HevcSplicerTest, TheProofFindsAnOpenGopThatWasEnteredAsItIs)
{
    const std::string open = "open-gop=1:keyint=24:min-keyint=24:b-adapt=0";
    Timeline film = scenes_film({hevc({.frames = 48}, open), hevc({.frames = 72, .look = 1}, open)});
    film.items[1].ranges[0].first = 24;
    film.items[1].ranges[0].frames = film.items[1].frames = 48;
    const auto file = spliced(film);
    ASSERT_EQ(plan_.copied(), 96);
    std::string bytes = read_text(file);
    const auto bla = [&](std::size_t from) { // a slice's length and its header: BLA_N_LP, of the lowest layer
        for (std::size_t at = from; at + 2 < bytes.size(); ++at) {
            if (bytes[at] == 18 << 1 && bytes[at + 1] == 1 && bytes[at - 4] == 0) {
                return at;
            }
        }
        return std::string::npos;
    };
    const std::size_t at = bla(bytes.find("mdat") + 8);
    ASSERT_NE(at, std::string::npos);
    bytes[at] = 21 << 1;
    const auto planted = dir_ / "planted.mp4";
    std::ofstream(planted, std::ios::binary) << bytes;
    EXPECT_NE(refusal(planted, film, av::VerifyDepth::joins).find("does not begin"), std::string::npos);

    // As concatenation does it: the packets as they are, RASL pictures included.
    const auto tail = dir_ / "tail.mp4";
    test::ffmpeg("-ss 1 -i '" + film.items[1].ranges[0].file.string() + "' -c copy '" + tail.string() + "'");
    std::ofstream(dir_ / "list.txt") << "file '" << film.items[0].ranges[0].file.string() << "'\nfile '"
                                     << tail.string() << "'\n";
    const auto joined = dir_ / "joined.mp4";
    test::ffmpeg("-f concat -safe 0 -i '" + (dir_ / "list.txt").string() + "' -c copy '" + joined.string() + "'");
    EXPECT_NE(refusal(joined, film, av::VerifyDepth::joins), "");
}

TEST_F(HevcSplicerTest, TheProofFindsEveryOtherFault)
{
    const Timeline film =
        scenes_film({hevc({.frames = 48}), hevc({.frames = 48, .look = 1})}, {TransitionType::dissolve, 12, true});
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

    std::string bytes = read_text(file);
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() * 2 / 3), 24, 'x');
    std::ofstream(dir_ / "damaged.mp4", std::ios::binary) << bytes;
    EXPECT_NE(refusal(dir_ / "damaged.mp4", film, depth), "");
}

TEST_F(HevcSplicerTest, TooManyEncodersAreMoreThanThereAreIds)
{
    std::vector<Scene> scenes;
    for (int i = 0; i < 17; ++i) {
        scenes.push_back(hevc({.frames = 13, .bframes = 0},
                              "cbqpoffs=" + std::to_string(i % 12 - 6) + ":crqpoffs=" + std::to_string(i / 12)));
    }
    scenes[16].frames = 14;
    const Timeline film = scenes_film(scenes);
    const auto file = spliced(film);

    EXPECT_LT(plan_.copied(), film.frames());
    EXPECT_GE(plan_.copied(), 15 * 13);
    expect_right(file, film);
}

} // namespace
} // namespace longtake::stages
