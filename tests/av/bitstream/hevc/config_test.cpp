#include "pipeline/av/bitstream/hevc/config.h"

#include "pipeline/av/bitstream/bits.h"
#include "pipeline/base/error.h"
#include "tests/av/hevc/streams.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::av::hevc {
namespace {

class HevcConfigTest : public ::testing::Test {
protected:
    Stream made(const char* name) { return Stream(test::write_hevc(dir_ / "in.hevc", specs({name}).front())); }

    static Bytes set(const Stream& in, NalType type) { return first_of(in.nals, type); }

    static Bytes config_of(const Stream& in)
    {
        return build_config({set(in, NalType::vps)}, {set(in, NalType::sps)}, {set(in, NalType::pps)});
    }

    test::TempDir dir_;
};

/// hvcC as libavformat writes it for `hvc1`, which leaves out what only informs.
TEST_F(HevcConfigTest, SaysWhatAnotherMuxerSays)
{
    for (const char* name : {"NoBFrames", "TenBit", "SubLayers"}) {
        const Stream in = made(name);
        test::ffmpeg("-f hevc -i '" + (dir_ / "in.hevc").string() + "' -c copy -tag:v hvc1 '" +
                     (dir_ / "out.mp4").string() + "'");
        const Bytes file = test::read_bytes(dir_ / "out.mp4");
        constexpr std::array<std::uint8_t, 4> name_of_box{'h', 'v', 'c', 'C'};
        const auto box = std::search(file.begin(), file.end(), name_of_box.begin(), name_of_box.end());
        ASSERT_NE(box, file.end());
        const Bytes theirs(box + 4, box + 4 + 23);
        const Bytes ours = config_of(in);
        EXPECT_EQ(Bytes(ours.begin(), ours.begin() + 13), Bytes(theirs.begin(), theirs.begin() + 13)) << "profile";
        EXPECT_EQ(Bytes(ours.begin() + 16, ours.begin() + 19), Bytes(theirs.begin() + 16, theirs.begin() + 19));
        EXPECT_EQ(ours[21], theirs[21]) << "layers, nesting and lengths";
        const HevcConfig back = parse_config({&*box + 4, static_cast<std::size_t>(file.end() - box - 4)});
        EXPECT_EQ(back.length_size, 4);
        EXPECT_EQ(back.vps, std::vector<Bytes>{set(in, NalType::vps)});
        EXPECT_EQ(back.sps, std::vector<Bytes>{set(in, NalType::sps)});
        EXPECT_EQ(back.pps, std::vector<Bytes>{set(in, NalType::pps)});
    }
}

TEST_F(HevcConfigTest, HoldsSetsOfSeveralStreamsOnceEachAndTheHighestLevel)
{
    const Stream in = made("NoBFrames");
    Bytes rbsp = unescaped(set(in, NalType::sps));
    rbsp[2 + 1 + 11] = 153; // behind header, ids and flags, and the profile
    const Bytes higher = escaped(rbsp);
    ASSERT_EQ(parse_sps(higher).profile.level(), 153);
    const Bytes config =
        build_config({set(in, NalType::vps), set(in, NalType::vps)}, {set(in, NalType::sps), with_ids(higher, 0, 1)},
                     {set(in, NalType::pps), with_pps_ids(set(in, NalType::pps), 1, 1)});
    EXPECT_EQ(config[12], 153);
    const HevcConfig back = parse_config(config);
    EXPECT_EQ(back.vps.size(), 1U);
    EXPECT_EQ(back.sps.size(), 2U);
    EXPECT_EQ(back.pps.size(), 2U);
    for (std::size_t size = 0; size < config.size(); ++size) {
        EXPECT_THROW(parse_config(View(config).first(size)), Error) << size;
    }
}

TEST_F(HevcConfigTest, OfStartCodesIsReadToo)
{
    const Stream in = made("Delimiters");
    const HevcConfig config = parse_config(test::read_bytes(dir_ / "in.hevc"));
    EXPECT_EQ(config.length_size, 0);
    EXPECT_EQ(config.sps.front(), set(in, NalType::sps));
}

TEST_F(HevcConfigTest, PicturesOfSeveralKindsAreRefused)
{
    const Stream eight = made("NoBFrames");
    const Stream ten = made("TenBit");
    EXPECT_THROW(build_config({set(eight, NalType::vps)}, {set(eight, NalType::sps), set(ten, NalType::sps)},
                              {set(eight, NalType::pps)}),
                 Error);
    EXPECT_THROW(build_config({set(eight, NalType::vps)}, {}, {set(eight, NalType::pps)}), Error);
    std::vector<Bytes> seventeen;
    for (int i = 0; i < 17; ++i) {
        Bytes other = set(eight, NalType::vps);
        other.push_back(static_cast<std::uint8_t>(i));
        seventeen.push_back(other);
    }
    EXPECT_THROW(build_config(seventeen, {set(eight, NalType::sps)}, {set(eight, NalType::pps)}), Error);
}

} // namespace
} // namespace longtake::av::hevc
