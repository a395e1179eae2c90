#include "tests/app/stitching.h"

#include <fstream>
#include <functional>

namespace longtake::test {
namespace {

/// A film of every kind of join: an ordinary clip, the clip in question after a cut, another ordinary one that it is
/// held into, the clip in question again overlapping that one, and the first after a cut. 36 + 36 + 36 - 6 + 36 + 36
/// frames.
class StitchTest : public Stitching {
protected:
    static constexpr int k_clip = 36;
    static constexpr int k_blended = 6;
    static constexpr int k_of_clip = 64; ///< number of the first frame of the clip in question

    void stitch_around(const std::filesystem::path& clip)
    {
        static const TempDir ordinary; // the same for every film
        static const auto first = write_numbered(ordinary / "first.mp4", {.first = 0});
        static const auto second = write_numbered(ordinary / "second.mp4", {.first = 128});
        const auto dissolve = [](const char* timing) {
            return nlohmann::json{{"type", "dissolve"}, {"seconds", 0.25}, {"timing", timing}};
        };
        const nlohmann::json board = {
            {"schema", "longtake/storyboard/1"},
            {"title", "joined"},
            {"audio", {{"loudness", "keep"}}},
            {"shots",
             {{{"id", "first"}, {"clip", first.string()}},
              {{"id", "cut"}, {"clip", clip.string()}, {"transition", {{"type", "cut"}}}},
              {{"id", "held"}, {"clip", second.string()}, {"transition", dissolve("hold")}},
              {{"id", "overlap"}, {"clip", clip.string()}, {"transition", dissolve("overlap")}},
              {{"id", "last"}, {"clip", first.string()}, {"transition", {{"type", "cut"}}}}}}};
        std::ofstream(dir_ / "film.json") << board.dump();
        stitch({dir_ / "film.json"});
    }

    /// The numbers of such a film, if the clip shows one frame of its own for each of the film's.
    static std::vector<std::optional<int>> numbers()
    {
        std::vector<std::optional<int>> wanted;
        const auto show = [&](int of, int from, int to) {
            for (int i = from; i < to; ++i) {
                wanted.emplace_back(of + i);
            }
        };
        const auto blend = [&] { wanted.insert(wanted.end(), k_blended, std::nullopt); };
        show(0, 0, k_clip);
        show(k_of_clip, 0, k_clip - k_blended);
        blend();
        show(128, 0, k_clip - k_blended);
        blend();
        show(k_of_clip, k_blended, k_clip);
        show(0, 0, k_clip);
        return wanted;
    }

    bool copies_of(const std::filesystem::path& clip) const
    {
        const auto& stretches = explained_.result["stretches"];
        return std::any_of(stretches.begin(), stretches.end(),
                           [&](const auto& stretch) { return stretch.value("file", "") == clip.string(); });
    }
};

/// A kind of clip the world has, how it is made, and what is to become of it.
struct ClipKind {
    const char* name;
    std::function<std::filesystem::path(const TempDir&)> write;
    const char* reason; ///< why it is encoded; "": it is copied
    bool silent = false;
    bool same_rate = true; ///< the film shows each of its frames once
};

void PrintTo(const ClipKind& kind, std::ostream* out)
{
    *out << kind.name;
}

class EveryKindOfClipTest : public StitchTest, public ::testing::WithParamInterface<ClipKind> {};

TEST_P(EveryKindOfClipTest, IsJoinedRight)
{
    const ClipKind& kind = GetParam();
    const auto clip = kind.write(dir_);
    ASSERT_NO_FATAL_FAILURE(stitch_around(clip));

    const bool copied = std::string(kind.reason).empty();
    EXPECT_EQ(copies_of(clip), copied) << explained_.result["stretches"];
    EXPECT_TRUE(copied || explained_.says(kind.reason)) << explained_.result["stretches"];
    expect_whole();
    auto wanted = numbers();
    if (!kind.same_rate) { // which of its frames is nearest is the composer's to know
        for (auto& number : wanted) {
            number = number && *number >= k_of_clip && *number < 128 ? std::nullopt : number;
        }
    }
    expect_numbers(wanted, kind.silent ? std::set<std::size_t>{56, 122} : std::set<std::size_t>{});
}

using Dir = const TempDir&;

Numbered clip_in_question()
{
    return {.first = 64};
}

std::string plain(Dir dir)
{
    return write_numbered(dir / "plain.mp4", clip_in_question()).string();
}

/// The plain clip, remuxed by ffmpeg with these arguments; "@" in them stands for it.
auto remuxed(const std::string& arguments, const std::string& name)
{
    return [=](Dir dir) {
        std::string command = arguments;
        for (std::size_t at = command.find('@'); at != std::string::npos; at = command.find('@')) {
            command.replace(at, 1, "\"" + plain(dir) + "\"");
        }
        ffmpeg(command + " \"" + (dir / name).string() + "\"");
        return dir / name;
    };
}

auto encoded(const std::string& video, const std::string& name = "clip.mp4")
{
    return [=](Dir dir) {
        Numbered clip = clip_in_question();
        clip.video = video;
        return write_numbered(dir / name, clip);
    };
}

std::string x264(const std::string& more)
{
    return "-c:v libx264 -preset veryfast -crf 22 -pix_fmt yuv420p " + more;
}

/// A clip that differs in one thing.
auto with(void (*change)(Numbered&), const std::string& name = "clip.mp4")
{
    return [=](Dir dir) {
        Numbered clip = clip_in_question();
        change(clip);
        return write_numbered(dir / name, clip);
    };
}

std::filesystem::path turned(Dir dir, const std::string& filter, int degrees)
{
    Numbered clip = clip_in_question();
    clip.filter = filter;
    const auto upright = write_numbered(dir / "turned.mp4", clip);
    ffmpeg("-i \"" + upright.string() + "\" -c copy -metadata:s:v rotate=" + std::to_string(degrees) + " \"" +
           (dir / "clip.mp4").string() + "\"");
    return dir / "clip.mp4";
}

/// Cut out of a longer one without encoding: an edit list hides what comes before.
std::filesystem::path trimmed_by_edit_list(Dir dir)
{
    Numbered longer = clip_in_question();
    longer.first -= 12;
    longer.frames += 12;
    longer.flash += 12;
    longer.video = x264("-g 250 -bf 3");
    const auto whole = write_numbered(dir / "longer.mp4", longer);
    ffmpeg("-ss 0.5 -i \"" + whole.string() + "\" -c copy \"" + (dir / "clip.mp4").string() + "\"");
    return dir / "clip.mp4";
}

std::filesystem::path with_cover(Dir dir)
{
    const std::string clip = plain(dir);
    ffmpeg("-f lavfi -i testsrc2=s=300x300 -frames:v 1 \"" + (dir / "cover.png").string() + "\"");
    ffmpeg("-i \"" + (dir / "cover.png").string() + "\" -i \"" + clip +
           "\" -map 0 -map 1 -c copy -disposition:v:0 attached_pic \"" + (dir / "clip.mp4").string() + "\"");
    return dir / "clip.mp4";
}

/// B-frames whose timestamps are those of decoding: what a recorder writes that knows no ctts.
std::filesystem::path without_composition_times(Dir dir)
{
    Numbered clip = clip_in_question();
    clip.options = "-bsf:v setts=pts=DTS-STARTDTS:dts=DTS-STARTDTS";
    return write_numbered(dir / "clip.mp4", clip);
}

INSTANTIATE_TEST_SUITE_P(
    H264, EveryKindOfClipTest,
    ::testing::Values(
        ClipKind{"SeveralSlices", encoded(x264("-g 12 -x264-params slices=3")), ""},
        ClipKind{"OpenGop", encoded(x264("-g 12 -bf 3 -x264-params open-gop=1:scenecut=0")), ""},
        ClipKind{"OneGop", encoded(x264("-g 250 -bf 3 -x264-params scenecut=0")), ""},
        ClipKind{"IntraRefresh", encoded(x264("-g 12 -x264-params intra-refresh=1")), ""},
        ClipKind{"TenBits", encoded("-c:v libx264 -preset veryfast -pix_fmt yuv420p10le"), "not 8-bit 4:2:0"},
        ClipKind{"BufferModel", encoded(x264("-x264-params nal-hrd=vbr:vbv-maxrate=900:vbv-bufsize=900")), "HRD"}),
    [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Codecs, EveryKindOfClipTest,
    ::testing::Values(
        ClipKind{"Hevc", encoded("-c:v libx265 -preset ultrafast -x265-params log-level=none -tag:v hvc1"),
                 "it is HEVC, the film H.264"},
        ClipKind{"HevcMain10OpenGop",
                 encoded("-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -x265-params "
                         "log-level=none:keyint=12:open-gop=1:bframes=4 -tag:v hvc1"),
                 "it is HEVC, the film H.264"},
        ClipKind{"Av1", encoded("-c:v libsvtav1 -preset 12 -pix_fmt yuv420p"), "it is AV1, the film H.264"},
        ClipKind{"ProRes", encoded("-c:v prores_ks -profile:v 1", "clip.mov"), "it is prores"},
        ClipKind{"MotionJpeg", encoded("-c:v mjpeg -q:v 3 -pix_fmt yuvj420p", "clip.mov"), "it is mjpeg"}),
    [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Containers, EveryKindOfClipTest,
    ::testing::Values(
        ClipKind{"Fragmented", remuxed("-i @ -c copy -movflags frag_keyframe+empty_moov", "clip.mp4"), ""},
        ClipKind{"NoEditList", remuxed("-i @ -c copy -use_editlist 0", "clip.mp4"), ""},
        ClipKind{"NegativeDts", remuxed("-i @ -c copy -movflags negative_cts_offsets", "clip.mp4"), ""},
        ClipKind{"NoCompositionTimes", without_composition_times, "do not say in which order"},
        ClipKind{"Avi", remuxed("-i @ -c:v copy -bsf:v h264_mp4toannexb -c:a pcm_s16le", "clip.avi"), "timestamps"},
        ClipKind{"ProgramStream",
                 [](Dir dir) {
                     Numbered clip = clip_in_question();
                     clip.video = "-c:v mpeg2video -q:v 3 -g 12 -bf 2";
                     clip.audio = "-c:a mp2";
                     return write_numbered(dir / "clip.mpg", clip);
                 },
                 "it is mpeg2video"},
        ClipKind{"EditListThatHides", trimmed_by_edit_list, "no IDR picture"},
        ClipKind{"TransportStream", remuxed("-i @ -c copy", "clip.ts"), ""},
        ClipKind{"TransportStreamOfALateHour", remuxed("-itsoffset 5000 -i @ -c copy", "clip.ts"), ""},
        ClipKind{"Matroska", remuxed("-i @ -c copy", "clip.mkv"), ""},
        ClipKind{"QuickTimeWithTimecode", remuxed("-i @ -c copy -timecode 01:00:00:00", "clip.mov"), ""},
        ClipKind{"CoverArtFirst", with_cover, ""},
        ClipKind{"NoSound", with([](Numbered& clip) { clip.sound = false; }), "", true},
        ClipKind{"SoundAt44100", with([](Numbered& clip) { clip.sample_rate = 44100; }), ""},
        ClipKind{"MonoAt22050", with([](Numbered& clip) {
                     clip.sample_rate = 22050;
                     clip.audio = "-c:a aac -ac 1";
                 }),
                 ""}),
    [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Pictures, EveryKindOfClipTest,
    ::testing::Values(
        ClipKind{"TurnedByAPhone", [](Dir dir) { return turned(dir, ",transpose=1", 90); }, "rotated by 270"},
        ClipKind{"UpsideDown", [](Dir dir) { return turned(dir, ",hflip,vflip", 180); }, "rotated by 180"},
        ClipKind{"OddSize", with([](Numbered& clip) {
                     clip.size = "321x181";
                     clip.video = "-c:v libx264 -preset veryfast -pix_fmt yuv444p";
                 }),
                 "not 8-bit 4:2:0"},
        ClipKind{"PixelsNotSquare", with([](Numbered& clip) {
                     clip.size = "120x90";
                     clip.filter = ",setsar=4/3";
                 }),
                 "pixels are not square (4:3)"},
        ClipKind{"FullRange", with([](Numbered& clip) {
                     clip.filter = ",scale=out_range=pc,format=yuvj420p";
                     clip.video = "-c:v libx264 -preset veryfast -pix_fmt yuvj420p";
                     clip.colours = "-colorspace bt709 -color_range pc";
                 }),
                 "full range"},
        ClipKind{"Untagged", with([](Numbered& clip) { clip.colours.clear(); }), "untagged"},
        ClipKind{"AnotherRate", with([](Numbered& clip) {
                     clip.rate = "30";
                     clip.frames = 45;
                     clip.flash = 25;
                 }),
                 "its rate is 30, the film's 24", false, false},
        ClipKind{"VariableRate", with([](Numbered& clip) {
                     clip.filter = ",settb=1/24000,setpts='PTS+mod(floor(N/5),2)*300'";
                     clip.options = "-fps_mode passthrough -enc_time_base 1/24000";
                 }),
                 "rate is not constant", false, false}),
    [](const auto& info) { return std::string(info.param.name); });

} // namespace
} // namespace longtake::test
