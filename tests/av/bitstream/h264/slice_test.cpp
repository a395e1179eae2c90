#include "pipeline/av/bitstream/h264/slice.h"

#include "pipeline/av/bitstream/bits.h"
#include "pipeline/base/error.h"
#include "tests/av/h264/streams.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::av::h264 {
namespace {

/// The stream with everything under other ids.
std::vector<Bytes> moved(const Stream& in, int sps_id, int pps_id, int idr_pic_ids)
{
    std::vector<Bytes> out;
    for (const Bytes& nal : in.nals) {
        if (type_of(nal) == NalType::sps) {
            out.push_back(with_id(nal, sps_id));
        } else if (type_of(nal) == NalType::pps) {
            out.push_back(with_ids(nal, sps_id, pps_id));
        } else if (is_slice(nal)) {
            const auto own = parse_slice(nal, in.sps, in.pps).idr_pic_id;
            out.push_back(rewritten(nal, in.sps, in.pps, {pps_id, own ? std::optional(*own + idr_pic_ids) : own}));
        } else {
            out.push_back(nal);
        }
    }
    return out;
}

class SliceTest : public ::testing::Test {
protected:
    Stream made(const char* options) { return Stream(test::write_h264(dir_ / "in.h264", {.options = options})); }

    test::TempDir dir_;
};

class SlicesOfTest : public SliceTest, public ::testing::WithParamInterface<test::H264Spec> {};

/// Decoded under other ids, alone: a slice that still asked for the old ones would find nothing.
TEST_P(SlicesOfTest, DecodeToTheSamePicturesUnderOtherIds)
{
    const auto file = test::write_h264(dir_ / "in.h264", GetParam());
    const Stream in(file);
    const auto first = test::write_annex_b(dir_ / "1.h264", moved(in, 1, 1, 1));
    const auto second = test::write_annex_b(dir_ / "5.h264", moved(in, 5, 5, 300));
    const auto third = test::write_annex_b(dir_ / "30.h264", moved(in, 30, 250, 65000));
    const auto digests = test::frame_digests({file, first, second, third});
    EXPECT_EQ(digests[0].size(), static_cast<std::size_t>(GetParam().frames));
    EXPECT_EQ(digests[1], digests[0]);
    EXPECT_EQ(digests[2], digests[0]);
    EXPECT_EQ(digests[3], digests[0]);
}

INSTANTIATE_TEST_SUITE_P(Encoded, SlicesOfTest,
                         ::testing::ValuesIn(specs({"Baseline", "MainCavlcWithOneReference", "CavlcWithBFrames",
                                                    "Pyramid", "StrictPyramid", "WeightedP", "WeightedPCavlc",
                                                    "ScalingLists", "FourSlices", "FourSlicesCavlc", "OnlyIdr",
                                                    "OpenGop", "TenBit", "Yuv444", "GrayWeighted"})),
                         spec_name);

TEST_F(SliceTest, OfInterlacedVideoAreRefused)
{
    const Stream in = made("-x264-params interlaced=1");
    ASSERT_FALSE(in.sps.frame_mbs_only);
    const Bytes& slice = first_of(in.nals, NalType::idr_slice);
    EXPECT_EQ(pps_id_of(slice), 0);
    EXPECT_THROW(parse_slice(slice, in.sps, in.pps), Error);
    EXPECT_THROW(rewritten(slice, in.sps, in.pps, {1, {}}), Error);
}

TEST_F(SliceTest, ThatCannotBeRewrittenAreRefused)
{
    const Stream in = made("");
    const Bytes& slice = first_of(in.nals, NalType::idr_slice);
    EXPECT_THROW(rewritten(slice, in.sps, in.pps, {256, {}}), Error);
    EXPECT_THROW(rewritten(slice, in.sps, in.pps, {{}, 65536}), Error);
    EXPECT_THROW(rewritten(in.nals[0], in.sps, in.pps, {1, {}}), Error); // not a slice
    Pps groups = in.pps;
    groups.slice_groups = 2;
    EXPECT_THROW(rewritten(slice, in.sps, groups, {1, {}}), Error);
    Sps planes = in.sps;
    planes.separate_planes = true;
    EXPECT_THROW(rewritten(slice, planes, in.pps, {1, {}}), Error);
}

/// Streams of different kinds in one, all parameter sets in front. `id` gives each stream's sets their ids.
template <class Id>
std::vector<Bytes> joined(const std::vector<Stream>& streams, Id&& id)
{
    std::vector<Bytes> sets;
    std::vector<Bytes> slices;
    for (std::size_t i = 0; i < streams.size(); ++i) {
        for (Bytes& nal : moved(streams[i], id(i), id(i), static_cast<int>(i))) {
            (is_slice(nal) ? slices : sets).push_back(std::move(nal));
        }
    }
    std::erase_if(sets, [](const Bytes& nal) { return type_of(nal) != NalType::sps && type_of(nal) != NalType::pps; });
    std::stable_sort(sets.begin(), sets.end(), [](const Bytes& a, const Bytes& b) { return type_of(a) < type_of(b); });
    sets.insert(sets.end(), slices.begin(), slices.end());
    return sets;
}

TEST_F(SliceTest, OfSeveralStreamsDecodeSideBySideUnlessTheirIdsCollide)
{
    std::vector<Stream> streams;
    std::vector<std::filesystem::path> files;
    for (const char* options :
         {"-x264-params ref=3:bframes=2:b-adapt=0", "-x264-params cabac=0:ref=3:bframes=2:b-adapt=0",
          "-crf 35 -x264-params ref=3:bframes=2:b-adapt=0:weightp=2:slices=3"}) {
        files.push_back(dir_ / (std::to_string(files.size()) + ".h264"));
        streams.emplace_back(test::write_h264(files.back(), {.options = options}));
    }
    std::vector<std::string> wanted;
    for (const auto& digests : test::frame_digests(files)) {
        wanted.insert(wanted.end(), digests.begin(), digests.end());
    }
    ASSERT_EQ(wanted.size(), 36U);

    const auto apart = joined(streams, [](std::size_t i) { return static_cast<int>(i); });
    EXPECT_EQ(test::frame_digests({test::write_annex_b(dir_ / "apart.h264", apart)})[0], wanted);

    const auto colliding = test::write_annex_b(dir_ / "colliding.h264", joined(streams, [](std::size_t) { return 0; }));
    EXPECT_ANY_THROW({
        if (test::frame_digests({colliding})[0] != wanted) {
            throw std::runtime_error("other pictures");
        }
    });
}

} // namespace
} // namespace longtake::av::h264
