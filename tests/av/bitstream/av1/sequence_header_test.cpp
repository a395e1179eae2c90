#include "pipeline/av/bitstream/av1/sequence_header.h"

#include "pipeline/av/bitstream/av1/config.h"
#include "pipeline/base/error.h"
#include "tests/av/av1/streams.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::av::av1 {
namespace {

class Av1SequenceHeaderTest : public ::testing::TestWithParam<Av1Spec> {
protected:
    test::TempDir dir_;
    std::filesystem::path file_ = write_av1(dir_ / "in.obu", GetParam());
    Bytes payload_ = sequence_header_in(test::read_bytes(file_));
    SequenceHeader header_ = parse_sequence_header(payload_);
};

bool is_sequence_header(const test::Traced& unit)
{
    return unit.get("obu_type") == static_cast<int>(ObuType::sequence_header);
}

std::vector<test::Traced> sequence_headers(const std::filesystem::path& file)
{
    auto units = test::trace(file, "obu");
    std::erase_if(units, [](const auto& unit) { return !is_sequence_header(unit); });
    return units;
}

TEST_P(Av1SequenceHeaderTest, IsReadAsAnotherParserReadsIt)
{
    const auto units = test::trace(file_, "obu");
    const bool of_its_kind = std::ranges::any_of(units, [&](const auto& unit) {
        return std::ranges::any_of(unit.elements, [&](const auto& element) {
            return element.name == GetParam().element && element.value == GetParam().value;
        });
    });
    ASSERT_TRUE(of_its_kind) << "not the stream that was asked for";
    const test::Traced traced = sequence_headers(file_).at(0);
    EXPECT_EQ(header_.profile, traced.get("seq_profile"));
    EXPECT_EQ(header_.still, traced.get("still_picture") != 0);
    EXPECT_EQ(header_.reduced, traced.get("reduced_still_picture_header") != 0);
    EXPECT_EQ(header_.level, traced.get("seq_level_idx[0]"));
    EXPECT_EQ(header_.tier, traced.get("seq_tier[0]"));
    EXPECT_FALSE(header_.layers);
    EXPECT_EQ(header_.buffer_model, traced.get("decoder_model_info_present_flag") != 0);
    EXPECT_EQ(header_.size.width, traced.get("max_frame_width_minus_1") + 1);
    EXPECT_EQ(header_.size.height, traced.get("max_frame_height_minus_1") + 1);
    EXPECT_EQ(header_.frame_id_bits > 0, traced.get("frame_id_numbers_present_flag") != 0);
    EXPECT_EQ(header_.order_hints, traced.get("enable_order_hint") != 0);
    EXPECT_EQ(header_.order_hint_bits, header_.order_hints ? traced.get("order_hint_bits_minus_1") + 1 : 0);
    EXPECT_EQ(header_.superres, traced.get("enable_superres") != 0);
    EXPECT_EQ(header_.monochrome, traced.get("mono_chrome") != 0);
    EXPECT_EQ(header_.bit_depth, traced.get("high_bitdepth") != 0 ? 10 : 8);
    EXPECT_EQ(header_.colour.primaries, traced.get("color_primaries", 2));
    EXPECT_EQ(header_.colour.matrix, traced.get("matrix_coefficients", 2));
    EXPECT_EQ(header_.colour.full_range, traced.get("color_range") != 0);
    EXPECT_EQ(header_.film_grain, traced.get("film_grain_params_present") != 0);
    const std::size_t head = traced.at("seq_profile");
    EXPECT_EQ(head + header_.level_begin, traced.at("seq_level_idx[0]"));
    EXPECT_EQ(head + header_.colour_begin, traced.at("color_description_present_flag"));
    EXPECT_EQ(head + header_.end, traced.at("trailing_one_bit"));
}

/// Another parser sees no other difference, and decoders decode the same.
TEST_P(Av1SequenceHeaderTest, CommonWordsChangeNothingElse)
{
    const CommonWords words{13, 1, 2}; // level 5.1 has tiers
    if (header_.profile != 0 || header_.monochrome || header_.reduced) {
        EXPECT_THROW(with_common_words(payload_, words), Error);
        return;
    }
    const Bytes said = with_common_words(payload_, words);
    const SequenceHeader after = parse_sequence_header(said);
    EXPECT_EQ((CommonWords{after.level, after.tier, after.chroma_position}), words);
    EXPECT_EQ(after.colour, k_bt709);
    std::vector<Bytes> units;
    for (const Bytes& unit : units_of(file_)) {
        units.emplace_back();
        for (const Obu& obu : split_obus(unit)) {
            const bool header = obu.type == ObuType::sequence_header;
            append_obu(units.back(), obu.type, header ? View(said) : obu.payload);
        }
    }
    const auto rewritten = write_units(dir_ / "out.obu", units);
    const std::vector<std::string> names{"seq_level_idx[0]",  "seq_tier[0]",
                                         "color_primaries",   "transfer_characteristics",
                                         "color_range",       "chroma_sample_position",
                                         "trailing_zero_bit", "color_description_present_flag",
                                         "obu_size",          "matrix_coefficients",
                                         "leb128_byte[0]"};
    const auto before = sequence_headers(file_);
    const auto traced = sequence_headers(rewritten);
    ASSERT_EQ(before.size(), traced.size());
    EXPECT_EQ(before.front().without(names), traced.front().without(names));
    EXPECT_EQ(traced.front().get("seq_tier[0]"), 1);
    EXPECT_EQ(traced.front().get("matrix_coefficients"), 1);
    const auto digests = test::frame_digests({file_, rewritten});
    EXPECT_EQ(digests[0], digests[1]);
}

INSTANTIATE_TEST_SUITE_P(Streams, Av1SequenceHeaderTest, ::testing::ValuesIn(k_specs), spec_name);

TEST(Av1SequenceHeaderDamageTest, IsRefusedWhereverItIsCutOff)
{
    const test::TempDir dir;
    const Bytes payload = sequence_header_in(test::read_bytes(write_av1(dir / "in.obu", spec_called("Rav1e"))));
    const std::size_t needed = parse_sequence_header(payload).end / 8; // the last byte may hold nothing but the filling
    for (std::size_t size = 0; size < needed; ++size) {
        EXPECT_THROW(parse_sequence_header(View(payload).first(size)), Error) << size;
    }
    EXPECT_THROW(with_common_words(payload, {32, 0, 0}), Error);
}

} // namespace
} // namespace longtake::av::av1
