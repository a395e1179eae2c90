#include "pipeline/av/bitstream/av1/frame_header.h"

#include "pipeline/av/bitstream/av1/config.h"
#include "pipeline/av/bitstream/bits.h"
#include "pipeline/base/error.h"
#include "tests/av/av1/streams.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::av::av1 {
namespace {

bool is_header(ObuType type)
{
    return type == ObuType::frame || type == ObuType::frame_header;
}

/// The frame headers of a stream, and the same as another parser reads them.
class Av1FrameHeaderTest : public ::testing::TestWithParam<Av1Spec> {
protected:
    Av1FrameHeaderTest()
    {
        for (const Obu& obu : split_obus(bytes_)) {
            if (is_header(obu.type)) {
                obus_.push_back(obu);
            }
        }
        traced_ = test::trace(file_, "obu");
        std::erase_if(traced_, [](const auto& unit) {
            return !is_header(static_cast<ObuType>(unit.get("obu_type"))) ||
                   !(unit.has("show_existing_frame") || unit.has("disable_cdf_update"));
        });
    }

    /// The header with one bit flipped.
    Bytes flipped(std::size_t i, const std::string& name) const
    {
        const Obu& obu = obus_[i];
        const std::size_t at = traced_[i].at(name) - 8 * (obu.whole.size() - obu.payload.size());
        Bytes changed(obu.payload.begin(), obu.payload.end());
        changed.at(at / 8) ^= static_cast<std::uint8_t>(0x80U >> at % 8);
        return changed;
    }

    test::TempDir dir_;
    std::filesystem::path file_ = write_av1(dir_ / "in.obu", GetParam());
    Bytes bytes_ = test::read_bytes(file_);
    SequenceHeader sequence_ = parse_sequence_header(sequence_header_in(bytes_));
    std::vector<Obu> obus_;
    std::vector<test::Traced> traced_;
};

TEST_P(Av1FrameHeaderTest, ItsHeadIsReadAsAnotherParserReadsIt)
{
    ASSERT_FALSE(obus_.empty());
    ASSERT_EQ(obus_.size(), traced_.size());
    for (std::size_t i = 0; i < obus_.size(); ++i) {
        const FrameHead frame = parse_frame_head(obus_[i].payload, sequence_);
        EXPECT_EQ(frame.existing, traced_[i].get("show_existing_frame") != 0) << i;
        if (!frame.existing && !sequence_.reduced) {
            EXPECT_EQ(static_cast<int>(frame.type), traced_[i].get("frame_type")) << i;
            EXPECT_EQ(frame.shown, traced_[i].get("show_frame") != 0) << i;
        }
    }
    EXPECT_TRUE(parse_frame_head(obus_[0].payload, sequence_).entry());
}

/// Whoever finds this bit has read everything before it.
TEST_P(Av1FrameHeaderTest, TheSizeIsFoundWhereAnotherParserFindsIt)
{
    if (sequence_.buffer_model) {
        return; // which is never asked
    }
    int sized = 0;
    for (std::size_t i = 0; i < obus_.size(); ++i) {
        EXPECT_EQ(size_blocker(obus_[i].payload, sequence_), "") << i;
        if (traced_[i].has("render_and_frame_size_different")) {
            EXPECT_EQ(size_blocker(flipped(i, "render_and_frame_size_different"), sequence_),
                      "its pictures are to be shown at another size")
                << i;
            ++sized;
        }
    }
    EXPECT_GT(sized, 0);
}

INSTANTIATE_TEST_SUITE_P(Streams, Av1FrameHeaderTest, ::testing::ValuesIn(k_specs), spec_name);

/// Headers no encoder at hand writes, bit by bit from 5.9.2.
class Av1FrameDraftTest : public ::testing::Test {
protected:
    Av1FrameDraftTest()
    {
        sequence_.width_bits = 8;
        sequence_.height_bits = 7;
        sequence_.size = {200, 100};
        sequence_.order_hints = true;
        sequence_.order_hint_bits = 5;
        sequence_.delta_frame_id_bits = 6;
        sequence_.frame_id_bits = 9;
    }

    /// A frame up to its references: inter frames have error_resilient_mode as it is given here.
    static BitWriter begun(FrameType type, bool shown, bool resilient)
    {
        BitWriter out;
        out.flag(false); // show_existing_frame
        out.bits(static_cast<std::uint32_t>(type), 2);
        out.flag(shown);
        if (!shown) {
            out.flag(true); // showable_frame
        }
        const bool said = type != FrameType::switching && !(type == FrameType::key && shown);
        if (said) {
            out.flag(resilient);
        }
        out.flag(false);    // disable_cdf_update
        out.flag(true);     // allow_screen_content_tools
        out.flag(false);    // force_integer_mv
        out.bits(0x155, 9); // current_frame_id
        if (type != FrameType::switching) {
            out.flag(true); // frame_size_override_flag
        }
        out.bits(9, 5); // order_hint
        return out;
    }

    static void put_references(BitWriter& out, bool derived)
    {
        out.flag(derived); // frame_refs_short_signaling
        if (derived) {
            out.bits(0x2a, 6);
        }
        for (int i = 0; i < 7; ++i) {
            if (!derived) {
                out.bits(static_cast<std::uint32_t>(i), 3);
            }
            out.bits(0x15, 6); // delta_frame_id_minus_1
        }
    }

    static void put_size(BitWriter& out, Size size, bool rendered)
    {
        out.bits(static_cast<std::uint32_t>(size.width - 1), 8);
        out.bits(static_cast<std::uint32_t>(size.height - 1), 7);
        out.flag(rendered);
        if (rendered) {
            out.bits(199, 16);
            out.bits(99, 16);
        }
    }

    static void put_order_hints(BitWriter& out)
    {
        for (std::uint32_t i = 0; i < 8; ++i) {
            out.bits(i, 5);
        }
    }

    std::string blocker(const BitWriter& draft) const { return size_blocker(draft.bytes(), sequence_); }

    SequenceHeader sequence_;
};

TEST_F(Av1FrameDraftTest, AForwardKeyFrameIsNoEntry)
{
    const Bytes hidden = begun(FrameType::key, false, false).bytes();
    EXPECT_FALSE(parse_frame_head(hidden, sequence_).entry());
    EXPECT_TRUE(parse_frame_head(begun(FrameType::key, true, true).bytes(), sequence_).entry());
    EXPECT_FALSE(parse_frame_head(begun(FrameType::intra_only, true, true).bytes(), sequence_).entry());
    EXPECT_FALSE(parse_frame_head(Bytes{0x80}, sequence_).entry()) << "one that is shown again";
}

TEST_F(Av1FrameDraftTest, SwitchFramesSayTheirSize)
{
    for (const Size size : {Size{200, 100}, Size{100, 50}}) {
        BitWriter out = begun(FrameType::switching, true, true);
        put_order_hints(out);
        put_references(out, false);
        put_size(out, size, true);
        EXPECT_EQ(blocker(out), size.width == 200 ? "" : "its pictures change their size");
    }
}

TEST_F(Av1FrameDraftTest, AForwardKeyFrameSaysItsSize)
{
    BitWriter out = begun(FrameType::key, false, true);
    out.bits(0x10, 8); // refresh_frame_flags
    put_order_hints(out);
    put_size(out, {200, 99}, false);
    EXPECT_EQ(blocker(out), "its pictures change their size");
}

TEST_F(Av1FrameDraftTest, FramesMayHaveTheSizeOfAReference)
{
    for (const bool derived : {false, true}) {
        BitWriter out = begun(FrameType::inter, true, false);
        out.bits(7, 3);    // primary_ref_frame
        out.bits(0x42, 8); // refresh_frame_flags
        put_references(out, derived);
        BitWriter own = out;
        out.bits(0b001, 3); // found_ref: the third
        EXPECT_EQ(blocker(out), "");
        own.bits(0, 7);
        put_size(own, {64, 64}, false);
        EXPECT_EQ(blocker(own), "its pictures change their size");
    }
}

TEST_F(Av1FrameDraftTest, OneThatIsCutOffIsAnError)
{
    BitWriter out = begun(FrameType::switching, true, true);
    put_order_hints(out);
    put_references(out, false);
    const Bytes whole = out.bytes();
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        EXPECT_THROW(size_blocker(View(whole).first(size), sequence_), Error) << size;
    }
    EXPECT_THROW(parse_frame_head({}, sequence_), Error);
}

} // namespace
} // namespace longtake::av::av1
