#include "pipeline/av/bitstream/codec.h"

#include "pipeline/av/bitstream/h264/parameter_sets.h"
#include "pipeline/base/error.h"
#include "tests/support/h264.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::av {
namespace {

/// A stream's header as avcC, and its pictures as samples of an MP4.
struct Coded {
    Bytes header;
    std::vector<Bytes> pictures;
};

class CodecTest : public ::testing::Test {
protected:
    Coded coded(const test::H264Spec& spec)
    {
        std::vector<Bytes> sps;
        std::vector<Bytes> pps;
        Coded coded;
        for (const Bytes& nal : test::nals_of(test::write_h264(dir_ / "coded.h264", spec))) {
            switch (h264::type_of(nal)) {
            case h264::NalType::sps: sps.push_back(nal); break;
            case h264::NalType::pps: pps.push_back(nal); break;
            case h264::NalType::slice:
            case h264::NalType::idr_slice: append(coded.pictures.emplace_back(), nal); break;
            default: break;
            }
        }
        coded.header = h264::build_config({sps.front()}, {pps.front()});
        return coded;
    }

    std::unique_ptr<StreamHeader> header_of(const Coded& coded) const { return codec_->read_header(coded.header, {}); }

    test::TempDir dir_;
    const SpliceableCodec* codec_ = spliceable_codec("h264");
};

constexpr test::H264Spec k_two_gops{"TwoGops", "-x264-params keyint=6:scenecut=0:bframes=0:colormatrix=bt709"};
constexpr test::H264Spec k_cavlc{"Cavlc", "-x264-params cabac=0:keyint=6:scenecut=0:bframes=2:colormatrix=bt709"};

TEST_F(CodecTest, OfOtherCodecsNothingIsCopied)
{
    EXPECT_EQ(spliceable_codec("mpeg2video"), nullptr);
    EXPECT_EQ(spliceable_codec(""), nullptr);
}

TEST_F(CodecTest, AHeaderSaysWhatAPacketHolds)
{
    const Coded stream = coded(k_two_gops);
    const auto header = header_of(stream);

    EXPECT_EQ(header->copy_blocker(), "");
    const CodedPicture first = header->look_at(stream.pictures.at(0), false);
    EXPECT_EQ(first.pictures, 1);
    EXPECT_TRUE(first.entry);
    EXPECT_TRUE(first.entry_id);
    EXPECT_FALSE(header->look_at(stream.pictures.at(1), false).entry);
    EXPECT_TRUE(header->look_at(stream.pictures.at(6), false).entry);
    EXPECT_FALSE(header->look_at(stream.pictures.at(1), false).bidirectional);
}

TEST_F(CodecTest, TheSameParameterSetsAreOneIdentity)
{
    const Coded one = coded(k_two_gops);
    EXPECT_EQ(header_of(one)->identity(), header_of(coded(k_two_gops))->identity());
    EXPECT_NE(header_of(one)->identity(), header_of(coded(k_cavlc))->identity());
}

TEST_F(CodecTest, ASplicedPictureIsTheSameAsItsSourceAndAsNoOther)
{
    const Coded one = coded(k_two_gops);
    const Coded two = coded(k_cavlc);
    const auto from_one = header_of(one);
    const auto from_two = header_of(two);
    const auto splicer = codec_->make_splicer();
    splicer->add_source(*from_one, Origin::foreign);
    splicer->add_source(*from_two, Origin::foreign);
    const auto spliced = codec_->read_header(splicer->header(), {});

    for (std::size_t i = 0; i < two.pictures.size(); ++i) {
        const StreamSplicer::Sample sample = splicer->take(two.pictures[i], false, false, *from_two, 1);
        EXPECT_EQ(sample.entry, from_two->look_at(two.pictures[i], false).entry);
        EXPECT_EQ(spliced->look_at(sample.data, false).parameter_set, 1);
        EXPECT_TRUE(spliced->same_picture(sample.data, false, *from_two, two.pictures[i])) << i;
        EXPECT_FALSE(spliced->same_picture(sample.data, false, *from_two, two.pictures[(i + 1) % two.pictures.size()]))
            << i;
    }
}

TEST_F(CodecTest, EntriesInARowGetIdsThatDiffer)
{
    const Coded stream = coded(k_two_gops);
    const auto header = header_of(stream);
    const auto splicer = codec_->make_splicer();
    splicer->add_source(*header, Origin::foreign);
    const auto id = [&](const Bytes& picture) {
        return header->look_at(splicer->take(picture, false, false, *header, 0).data, false).entry_id;
    };

    const auto first = id(stream.pictures.front());
    EXPECT_TRUE(first);
    EXPECT_NE(id(stream.pictures.front()), first);
}

TEST_F(CodecTest, ParameterSetsTheHeaderLacksAreAnError)
{
    const auto header = header_of(coded(k_two_gops));
    const Coded other = coded({"Id7", "-x264-params sps-id=7"});
    EXPECT_THROW(header->look_at(other.pictures.front(), false), Error);
}

/// libx264 writes its settings as text beside the first picture of every segment.
TEST_F(CodecTest, RemarksOfOurOwnEncoderAreLeftOut)
{
    const Coded stream = coded(k_two_gops);
    const auto header = header_of(stream);
    Bytes with_remark;
    append(with_remark, Bytes{static_cast<std::uint8_t>(h264::NalType::sei), 5, 1, 0, 0x80});
    with_remark.insert(with_remark.end(), stream.pictures.front().begin(), stream.pictures.front().end());
    const auto taken = [&](Origin origin) {
        const auto splicer = codec_->make_splicer();
        splicer->add_source(*header, origin);
        const View sample = splicer->take(with_remark, true, false, *header, 0).data;
        return Bytes(sample.begin(), sample.end());
    };
    EXPECT_EQ(taken(Origin::own), stream.pictures.front());
    EXPECT_EQ(taken(Origin::foreign), with_remark);
}

TEST_F(CodecTest, PiecesOfOneEncoderShareTheirHeader)
{
    const SpliceableCodec* codec = spliceable_codec("vp9");
    ASSERT_NE(codec, nullptr);
    EXPECT_EQ(codec->origin, Origin::own);
    const Bytes bytes{1, 2, 3};
    const auto header = codec->read_header(bytes, {});
    const auto other = codec->read_header(Bytes{1, 2, 4}, {});
    const auto splicer = codec->make_splicer();
    splicer->add_source(*header, Origin::own);
    EXPECT_THROW(splicer->add_source(*other, Origin::own), Error);
    EXPECT_EQ(splicer->header(), bytes);

    const Bytes picture{9, 8, 7};
    EXPECT_TRUE(splicer->take(picture, true, false, *header, 0).entry);
    EXPECT_FALSE(splicer->take(picture, false, false, *header, 0).entry);
    EXPECT_TRUE(header->look_at(picture, true).entry);
    EXPECT_TRUE(header->same_picture(picture, false, *codec->read_header(bytes, {}), picture));
    EXPECT_FALSE(header->same_picture(picture, false, *other, picture));
    EXPECT_FALSE(header->same_picture(picture, false, *header, bytes));
}

} // namespace
} // namespace longtake::av
