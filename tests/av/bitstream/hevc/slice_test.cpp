#include "pipeline/av/bitstream/hevc/slice.h"

#include "pipeline/base/error.h"
#include "tests/av/hevc/streams.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::av::hevc {
namespace {

/// The stream with everything under other ids, its parameter sets in front.
std::vector<Bytes> under(const Stream& in, int set_id, int pps_id)
{
    std::vector<Bytes> out{with_id(first_of(in.nals, NalType::vps), set_id),
                           with_ids(first_of(in.nals, NalType::sps), set_id, set_id),
                           with_pps_ids(first_of(in.nals, NalType::pps), set_id, pps_id)};
    for (const Bytes& nal : in.nals) {
        if (is_slice(type_of(nal))) {
            out.push_back(rewritten(nal, in.sps, in.pps, {pps_id, false}));
        }
    }
    return out;
}

class HevcSlicesTest : public ::testing::TestWithParam<test::HevcSpec> {
protected:
    test::TempDir dir_;
};

/// Decoded under other ids, alone: a slice that still asked for the old ones would find nothing.
TEST_P(HevcSlicesTest, DecodeToTheSamePicturesUnderOtherIds)
{
    const auto file = test::write_hevc(dir_ / "in.hevc", GetParam());
    const Stream in(file);
    const auto first = test::write_annex_b(dir_ / "1.hevc", under(in, 1, 1));
    const auto second = test::write_annex_b(dir_ / "5.hevc", under(in, 5, 7));
    const auto third = test::write_annex_b(dir_ / "15.hevc", under(in, 15, 63));
    const auto digests = test::frame_digests({file, first, second, third});
    EXPECT_EQ(digests[0].size(), static_cast<std::size_t>(GetParam().frames));
    EXPECT_EQ(digests[1], digests[0]);
    EXPECT_EQ(digests[2], digests[0]);
    EXPECT_EQ(digests[3], digests[0]);
}

TEST_P(HevcSlicesTest, SayTheSameButForTheirIdAndComeBackByteForByte)
{
    const auto file = test::write_hevc(dir_ / "in.hevc", GetParam());
    const Stream in(file);
    const auto before = test::trace(file, "hevc");
    const auto after = test::trace(test::write_annex_b(dir_ / "out.hevc", under(in, 0, 63)), "hevc");
    std::size_t other = 3;
    for (std::size_t i = 0; i < before.size(); ++i) {
        const Bytes& nal = in.nals[i];
        if (!is_slice(type_of(nal))) {
            continue;
        }
        const std::vector<std::string> id{"slice_pic_parameter_set_id"};
        EXPECT_EQ(after.at(other++).without(id), before[i].without(id));
        EXPECT_EQ(pps_id_of(nal), before[i].get(id[0]));
        const Slice slice = parse_slice(nal, in.sps, in.pps);
        EXPECT_EQ(slice.first, before[i].get("first_slice_segment_in_pic_flag") != 0);
        EXPECT_EQ(slice.poc_lsb.value_or(-1), before[i].get("slice_pic_order_cnt_lsb", -1));
        EXPECT_EQ(slice.is_b.value_or(false), before[i].get("slice_type", 2) == 0);
        EXPECT_EQ(rewritten(nal, in.sps, in.pps, {}), nal);
        for (const int wanted : {1, 2, 6, 14, 63}) {
            EXPECT_EQ(rewritten(rewritten(nal, in.sps, in.pps, {wanted, false}), in.sps, in.pps, {0, false}), nal);
        }
    }
    EXPECT_EQ(other, after.size());
}

INSTANTIATE_TEST_SUITE_P(Encoded, HevcSlicesTest, ::testing::ValuesIn(specs({"NoBFrames",    "Pyramid",
                                                                             "NoPyramid",    "FiveReferences",
                                                                             "OpenGop",      "RaslThatOthersReferTo",
                                                                             "Radl",         "OnlyIdr",
                                                                             "Wavefronts",   "NoWavefronts",
                                                                             "FourSlices",   "WeightedP",
                                                                             "WeightedB",    "NoSampleAdaptiveOffset",
                                                                             "NoDeblocking", "OtherDeblocking",
                                                                             "SubLayers",    "ScalingLists",
                                                                             "Lossless",     "ShortOrder",
                                                                             "TenBit"})),
                         spec_name);

class HevcSliceTest : public ::testing::Test {
protected:
    Stream made(const char* x265, int frames = 20)
    {
        return Stream(test::write_hevc(dir_ / "in.hevc", {.x265 = x265, .frames = frames}));
    }

    test::TempDir dir_;
};

/// What a CRA picture leads to, cut out of its stream and set behind another: without its RASL pictures it decodes to
/// what it did, as a BLA picture alone.
TEST_F(HevcSliceTest, ACraPictureBehindASpliceBecomesABlaPicture)
{
    const Stream in = made("open-gop=1:keyint=8:min-keyint=8:bframes=3:b-adapt=0:log2-max-poc-lsb=4");
    std::vector<Bytes> whole;
    std::vector<Bytes> tail;
    for (const Bytes& nal : in.nals) {
        const NalType type = type_of(nal);
        if (!is_slice(type)) {
            whole.push_back(nal);
            continue;
        }
        whole.push_back(nal);
        if (tail.empty() && type == NalType::cra) {
            tail.push_back(rewritten(nal, in.sps, in.pps, {{}, true}));
            EXPECT_EQ(type_of(tail.back()), NalType::bla_n_lp);
            EXPECT_EQ(parse_slice(tail.back(), in.sps, in.pps).poc_lsb, parse_slice(nal, in.sps, in.pps).poc_lsb);
        } else if (!tail.empty() && (!is_leading(type) || tail.size() > 4)) {
            tail.push_back(nal);
        }
    }
    ASSERT_GT(tail.size(), 4U);
    const auto own = test::frame_digests({test::write_annex_b(dir_ / "whole.hevc", whole)})[0];
    whole.insert(whole.end(), tail.begin(), tail.end());
    const auto both = test::frame_digests({test::write_annex_b(dir_ / "both.hevc", whole)})[0];
    std::vector<std::string> wanted = own;
    wanted.insert(wanted.end(), own.end() - static_cast<std::ptrdiff_t>(tail.size()), own.end());
    EXPECT_EQ(both, wanted);
}

TEST_F(HevcSliceTest, BehindASpliceAnEntryLeavesWhatIsBeforeIt)
{
    const Stream in = made("keyint=6:open-gop=0");
    Bytes idr = first_of(in.nals, NalType::idr_n_lp);
    idr[2] = static_cast<std::uint8_t>(idr[2] | 0x40U); // no_output_of_prior_pics_flag
    ASSERT_TRUE(parse_slice(idr, in.sps, in.pps).drops_earlier);
    EXPECT_EQ(rewritten(idr, in.sps, in.pps, {{}, true}), first_of(in.nals, NalType::idr_n_lp));
    EXPECT_EQ(rewritten(idr, in.sps, in.pps, {}), idr);
}

TEST_F(HevcSliceTest, ThatCannotBeRewrittenAreRefused)
{
    const Stream in = made("");
    const Bytes& slice = first_of(in.nals, NalType::idr_n_lp);
    EXPECT_THROW(rewritten(slice, in.sps, in.pps, {64, false}), Error);
    EXPECT_THROW(rewritten(in.nals[0], in.sps, in.pps, {1, false}), Error); // not a slice
    EXPECT_THROW(pps_id_of(Bytes{0x26, 0x01}), Error);
    Pps extended = in.pps;
    extended.extended = true;
    EXPECT_THROW(rewritten(slice, in.sps, extended, {1, false}), Error);
    Bytes layer = slice;
    layer[1] = static_cast<std::uint8_t>(layer[1] | 0x08U);
    EXPECT_THROW(rewritten(layer, in.sps, in.pps, {1, false}), Error);
}

} // namespace
} // namespace longtake::av::hevc
