#include "pipeline/av/bitstream/h264/parameter_sets.h"

#include "pipeline/av/bitstream/bits.h"
#include "pipeline/av/bitstream/h264/slice.h"
#include "pipeline/base/error.h"
#include "tests/av/h264/streams.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace longtake::av::h264 {
namespace {

using test::Traced;

class ParameterSetsTest : public ::testing::Test {
protected:
    std::filesystem::path made(const char* options) { return test::write_h264(dir_ / "in.h264", {.options = options}); }

    /// The same stream with another SPS.
    std::filesystem::path with(std::vector<Bytes> nals, const Bytes& sps, const char* name = "out.h264")
    {
        for (Bytes& nal : nals) {
            nal = type_of(nal) == NalType::sps ? sps : nal;
        }
        return test::write_annex_b(dir_ / name, nals);
    }

    static std::string tags(const std::filesystem::path& file)
    {
        return test::output_of("ffprobe -v error -show_entries "
                               "stream=color_range,color_space,color_transfer,color_primaries -of csv=p=0 " +
                               file.string());
    }

    test::TempDir dir_;
};

TEST_F(ParameterSetsTest, RefuseIdsThereAreNot)
{
    const auto nals = test::nals_of(made(""));
    EXPECT_THROW(with_id(nals[0], 32), Error);
    EXPECT_THROW(with_id(nals[0], -1), Error);
    EXPECT_THROW(with_ids(nals[1], 0, 256), Error);
    EXPECT_THROW(with_ids(nals[1], 32, 0), Error);
    EXPECT_THROW(with_colour(nals[0], {.primaries = 256}), Error);
    EXPECT_THROW(parse_sps(nals[1]), Error);
    EXPECT_THROW(parse_pps(nals[0]), Error);
    EXPECT_THROW(parse_sps({}), Error);
}

/// An SPS as it would be without its VUI. `traced` is another parser's word on where that begins.
Bytes without_vui(const Bytes& sps, const Traced& traced)
{
    const Bytes rbsp = unescaped(sps);
    BitWriter out(rbsp.front());
    out.copy(rbsp, 8, traced.at("vui_parameters_present_flag"));
    out.flag(false);
    out.finish();
    return out.nal();
}

TEST_F(ParameterSetsTest, SayTheirColoursOutright)
{
    const Colour bt709{.full_range = true, .primaries = 1, .transfer = 1, .matrix = 1};
    const std::vector<std::string> signal{"video_signal_type_present_flag",
                                          "video_format",
                                          "video_full_range_flag",
                                          "colour_description_present_flag",
                                          "colour_primaries",
                                          "transfer_characteristics",
                                          "matrix_coefficients"};
    for (const char* options : {"", "-x264-params videoformat=pal:fullrange=on",
                                "-x264-params colorprim=bt470bg:transfer=bt470bg:colormatrix=bt470bg"}) {
        SCOPED_TRACE(options);
        const auto file = made(options);
        const auto nals = test::nals_of(file);
        const auto coloured = with(nals, with_colour(nals[0], bt709));
        EXPECT_EQ(tags(coloured), "pc,bt709,bt709,bt709\n");
        EXPECT_EQ(parse_sps(test::nals_of(coloured)[0]).colour, bt709);

        const Traced before = test::trace(file)[0];
        const Traced after = test::trace(coloured)[0];
        EXPECT_EQ(after.without(signal), before.without(signal));
        EXPECT_EQ(after.get("video_format"), before.get("video_format", 5));

        const auto digests = test::frame_digests({file, coloured});
        EXPECT_EQ(digests[1].size(), 12U);
        EXPECT_EQ(digests[0], digests[1]);
    }
}

TEST_F(ParameterSetsTest, SayTheirColoursOutrightEvenWithoutVui)
{
    const auto file = made("-x264-params bframes=0");
    const auto nals = test::nals_of(file);
    const Bytes plain = without_vui(nals[0], test::trace(file)[0]);
    ASSERT_FALSE(parse_sps(plain).vui);
    const Colour bt470bg{.primaries = 5, .transfer = 5, .matrix = 5};
    const Bytes coloured = with_colour(plain, bt470bg);
    const Sps sps = parse_sps(coloured);
    EXPECT_TRUE(sps.vui);
    EXPECT_EQ(sps.colour, bt470bg);
    EXPECT_FALSE(sps.reorder_frames);

    const auto after = with(nals, coloured);
    EXPECT_EQ(tags(after), "tv,bt470bg,bt470bg,bt470bg\n");
    const Traced traced = test::trace(after)[0];
    EXPECT_EQ(traced.get("video_format"), 5);
    EXPECT_EQ(traced.get("bitstream_restriction_flag", -1), 0);
    const auto digests = test::frame_digests({file, with(nals, plain, "plain.h264"), after});
    EXPECT_EQ(digests[2].size(), 12U);
    EXPECT_EQ(digests[2], digests[0]);
    EXPECT_EQ(digests[2], digests[1]);
}

TEST_F(ParameterSetsTest, AreReadInFullOrNotAtAll)
{
    const auto nals = test::nals_of(made("-vf setsar=7/5 -x264-params nal-hrd=vbr:vbv-maxrate=400:vbv-bufsize=400"));
    for (std::size_t size = 0; size < nals[0].size(); ++size) {
        EXPECT_THROW(parse_sps(View(nals[0]).first(size)), Error) << size;
    }
}

/// The avcC that ffmpeg writes for a stream.
Bytes avcc_of(const std::filesystem::path& raw, const std::filesystem::path& mp4)
{
    test::ffmpeg("-i " + raw.string() + " -c copy " + mp4.string());
    const Bytes file = test::read_bytes(mp4);
    const Bytes name{'a', 'v', 'c', 'C'};
    const auto box = std::search(file.begin(), file.end(), name.begin(), name.end());
    const std::ptrdiff_t size = box[-2] * 256 + box[-1] - 8;
    return {box + 4, box + 4 + size};
}

class AvcConfigTest : public ParameterSetsTest {};

TEST_F(AvcConfigTest, IsWhatFfmpegWrites)
{
    for (const char* options : {"", "-profile:v baseline", "-pix_fmt yuv422p10le"}) {
        const auto file = made(options);
        const auto nals = test::nals_of(file);
        const Bytes theirs = avcc_of(file, dir_ / "in.mp4");
        EXPECT_EQ(build_config({nals[0]}, {nals[1]}), theirs) << options;
        const AvcConfig config = parse_config(theirs);
        EXPECT_EQ(config.length_size, 4);
        EXPECT_EQ(config.sps, std::vector<Bytes>{nals[0]});
        EXPECT_EQ(config.pps, std::vector<Bytes>{nals[1]});
    }
}

TEST_F(AvcConfigTest, HoldsEachSetOnceAndTheHighestLevel)
{
    const auto low = test::nals_of(made("-level 1.3"));
    const auto high = test::nals_of(made("-level 4.0"));
    const Bytes other = with_id(high[0], 1);
    const Bytes other_pps = with_ids(high[1], 1, 1);
    const Bytes built = build_config({low[0], other, low[0], other}, {low[1], other_pps, low[1]});
    const AvcConfig config = parse_config(built);
    EXPECT_EQ(config.sps, (std::vector<Bytes>{low[0], other}));
    EXPECT_EQ(config.pps, (std::vector<Bytes>{low[1], other_pps}));
    EXPECT_EQ(Bytes(built.begin(), built.begin() + 6), (Bytes{1, low[0][1], low[0][2], 40, 0xff, 0xe2}));
    EXPECT_EQ(Bytes(built.end() - 4, built.end()), (Bytes{0xfd, 0xf8, 0xf8, 0}));
}

TEST_F(AvcConfigTest, IsReadFromStartCodesToo)
{
    const auto file = made("");
    const auto nals = test::nals_of(file);
    const AvcConfig config = parse_config(test::read_bytes(file));
    EXPECT_EQ(config.length_size, 0);
    EXPECT_EQ(config.sps, std::vector<Bytes>{nals[0]});
    EXPECT_EQ(config.pps, std::vector<Bytes>{nals[1]});
}

TEST_F(AvcConfigTest, IsRefusedWhenCutOffOrTooLarge)
{
    const auto nals = test::nals_of(made(""));
    const Bytes whole = build_config({nals[0]}, {nals[1]});
    for (std::size_t size = 0; size < whole.size() - 4; ++size) { // the tail is not read
        EXPECT_THROW(parse_config(View(whole).first(size)), Error) << size;
    }
    std::vector<Bytes> many;
    for (int id = 0; id < 32; ++id) {
        many.push_back(with_id(nals[0], id));
    }
    EXPECT_THROW(build_config(many, {nals[1]}), Error);
    many.pop_back();
    EXPECT_EQ(parse_config(build_config(many, {nals[1]})).sps, many);
    std::vector<Bytes> pictures;
    for (int id = 0; id < 256; ++id) {
        pictures.push_back(with_ids(nals[1], 0, id));
    }
    EXPECT_THROW(build_config(many, pictures), Error);
    EXPECT_THROW(build_config({}, {}), Error);
}

} // namespace
} // namespace longtake::av::h264
