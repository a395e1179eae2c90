#include "pipeline/av/bitstream/h264/slice.h"
#include "pipeline/base/error.h"
#include "tests/support/drafts.h"
#include "tests/support/h264.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::av::h264 {
namespace {

using test::Dice;
using test::Draft;

std::vector<Draft::Field> h264_header(unsigned ref_idc, unsigned type)
{
    return {{1, 0}, {2, ref_idc}, {5, type}};
}

/// A choice of what no encoder at hand writes: every order of pictures, explicit bidirectional weights, redundant
/// pictures, planes of every count, CABAC and CAVLC.
struct Sets {
    Sets(unsigned number, Dice& dice)
    {
        sps.id = pps.id = pps.sps_id = static_cast<int>(number);
        constexpr std::array<int, 4> formats{1, 0, 2, 3};
        sps.profile = 244;
        sps.coded = {176, 144};
        sps.chroma_format = formats[number % formats.size()];
        sps.scaling_lists = number % 5 == 1;
        sps.log2_max_frame_num = 4 + static_cast<int>(dice.up_to(12));
        sps.poc_type = static_cast<int>(number % 3);
        sps.log2_max_poc_lsb = 4 + static_cast<int>(dice.up_to(12));
        sps.delta_pic_order_always_zero = dice.up_to(3) == 0;
        pps.cabac = number % 2 == 0;
        pps.bottom_field_pic_order = dice.coin();
        pps.num_ref_idx_l0 = 1 + static_cast<int>(dice.up_to(3));
        pps.num_ref_idx_l1 = 1 + static_cast<int>(dice.up_to(3));
        pps.weighted_pred = dice.coin();
        pps.weighted_bipred = static_cast<int>(dice.up_to(2));
        pps.deblocking_control = dice.coin();
        pps.redundant_pic_cnt = dice.coin();
    }

    Sps sps;
    Pps pps;
};

void write_scaling_lists(Draft& out, const Sps& sps, Dice& dice)
{
    for (int list = 0; list < (sps.chroma_format == 3 ? 12 : 8); ++list) {
        const bool given = dice.coin();
        out.u(1, given ? 1 : 0);
        int last = 8;
        int next = 8;
        for (int i = 0; given && i < (list < 6 ? 16 : 64); ++i) {
            if (next != 0) {
                const int wanted = dice.up_to(20) == 0 ? 0 : 1 + static_cast<int>(dice.up_to(100));
                out.se(wanted - last);
                next = wanted;
            }
            last = next == 0 ? last : next;
        }
    }
}

Draft draft_sps(const Sps& sps, Dice& dice)
{
    Draft out(h264_header(3, 7));
    out.u(8, static_cast<unsigned>(sps.profile));
    for (int i = 0; i < 6; ++i) {
        out.u(1, 0);
    }
    out.u(2, 0);
    out.u(8, 40);
    out.ue(static_cast<unsigned>(sps.id));
    out.ue(static_cast<unsigned>(sps.chroma_format));
    if (sps.chroma_format == 3) {
        out.u(1, 0);
    }
    out.ue(0);
    out.ue(0);
    out.u(1, 0);
    out.u(1, sps.scaling_lists ? 1 : 0);
    if (sps.scaling_lists) {
        write_scaling_lists(out, sps, dice);
    }
    out.ue(static_cast<unsigned>(sps.log2_max_frame_num - 4));
    out.ue(static_cast<unsigned>(sps.poc_type));
    if (sps.poc_type == 0) {
        out.ue(static_cast<unsigned>(sps.log2_max_poc_lsb - 4));
    } else if (sps.poc_type == 1) {
        out.u(1, sps.delta_pic_order_always_zero ? 1 : 0);
        out.se(dice.around_zero(100000));
        out.se(dice.around_zero(10));
        const unsigned cycle = dice.up_to(5);
        out.ue(cycle);
        for (unsigned i = 0; i < cycle; ++i) {
            out.se(dice.around_zero(10));
        }
    }
    out.ue(4);                                                  // max_num_ref_frames
    out.u(1, 0);                                                // gaps
    out.ue(10);                                                 // 176
    out.ue(8);                                                  // 144
    for (const unsigned flag : {1U, 1U, 0U, 0U, /*stop*/ 1U}) { // frames only, direct 8x8, no cropping, no VUI
        out.u(1, flag);
    }
    out.fill('0');
    return out;
}

Draft draft_pps(const Pps& pps)
{
    Draft out(h264_header(3, 8));
    out.ue(static_cast<unsigned>(pps.id));
    out.ue(static_cast<unsigned>(pps.sps_id));
    out.u(1, pps.cabac ? 1 : 0);
    out.u(1, pps.bottom_field_pic_order ? 1 : 0);
    out.ue(0);
    out.ue(static_cast<unsigned>(pps.num_ref_idx_l0 - 1));
    out.ue(static_cast<unsigned>(pps.num_ref_idx_l1 - 1));
    out.u(1, pps.weighted_pred ? 1 : 0);
    out.u(2, static_cast<unsigned>(pps.weighted_bipred));
    out.se(0);
    out.se(0);
    out.se(-2);
    out.u(1, pps.deblocking_control ? 1 : 0);
    out.u(1, 0);
    out.u(1, pps.redundant_pic_cnt ? 1 : 0);
    out.u(1, 1); // stop
    out.fill('0');
    return out;
}

void write_modification(Draft& out, unsigned most, Dice& dice)
{
    const unsigned count = dice.up_to(most);
    out.u(1, count > 0 ? 1 : 0);
    for (unsigned i = 0; i < count; ++i) {
        const unsigned kind = dice.up_to(2);
        out.ue(kind);
        out.ue(kind == 2 ? dice.up_to(3) : dice.up_to(7));
    }
    if (count > 0) {
        out.ue(3);
    }
}

void write_weights(Draft& out, const Sets& sets, const std::vector<unsigned>& references, Dice& dice)
{
    const bool chroma = sets.sps.chroma_format != 0;
    out.ue(dice.up_to(7));
    if (chroma) {
        out.ue(dice.up_to(7));
    }
    for (const unsigned count : references) {
        for (unsigned i = 0; i < count; ++i) {
            for (const int numbers : {2, chroma ? 4 : 0}) {
                const bool given = numbers > 0 && dice.coin();
                if (numbers > 0) {
                    out.u(1, given ? 1 : 0);
                }
                for (int n = 0; given && n < numbers; ++n) {
                    out.se(dice.around_zero(127));
                }
            }
        }
    }
}

void write_marking(Draft& out, Dice& dice)
{
    const unsigned count = dice.up_to(4);
    out.u(1, count > 0 ? 1 : 0);
    for (unsigned i = 0; i < count; ++i) {
        const unsigned operation = 1 + dice.up_to(5);
        out.ue(operation);
        if (operation == 1 || operation == 3) {
            out.ue(dice.up_to(30)); // difference_of_pic_nums_minus1
        }
        if (operation != 1 && operation != 5) {
            out.ue(dice.up_to(3));
        }
    }
    if (count > 0) {
        out.ue(0);
    }
}

void write_references(Draft& out, unsigned type, unsigned ref_idc, bool idr, const Sets& sets, Dice& dice)
{
    std::vector<unsigned> references{static_cast<unsigned>(sets.pps.num_ref_idx_l0)};
    if (type == 1) {
        out.u(1, dice.up_to(1));
        references.push_back(static_cast<unsigned>(sets.pps.num_ref_idx_l1));
    }
    if (type != 2) {
        const bool override = dice.coin();
        out.u(1, override ? 1 : 0);
        for (unsigned& count : references) {
            if (override) {
                count = 1 + dice.up_to(6);
                out.ue(count - 1);
            }
        }
        for (const unsigned count : references) {
            write_modification(out, count, dice);
        }
    }
    if ((type == 0 && sets.pps.weighted_pred) || (type == 1 && sets.pps.weighted_bipred == 1)) {
        write_weights(out, sets, references, dice);
    }
    if (ref_idc != 0 && idr) {
        out.u(1, dice.up_to(1));
        out.u(1, dice.up_to(1));
    } else if (ref_idc != 0) {
        write_marking(out, dice);
    }
}

/// Slice data of bytes that want emulation prevention more often than not, and its stop bit.
void write_data(Draft& out, bool cabac, Dice& dice)
{
    out.alignment = out.bits.size();
    while (cabac && out.bits.size() % 8 != 0) {
        out.u(1, 1); // cabac_alignment_one_bit
    }
    out.alignment_end = out.bits.size();
    for (unsigned count = 3 + dice.up_to(60); count > 0; --count) {
        const unsigned byte = dice.up_to(2) != 0 ? 0 : dice.up_to(4);
        for (int i = 7; i >= 0; --i) {
            out.bits += (byte >> i & 1U) != 0 ? '1' : '0';
        }
    }
    if (!cabac) {
        out.bits += std::string(dice.up_to(7), '0');
    }
    out.bits += '1';
    out.fill('0');
    if (cabac) {
        out.bits += std::string(16UL * dice.up_to(2), '0'); // cabac_zero_words
    }
}

/// The same seed gives the same slice, but for its ids.
Draft draft_slice(const Sets& sets, unsigned seed, unsigned pps_id, unsigned idr_pic_id)
{
    Dice dice(seed);
    const bool idr = dice.up_to(3) == 0;
    const unsigned type = idr ? 2 : dice.up_to(2);
    const unsigned ref_idc = idr ? 1 + dice.up_to(2) : dice.up_to(3);
    Draft out(h264_header(ref_idc, idr ? 5 : 1));
    out.ue(dice.up_to(98));
    out.ue(type + (dice.coin() ? 5 : 0));
    out.ue(pps_id);
    out.u(sets.sps.log2_max_frame_num, dice.up_to((1U << sets.sps.log2_max_frame_num) - 1));
    if (idr) {
        out.ue(idr_pic_id);
    }
    if (sets.sps.poc_type == 0) {
        out.u(sets.sps.log2_max_poc_lsb, dice.up_to((1U << sets.sps.log2_max_poc_lsb) - 1));
    }
    if (sets.sps.poc_type == 0 && sets.pps.bottom_field_pic_order) {
        out.se(dice.around_zero(1000));
    }
    if (sets.sps.poc_type == 1 && !sets.sps.delta_pic_order_always_zero) {
        out.se(dice.around_zero(1000));
        if (sets.pps.bottom_field_pic_order) {
            out.se(dice.around_zero(1000));
        }
    }
    if (sets.pps.redundant_pic_cnt) {
        out.ue(dice.up_to(127));
    }
    write_references(out, type, ref_idc, idr, sets, dice);
    if (sets.pps.cabac && type != 2) {
        out.ue(dice.up_to(2));
    }
    out.se(dice.around_zero(20));
    if (sets.pps.deblocking_control) {
        const unsigned disabled = dice.up_to(2);
        out.ue(disabled);
        if (disabled != 1) {
            out.se(dice.around_zero(6));
            out.se(dice.around_zero(6));
        }
    }
    write_data(out, sets.pps.cabac, dice);
    return out;
}

constexpr unsigned k_sets = 24;
constexpr unsigned k_slices_each = 60;

/// Of slices with every optional part the syntax has.
class SliceSyntaxTest : public ::testing::Test {
protected:
    SliceSyntaxTest()
    {
        Dice dice(1);
        for (unsigned i = 0; i < k_sets; ++i) {
            sets_.emplace_back(i, dice);
        }
    }

    std::vector<Sets> sets_;
};

std::vector<long> traced_values(const test::Traced& unit)
{
    std::vector<long> values;
    for (const auto& element : unit.elements) {
        if (element.name.find("rbsp_alignment") == std::string::npos) {
            values.push_back(element.value);
        }
    }
    return values;
}

TEST_F(SliceSyntaxTest, IsDraftedHereAsAnotherParserReadsIt)
{
    Dice dice(2);
    std::vector<Draft> drafts;
    for (const Sets& sets : sets_) {
        drafts.push_back(draft_sps(sets.sps, dice));
    }
    for (const Sets& sets : sets_) {
        drafts.push_back(draft_pps(sets.pps));
    }
    for (unsigned i = 0; i < k_sets * 12; ++i) {
        drafts.push_back(draft_slice(sets_[i % k_sets], i, i % k_sets, i));
    }
    std::vector<Bytes> nals;
    for (const Draft& draft : drafts) {
        nals.push_back(draft.nal());
    }
    const test::TempDir dir;
    const auto traced = test::trace(test::write_annex_b(dir / "drafts.h264", nals));
    ASSERT_EQ(traced.size(), drafts.size());
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        ASSERT_EQ(traced_values(traced[i]), drafts[i].values) << i;
    }
}

TEST_F(SliceSyntaxTest, IsReadAsItWasDrafted)
{
    Dice dice(2);
    for (const Sets& sets : sets_) {
        const Sps sps = parse_sps(draft_sps(sets.sps, dice).nal());
        EXPECT_EQ(sps.chroma_format, sets.sps.chroma_format);
        EXPECT_EQ(sps.scaling_lists, sets.sps.scaling_lists);
        EXPECT_EQ(sps.log2_max_frame_num, sets.sps.log2_max_frame_num);
        EXPECT_EQ(sps.poc_type, sets.sps.poc_type);
        if (sps.poc_type == 1) {
            EXPECT_EQ(sps.delta_pic_order_always_zero, sets.sps.delta_pic_order_always_zero);
        }
        EXPECT_EQ(sps.num_ref_frames, 4);
        EXPECT_EQ(sps.size.text(), "176x144");
        EXPECT_FALSE(sps.vui);
        const Pps pps = parse_pps(draft_pps(sets.pps).nal());
        EXPECT_EQ(pps.bottom_field_pic_order, sets.pps.bottom_field_pic_order);
        EXPECT_EQ(pps.weighted_bipred, sets.pps.weighted_bipred);
        EXPECT_EQ(pps.redundant_pic_cnt, sets.pps.redundant_pic_cnt);
    }
}

TEST_F(SliceSyntaxTest, IsTheSameUnderOtherIdsAsIfItHadBeenDraftedSo)
{
    for (const Sets& drafted : sets_) {
        Dice dice(2);
        const Sps sps = parse_sps(draft_sps(drafted.sps, dice).nal());
        const Pps pps = parse_pps(draft_pps(drafted.pps).nal());
        for (unsigned seed = 0; seed < k_slices_each; ++seed) {
            const Bytes slice = draft_slice(drafted, seed, 3, 7).nal();
            EXPECT_EQ(rewritten(slice, sps, pps, {}), slice);
            for (const unsigned id : {0U, 1U, 5U, 30U, 255U}) {
                const Bytes wanted = draft_slice(drafted, seed, id, 200 * id).nal();
                const SliceIds ids{static_cast<int>(id), static_cast<int>(200 * id)};
                ASSERT_EQ(rewritten(slice, sps, pps, ids), wanted) << pps.id << " " << seed;
                ASSERT_EQ(rewritten(wanted, sps, pps, {3, 7}), slice) << pps.id << " " << seed;
            }
        }
    }
}

TEST_F(SliceSyntaxTest, EndsItsHeaderInOnesBeforeCabacData)
{
    const Sets& sets = sets_[0];
    ASSERT_TRUE(sets.pps.cabac);
    int aligned = 0;
    for (unsigned seed = 0; seed < k_slices_each; ++seed) {
        Draft draft = draft_slice(sets, seed, 0, 0);
        EXPECT_NO_THROW(rewritten(draft.nal(), sets.sps, sets.pps, {1, {}}));
        if (draft.alignment_end > draft.alignment) {
            ++aligned;
            draft.bits[draft.alignment_end - 1] = '0';
            EXPECT_THROW(rewritten(draft.nal(), sets.sps, sets.pps, {1, {}}), Error) << seed;
        }
    }
    EXPECT_GT(aligned, 10);
}

} // namespace
} // namespace longtake::av::h264
