#include "pipeline/av/bitstream/av1/config.h"
#include "pipeline/av/bitstream/av1/sequence_header.h"
#include "tests/av/av1/streams.h"
#include "tests/stages/deliver/spliced_films.h"

namespace longtake::stages {
namespace {

using test::Scene;

constexpr const char* k_superres = "-svtav1-params superres-mode=1:superres-denom=12:superres-kf-denom=12";

/// Scenes as AV1, spliced into AV1.
class Av1SplicerTest : public SplicedFilms {
protected:
    Av1SplicerTest()
    {
        ::setenv("SVT_LOG", "1", 0); // it tells of its settings otherwise
        preset_ = av1("yuv420p");
        speed_ = "10";
    }

    /// A master in which encoding takes little time.
    static Preset av1(const std::string& pixel_format)
    {
        return changed_preset(av1_master_preset(pixel_format), {{"video", {{"encoder_preset", "10"}}}});
    }

    static Scene coded(Scene scene, const std::string& encoder, const std::string& format = "yuv420p")
    {
        scene.options += " -pix_fmt " + format + " -bf 0 -c:v " + encoder;
        return scene;
    }

    static Scene svt(Scene scene, const std::string& more = "", const std::string& format = "yuv420p")
    {
        return coded(std::move(scene), "libsvtav1 -preset 10 -crf 25 " + more, format);
    }

    static Scene aom(Scene scene, const std::string& more = "", const std::string& format = "yuv420p")
    {
        return coded(std::move(scene), "libaom-av1 -cpu-used 8 -crf 25 " + more, format);
    }

    static Scene rav1e(Scene scene, const std::string& more = "", const std::string& format = "yuv420p")
    {
        return coded(std::move(scene), "librav1e -speed 10 -qp 60 " + more, format);
    }

    /// A file's pictures by a decoder.
    static std::vector<std::string> hashes_by(const std::string& decoder, const std::filesystem::path& file)
    {
        std::istringstream lines(test::run("ffmpeg -nostdin -v error -xerror -c:v " + decoder + " -i '" +
                                           file.string() + "' -map 0:v:0 -fps_mode passthrough -f framemd5 - 2>&1")
                                     .printed);
        std::vector<std::string> hashes;
        for (std::string line; std::getline(lines, line);) {
            if (line[0] != '#') {
                hashes.push_back(line.substr(line.rfind(',') + 1));
            }
        }
        return hashes;
    }

    /// What is copied is the source's in every decoder there is, not in that alone which checks it here.
    void expect_copied_in_all(const std::filesystem::path& file) const
    {
        for (const char* decoder : {"libdav1d", "libaom-av1"}) {
            const auto film = hashes_by(decoder, file);
            ASSERT_EQ(std::ssize(film), plan_.frames()) << decoder;
            for (const PlannedSpan& stretch : plan_.planned) {
                if (stretch.kind != Span::Kind::copy) {
                    continue;
                }
                const auto source = hashes_by(decoder, stretch.file);
                for (std::int64_t i = 0; i < stretch.frames; ++i) {
                    ASSERT_EQ(film[static_cast<std::size_t>(stretch.at + i)],
                              source[static_cast<std::size_t>(stretch.source + i)])
                        << decoder << ", frame " << stretch.at + i;
                }
            }
        }
    }

    static av::Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

    /// The av1C of a file.
    static av::Bytes record_in(const std::string& bytes)
    {
        const std::size_t at = bytes.find("av1C");
        return bytes_of(bytes.substr(at + 4, static_cast<unsigned char>(bytes[at - 1]) - 8U));
    }

    /// A clip whose second unit has lost the first of its frames.
    std::filesystem::path without_a_hidden_frame(const std::filesystem::path& clip) const
    {
        const auto raw = dir_ / "raw.obu";
        test::ffmpeg("-i '" + clip.string() + "' -c copy '" + raw.string() + "'");
        std::vector<av::Bytes> units = av::av1::units_of(raw);
        const av::Bytes whole = units.at(1);
        units[1].clear();
        bool dropped = false;
        for (const av::av1::Obu& obu : av::av1::split_obus(whole)) {
            if (obu.type != av::av1::ObuType::frame || std::exchange(dropped, true)) {
                units[1].insert(units[1].end(), obu.whole.begin(), obu.whole.end());
            }
        }
        auto file = dir_ / "lacking-clip.mp4";
        test::ffmpeg("-framerate 24 -f obu -i '" + av::av1::write_units(raw, units).string() + "' -c copy '" +
                     file.string() + "'");
        return file;
    }

    std::filesystem::path planted(const std::string& bytes) const
    {
        const auto file = dir_ / "planted.mp4";
        std::ofstream(file, std::ios::binary) << bytes;
        return file;
    }
};

TEST_F(Av1SplicerTest, ACutCopiesEverything)
{
    const Timeline film =
        scenes_film({svt({.frames = 48}), svt({.frames = 40, .look = 1}), svt({.frames = 31, .look = 2})});
    const auto file = spliced(film);

    EXPECT_EQ(plan_.copied(), 119);
    expect_right(file, film);
    expect_copied_in_all(file);
}

/// Frames are shown in the order they are coded, so that a copy ends with any frame.
TEST_F(Av1SplicerTest, AHeldDissolveEncodesTheTailAlone)
{
    const Timeline film =
        scenes_film({svt({.frames = 48}), aom({.frames = 48, .look = 1}), svt({.frames = 48, .look = 2})},
                    {TransitionType::dissolve, 12, true});
    const auto file = spliced(film);

    EXPECT_EQ(plan_.copied(), 3 * 48 - 2 * 12);
    expect_right(file, film);
    expect_copied_in_all(file);
}

TEST_F(Av1SplicerTest, AnOverlapEncodesUpToTheNextKeyFrame)
{
    const Timeline film = scenes_film({svt({.frames = 72, .gop = 24}), svt({.frames = 72, .gop = 24, .look = 1})},
                                      {TransitionType::dissolve, 12, false});
    const auto file = spliced(film);

    EXPECT_EQ(plan_.copied(), 72 - 12 + 48);
    EXPECT_EQ(plan_.planned.at(1).reason, "dissolve of both shots");
    EXPECT_EQ(plan_.planned.at(2).reason, "up to the next key frame (GOPs of 24 frames)");
    expect_right(file, film);
}

/// A copy ends in the middle of a group whose frames are coded in another order than they are shown.
TEST_F(Av1SplicerTest, AClipIsLeftAtAnyFrame)
{
    Timeline film = scenes_film({svt({.frames = 60}), aom({.frames = 60, .gop = 20, .look = 1})});
    for (const std::int64_t frames : {17, 18, 19, 20, 25, 33}) {
        film.items[0].ranges[0].frames = film.items[0].frames = frames;
        film.items[1].start = frames;
        film.items[1].ranges[0].first = 20;
        film.items[1].ranges[0].frames = film.items[1].frames = 40;
        const auto file = spliced(film);
        EXPECT_EQ(plan_.copied(), frames + 40);
        expect_copied_in_all(file);
    }
}

/// Their sequence headers differ in nearly all they say.
TEST_F(Av1SplicerTest, ClipsOfDifferentEncodersStandSideBySide)
{
    const std::vector<Scene> scenes = {
        svt({.frames = 40}),
        aom({.frames = 40, .look = 1}, "-aom-params sb-size=128:film-grain-test=1"),
        rav1e({.frames = 30, .look = 2}),
        aom({.frames = 40, .look = 3}, "-aom-params enable-order-hint=0"),
        svt({.frames = 40, .look = 1}, "-svtav1-params tile-rows=1:scm=1"),
        aom({.frames = 40, .look = 2}, "-error-resilience default -tiles 2x1"),
        svt({.frames = 40, .look = 3}, "-svtav1-params film-grain=12"),
        aom({.frames = 40}, "-usage realtime -aom-params timing-info=1"),
        svt({.frames = 40, .look = 1}, "-svtav1-params pred-struct=1"),
    };
    for (const Join& join : {Join{}, Join{TransitionType::dissolve, 8, true}}) {
        const Timeline film = scenes_film(scenes, join);
        const auto file = spliced(film);
        EXPECT_EQ(plan_.copied(), join.frames == 0 ? 350 : 350 - 8 * 8);
        for (const PlannedSpan& stretch : plan_.planned) {
            EXPECT_TRUE(stretch.kind == Span::Kind::copy || stretch.reason.starts_with("dissolve")) << stretch.reason;
        }
        expect_copied_in_all(file);
    }
}

TEST_F(Av1SplicerTest, TenBitsStayTenBits)
{
    preset_ = av1("yuv420p10le");
    const Timeline film =
        scenes_film({svt({.frames = 48}, "", "yuv420p10le"), aom({.frames = 48, .look = 1}, "", "yuv420p10le"),
                     rav1e({.frames = 24, .look = 2}, "", "yuv420p10le")},
                    {TransitionType::dissolve, 12, true});
    const auto file = spliced(film);

    EXPECT_EQ(plan_.copied(), 120 - 24);
    expect_copied_in_all(file);
    EXPECT_EQ(test::run("ffmpeg -nostdin -v warning -xerror -i '" + file.string() + "' -f null - 2>&1").printed, "");
}

TEST_F(Av1SplicerTest, WhatIsNotAsTheFilmIsEncoded)
{
    const Timeline film = scenes_film({svt({.frames = 30}),
                                       svt({.frames = 30, .look = 1}, "", "yuv420p10le"),
                                       {.frames = 30, .look = 2},
                                       aom({.frames = 30}, "-aom-params timing-info=model"),
                                       svt({.frames = 40, .gop = 16, .look = 2}, "-svtav1-params irefresh-type=1"),
                                       svt({.frames = 30, .look = 3}, k_superres)});
    Timeline later = film;
    later.items[4].ranges[0].first = 10;
    later.items[4].ranges[0].frames = later.items[4].frames = 30;
    later.items[5].start -= 10;
    const auto file = spliced(later);

    EXPECT_EQ(plan_.copied(), 30);
    EXPECT_EQ(plan_.planned[1].reason, "its pictures are yuv420p10le, the film's yuv420p");
    EXPECT_EQ(plan_.planned[2].reason, "it is H.264, the film AV1");
    EXPECT_EQ(plan_.planned[3].reason, "its buffer model would not hold in another stream");
    EXPECT_EQ(plan_.planned[4].reason, "no key frame in them (GOPs of 40 frames)") << "intra-only frames are none";
    EXPECT_EQ(plan_.planned[5].reason, "its pictures change their size") << "SVT-AV1 1.4 makes 184 rows of 180 then";
    expect_right(file, later);
}

/// One record for all: its level is the highest, and every sequence header in the file says the same.
TEST_F(Av1SplicerTest, TheRecordIsTrueOfAllHeaders)
{
    const Timeline film = scenes_film({svt({.frames = 24}), rav1e({.frames = 24, .look = 1}), aom({.frames = 24})});
    const std::string bytes = read_text(spliced(film));
    const av::Bytes record = record_in(bytes);
    const av::Bytes header = av::av1::sequence_header_of(record);
    EXPECT_EQ(av::av1::build_config(header), record);
    const auto words = [](const av::av1::SequenceHeader& one) {
        return std::tuple(one.level, one.tier, one.chroma_position, one.colour.matrix);
    };
    const auto told = av::av1::parse_sequence_header(header);
    EXPECT_EQ(told.level, 31) << "rav1e's";
    int headers = 0;
    for (std::size_t at = bytes.find("mdat"); (at = bytes.find(std::string{'\x0a', '\x0e'}, at)) != std::string::npos;
         ++at) { // a sequence header of 14 bytes, the length of all three here
        try {
            const auto found = av::av1::parse_sequence_header(bytes_of(bytes.substr(at + 2, 14)));
            if (found.size == told.size) {
                EXPECT_EQ(words(found), words(told));
                ++headers;
            }
        } catch (const Error&) { // other bytes
        }
    }
    EXPECT_GE(headers, 3);
}

/// FFmpeg's file of SVT-AV1 says in its header that tools are off which its pictures use.
TEST_F(Av1SplicerTest, TheRecordIsThatOfThePicturesAsTheyAre)
{
    const Timeline film = scenes_film({svt({.frames = 24}), svt({.frames = 24, .look = 1})});
    const auto file = spliced(film);
    const av::Bytes theirs = record_in(read_text(film.items[0].ranges[0].file));
    const av::Bytes ours = av::av1::sequence_header_of(record_in(read_text(file)));
    EXPECT_NE(av::av1::sequence_header_of(theirs), ours);
    EXPECT_NE(read_text(film.items[0].ranges[0].file).rfind(std::string(ours.begin(), ours.end())), std::string::npos)
        << "in the stream";
}

TEST_F(Av1SplicerTest, OtherContainersHoldTheSameStream)
{
    const Timeline film =
        scenes_film({svt({.frames = 48}), aom({.frames = 48, .look = 1})}, {TransitionType::dissolve, 12, true});
    for (const auto& [container, name] : {std::pair{"matroska", "film.mkv"}, std::pair{"webm", "film.webm"}}) {
        container_ = container;
        const auto file = spliced(film, name);
        EXPECT_EQ(plan_.copied(), 96 - 12);
        expect_copied_in_all(file);
    }
}

TEST_F(Av1SplicerTest, SeekingToAnyPartShowsTheRightFrame)
{
    const Timeline film = scenes_film({svt({.frames = 72, .gop = 24}), aom({.frames = 72, .gop = 24, .look = 1})},
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

/// The joint goes wrong where a part is read by the sequence header of the part before.
TEST_F(Av1SplicerTest, TheProofFindsASequenceHeaderThatIsNotTheSources)
{
    const Timeline film = scenes_film({svt({.frames = 36}), aom({.frames = 36, .look = 1})});
    const auto file = spliced(film);
    std::string bytes = read_text(file);
    const av::Bytes first = av::av1::sequence_header_of(record_in(bytes));
    const std::string own(first.begin(), first.end());
    const std::string start{'\x0a', static_cast<char>(own.size())};
    std::size_t at = bytes.find("mdat");
    ASSERT_EQ(bytes.find(start + own, at), bytes.find(start, at)) << "the first sample's";
    for (at = bytes.find(start, at) + 1; bytes.compare(at + 2, 3, own, 0, 3) != 0;) {
        at = bytes.find(start, at + 1);
        ASSERT_NE(at, std::string::npos);
    }
    ASSERT_NE(bytes.substr(at + 2, own.size()), own) << "two encoders, one header";
    bytes.replace(at + 2, own.size(), own);

    EXPECT_NE(refusal(planted(bytes), film, av::VerifyDepth::joins).find("other bytes"), std::string::npos);
    EXPECT_NE(hashes_by("libdav1d", planted(bytes)), hashes_by("libdav1d", file))
        << "the fault that was planted is none";
}

TEST_F(Av1SplicerTest, TheProofFindsACutThatIsNotAtAKeyFrame)
{
    Timeline film = scenes_film({svt({.frames = 48}), svt({.frames = 72, .gop = 24, .look = 1})});
    film.items[1].ranges[0].first = 24;
    film.items[1].ranges[0].frames = film.items[1].frames = 48;
    spliced(film);
    ASSERT_EQ(plan_.copied(), 96);
    SplicedFilm late = film_;
    late.parts[1].run.packet += 1;
    late.parts[1].run.first += 1;
    late.parts[1].run.packets -= 1;
    const auto wrong = dir_ / "late.mp4";
    splice(wrong, late, media_of(film), {}, {});
    film_ = late;
    EXPECT_NE(refusal(wrong, film, av::VerifyDepth::joins).find("does not begin with a picture"), std::string::npos);
}

/// A frame that is not shown at once comes with the next that is; without it those after it are other pictures.
TEST_F(Av1SplicerTest, TheProofFindsAHiddenFrameThatIsMissing)
{
    const Timeline film = scenes_film({svt({.frames = 36}), svt({.frames = 36, .look = 1})});
    const auto file = spliced(film);
    SplicedFilm lacking = film_;
    lacking.parts[0].file = without_a_hidden_frame(film.items[0].ranges[0].file);
    const auto wrong = dir_ / "lacking.mp4";
    splice(wrong, lacking, media_of(film), {}, {});

    EXPECT_NE(refusal(wrong, film, av::VerifyDepth::joins).find("other bytes"), std::string::npos);
    EXPECT_NE(hashes_by("libdav1d", wrong), hashes_by("libdav1d", file)) << "the fault that was planted is none";
}

TEST_F(Av1SplicerTest, TheProofFindsEveryOtherFault)
{
    const Timeline film =
        scenes_film({svt({.frames = 48}), svt({.frames = 48, .look = 1})}, {TransitionType::dissolve, 12, true});
    const auto file = spliced(film);
    const auto depth = av::VerifyDepth::joins;
    ASSERT_EQ(refusal(file, film, depth), "");

    const auto shorter = dir_ / "shorter.mp4";
    test::ffmpeg("-i '" + file.string() + "' -c copy -frames:v 90 '" + shorter.string() + "'");
    EXPECT_NE(refusal(shorter, film, depth).find("ends after 90"), std::string::npos);

    const auto late = dir_ / "late.mp4"; // the second half a frame late
    test::ffmpeg("-i '" + file.string() + "' -c copy -bsf:v setts=ts='TS+gte(N\\,60)*512' '" + late.string() + "'");
    EXPECT_NE(refusal(late, film, depth), "");

    Timeline other = film; // other pictures, made the same way
    std::swap(other.items[0].ranges[0].file, other.items[1].ranges[0].file);
    const SplicedFilm right = film_;
    const auto wrong = spliced(other, "swapped.mp4");
    film_ = right;
    EXPECT_NE(refusal(wrong, film, depth).find("other bytes"), std::string::npos) << refusal(wrong, film, depth);

    std::string bytes = read_text(file);
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() * 2 / 3), 24, 'x');
    EXPECT_NE(refusal(planted(bytes), film, depth), "");
}

} // namespace
} // namespace longtake::stages
