#include "pipeline/av/bitstream/hevc/codec.h"

#include "pipeline/av/bitstream/hevc/config.h"
#include "pipeline/base/error.h"
#include "tests/av/hevc/streams.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::av::hevc {
namespace {

/// A stream's header as hvcC, and its pictures as samples of an MP4.
struct Coded {
    std::unique_ptr<StreamHeader> header;
    std::vector<Bytes> pictures;
};

class HevcCodecTest : public ::testing::Test {
protected:
    static constexpr const char* bt709 = "colorprim=bt709:transfer=bt709:colormatrix=bt709:range=limited:";

    Coded coded(const std::string& x265, const char* options = "")
    {
        const std::string params = bt709 + x265;
        const auto file =
            test::write_hevc(dir_ / "coded.hevc", {.x265 = params.c_str(), .options = options, .frames = 24});
        const Stream in(file);
        Coded coded;
        coded.header = read_header(build_config({first_of(in.nals, NalType::vps)}, {first_of(in.nals, NalType::sps)},
                                                {first_of(in.nals, NalType::pps)}));
        for (const Bytes& nal : in.nals) {
            if (is_slice(type_of(nal))) {
                if (parse_slice(nal, in.sps, in.pps).first) {
                    coded.pictures.emplace_back();
                }
                append(coded.pictures.back(), nal);
            }
        }
        return coded;
    }

    CodedPicture look(const Coded& stream, std::size_t picture) const
    {
        return stream.header->look_at(stream.pictures.at(picture), false);
    }

    /// The first picture after the first that is an entry.
    std::size_t second_entry(const Coded& stream) const
    {
        std::size_t at = 1;
        while (!look(stream, at).entry) {
            ++at;
        }
        return at;
    }

    test::TempDir dir_;
};

TEST_F(HevcCodecTest, AHeaderSaysWhatAPacketHolds)
{
    const Coded stream = coded("open-gop=1:keyint=8:min-keyint=8:bframes=3:b-adapt=0:slices=2:ctu=16");
    EXPECT_EQ(stream.header->copy_blocker(), "");
    EXPECT_EQ(stream.header->pixel_format(), "yuv420p");
    EXPECT_EQ(stream.header->profile(), 1);
    const CodedPicture first = look(stream, 0);
    EXPECT_EQ(first.pictures, 1);
    EXPECT_TRUE(first.entry);
    EXPECT_TRUE(first.restart);
    EXPECT_FALSE(first.leading);
    const std::size_t cra = second_entry(stream);
    EXPECT_FALSE(look(stream, cra).restart) << "its RASL pictures refer to before it";
    EXPECT_TRUE(look(stream, cra + 1).leading);
    EXPECT_TRUE(look(stream, cra + 1).bidirectional);
    EXPECT_FALSE(look(stream, cra - 1).leading);
}

TEST_F(HevcCodecTest, SaysWhyAStreamCannotBeCopied)
{
    const auto blocker = [&](const std::string& x265, const char* options = "") {
        return coded(x265, options).header->copy_blocker();
    };
    EXPECT_EQ(blocker("", "-pix_fmt yuv420p10le"), "");
    EXPECT_EQ(blocker("", "-pix_fmt yuv444p"), "it is not 8-bit or 10-bit 4:2:0");
    EXPECT_EQ(blocker("", "-pix_fmt yuv420p12le"), "it is not 8-bit or 10-bit 4:2:0");
    EXPECT_EQ(blocker("hrd=1:vbv-maxrate=400:vbv-bufsize=400"),
              "its buffer model (HRD) would not hold in another stream");
    EXPECT_EQ(blocker("", "-vf setsar=4/3"), "its pixels are not square (4:3)");
    EXPECT_EQ(blocker("range=full"), "its colours are full range");
    EXPECT_EQ(blocker("colormatrix=smpte170m"), "its matrix is not BT.709");
    EXPECT_EQ(blocker("colormatrix=unknown"), "its colours are untagged, BT.601 at this size");
    EXPECT_EQ(blocker("transfer=arib-std-b67"), "its colour primaries or transfer are not BT.709");
    EXPECT_EQ(blocker("interlace=tff"), "it may be interlaced");
}

TEST_F(HevcCodecTest, TheSameParameterSetsAreOneIdentity)
{
    const Coded one = coded("keyint=6");
    EXPECT_EQ(one.header->identity(), coded("keyint=6").header->identity());
    EXPECT_NE(one.header->identity(), coded("keyint=6:sao=0").header->identity());
}

TEST_F(HevcCodecTest, ASplicedPictureIsTheSameAsItsSourceAndAsNoOther)
{
    const Coded one = coded("keyint=6:bframes=0");
    const Coded two = coded("keyint=6:bframes=3:sao=0:slices=3:ctu=16");
    const auto splicer = make_splicer();
    splicer->add_source(*one.header, Origin::foreign);
    splicer->add_source(*two.header, Origin::foreign);
    const auto spliced = read_header(splicer->header());

    for (std::size_t i = 0; i < two.pictures.size(); ++i) {
        const StreamSplicer::Sample sample = splicer->take(two.pictures[i], false, i == 0, *two.header, 1);
        EXPECT_EQ(sample.entry, look(two, i).entry);
        EXPECT_EQ(spliced->look_at(sample.data, false).parameter_set, 1);
        EXPECT_TRUE(spliced->same_picture(sample.data, i == 0, *two.header, two.pictures[i])) << i;
        EXPECT_FALSE(spliced->same_picture(sample.data, false, *two.header, two.pictures[(i + 1) % 24])) << i;
    }
    EXPECT_FALSE(spliced->same_picture(splicer->take(one.pictures[0], false, true, *one.header, 0).data, true,
                                       *two.header, two.pictures[0]));
}

/// A BLA picture in the middle of a part would cut off the RASL pictures that follow it.
TEST_F(HevcCodecTest, ACraPictureIsTheSameAsABlaPictureWhereAPartBeginsAlone)
{
    const Coded stream = coded("open-gop=1:keyint=8:min-keyint=8:bframes=3:b-adapt=0");
    const auto splicer = make_splicer();
    splicer->add_source(*stream.header, Origin::foreign);
    const auto spliced = read_header(splicer->header());
    const Bytes& cra = stream.pictures.at(second_entry(stream));

    const View within = splicer->take(cra, true, false, *stream.header, 0).data;
    EXPECT_FALSE(spliced->look_at(within, true).restart);
    EXPECT_TRUE(spliced->same_picture(within, false, *stream.header, cra));
    const View begins = splicer->take(cra, true, true, *stream.header, 0).data;
    EXPECT_TRUE(spliced->look_at(begins, true).restart);
    EXPECT_TRUE(spliced->same_picture(begins, true, *stream.header, cra));
    EXPECT_FALSE(spliced->same_picture(begins, false, *stream.header, cra));
}

TEST_F(HevcCodecTest, SixteenSourcesHaveRoomAndNoMore)
{
    const Coded one = coded("keyint=6");
    const auto splicer = make_splicer();
    for (int i = 0; i < 16; ++i) {
        splicer->add_source(*one.header, Origin::foreign);
    }
    EXPECT_EQ(parse_config(splicer->header()).sps.size(), 16U);
    EXPECT_THROW(splicer->add_source(*one.header, Origin::foreign), Error);
    EXPECT_EQ(spliceable_codec("hevc")->sources, 16U);
}

TEST_F(HevcCodecTest, RemarksOfOurOwnEncoderAndIdsInRemarksAreLeftOut)
{
    const Coded one = coded("keyint=6");
    Bytes with_remarks;
    append(with_remarks, Bytes{0x46, 0x01, 0x50});               // access unit delimiter
    append(with_remarks, Bytes{0x4e, 0x01, 129, 1, 0x80, 0x80}); // active_parameter_sets
    const Bytes recovery_point{0x4e, 0x01, 6, 1, 0xd0, 0x80};
    append(with_remarks, recovery_point);
    with_remarks.insert(with_remarks.end(), one.pictures[0].begin(), one.pictures[0].end());
    const auto taken = [&](Origin origin) {
        const auto splicer = make_splicer();
        splicer->add_source(*one.header, origin);
        const View sample = splicer->take(with_remarks, true, true, *one.header, 0).data;
        return Bytes(sample.begin(), sample.end());
    };
    EXPECT_EQ(taken(Origin::own), one.pictures[0]);
    Bytes kept;
    append(kept, recovery_point);
    kept.insert(kept.end(), one.pictures[0].begin(), one.pictures[0].end());
    EXPECT_EQ(taken(Origin::foreign), kept);
}

TEST_F(HevcCodecTest, WhatChangesOnTheWayIsNotCopied)
{
    const Coded one = coded("keyint=6");
    const auto blocker = [&](const Bytes& nal) {
        Bytes packet;
        append(packet, nal);
        return one.header->look_at(packet, false).copy_blocker;
    };
    const Stream other(test::write_hevc(dir_ / "other.hevc", {.x265 = "sao=0"}));
    EXPECT_EQ(blocker(first_of(other.nals, NalType::sps)), "its parameter sets change on the way");
    EXPECT_EQ(blocker({0x48, 0x01}), "it ends and begins anew on the way");
    EXPECT_EQ(blocker({22 << 1, 0x01, 0x80}), "it has pictures of a kind nobody knows");
    EXPECT_EQ(blocker({0x02, 0x09, 0x80}), "it has several layers");
    EXPECT_THROW(blocker({0x02}), Error);
    Bytes slice = first_of(other.nals, NalType::idr_n_lp);
    EXPECT_THROW(blocker(rewritten(slice, other.sps, other.pps, {7, false})), Error) << "there is no such PPS";
}

} // namespace
} // namespace longtake::av::hevc
