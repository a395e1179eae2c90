#include "pipeline/av/bitstream/hevc/slice_header.h"

#include "pipeline/base/error.h"
#include "tests/av/hevc/drafted_slice.h"
#include "tests/support/hevc.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::av::hevc {
namespace {

constexpr unsigned k_sets = 16;
constexpr unsigned k_slices_each = 80;

/// Of slices with every optional part the syntax has.
class HevcSliceHeaderTest : public ::testing::Test {
protected:
    HevcSliceHeaderTest()
    {
        Dice dice(1);
        for (unsigned i = 0; i < k_sets; ++i) {
            sets_.emplace_back(i, dice);
        }
        Dice more(2);
        for (Sets& sets : sets_) {
            sps_.push_back(draft_sps(sets, more));
        }
    }

    std::vector<Sets> sets_;
    std::vector<Draft> sps_;
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

/// The parameter sets, too: read wrongly, they would lead the other parser astray in the slices.
TEST_F(HevcSliceHeaderTest, IsDraftedHereAsAnotherParserReadsIt)
{
    std::vector<Bytes> nals{draft_vps().nal()};
    for (const Draft& sps : sps_) {
        nals.push_back(sps.nal());
    }
    for (const Sets& sets : sets_) {
        nals.push_back(draft_pps(sets.pps).nal());
    }
    std::vector<Draft> slices;
    for (unsigned i = 0; i < k_sets * 12; ++i) {
        slices.push_back(SliceDraft(sets_[i % k_sets], i, i % k_sets, false).draft());
        nals.push_back(slices.back().nal());
    }
    const test::TempDir dir;
    const auto traced = test::trace(test::write_annex_b(dir / "drafts.hevc", nals), "hevc");
    ASSERT_LE(traced.size(), slices.size());
    ASSERT_GE(traced.size() + 4, slices.size()) << "ffmpeg leaves out what is before the first whole picture";
    for (std::size_t i = slices.size() - traced.size(), j = 0; i < slices.size(); ++i, ++j) {
        ASSERT_EQ(traced_values(traced[j]), slices[i].values) << i;
    }
}

TEST_F(HevcSliceHeaderTest, SetsOfReferencesAreReadAsTheyWereDrafted)
{
    for (std::size_t i = 0; i < sets_.size(); ++i) {
        const Sps sps = parse_sps(sps_[i].nal());
        ASSERT_EQ(sps.short_term.size(), sets_[i].short_term.size());
        for (std::size_t j = 0; j < sps.short_term.size(); ++j) {
            std::vector<int> before;
            std::vector<int> after;
            std::vector<bool> used;
            for (const auto& picture : sps.short_term[j].before) {
                before.push_back(picture.distance);
                used.push_back(picture.used);
            }
            for (const auto& picture : sps.short_term[j].after) {
                after.push_back(picture.distance);
                used.push_back(picture.used);
            }
            EXPECT_EQ(before, sets_[i].short_term[j].before) << i << " " << j;
            EXPECT_EQ(after, sets_[i].short_term[j].after) << i << " " << j;
            EXPECT_EQ(used, sets_[i].short_term[j].used) << i << " " << j;
        }
        EXPECT_EQ(sps.long_term_used.size(), sets_[i].sps.long_term_used.size());
        EXPECT_EQ(sps.blocks, 99);
    }
}

TEST_F(HevcSliceHeaderTest, IsTheSameUnderOtherIdsAsIfItHadBeenDraftedSo)
{
    for (std::size_t i = 0; i < sets_.size(); ++i) {
        const Sps sps = parse_sps(sps_[i].nal());
        const Pps pps = parse_pps(draft_pps(sets_[i].pps).nal());
        for (unsigned seed = 0; seed < k_slices_each; ++seed) {
            const SliceDraft own(sets_[i], seed, 3, false);
            const Bytes slice = own.draft().nal();
            EXPECT_EQ(rewritten(slice, sps, pps, {}), slice);
            for (const unsigned id : {0U, 1U, 5U, 30U, 63U}) {
                const Bytes wanted = SliceDraft(sets_[i], seed, id, false).draft().nal();
                ASSERT_EQ(rewritten(slice, sps, pps, {static_cast<int>(id), false}), wanted) << i << " " << seed;
                ASSERT_EQ(rewritten(wanted, sps, pps, {3, false}), slice) << i << " " << seed;
            }
            if (is_entry(own.type())) {
                ASSERT_EQ(rewritten(slice, sps, pps, {40, true}), SliceDraft(sets_[i], seed, 40, true).draft().nal());
            }
        }
    }
}

TEST_F(HevcSliceHeaderTest, EndsInAOneAndZeros)
{
    const Sps sps = parse_sps(sps_[0].nal());
    const Pps pps = parse_pps(draft_pps(sets_[0].pps).nal());
    const Bytes rbsp = unescaped(SliceDraft(sets_[0], 4, 0, false).draft().nal());
    SliceHeaderReader header(rbsp, sps, pps);
    header.head();
    header.rest();
    Bytes broken = rbsp;
    broken[header.position() / 8] ^= static_cast<std::uint8_t>(0x80U >> header.position() % 8);
    EXPECT_NO_THROW(header.alignment());
    SliceHeaderReader without(broken, sps, pps);
    without.head();
    without.rest();
    EXPECT_THROW(without.alignment(), Error);
}

} // namespace
} // namespace longtake::av::hevc
