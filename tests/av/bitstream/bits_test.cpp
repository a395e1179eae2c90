#include "pipeline/av/bitstream/bits.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace longtake::av {
namespace {

constexpr int k_any = std::numeric_limits<int>::max();

TEST(BitsTest, PreventsWhatLooksLikeAStartCode)
{
    EXPECT_EQ(escaped(Bytes{0x41, 0, 0, 0, 0x41, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 1}),
              (Bytes{0x41, 0, 0, 3, 0, 0x41, 0, 0, 3, 1, 0, 0, 3, 2, 0, 0, 3, 3, 0, 0, 4, 0, 1}));
    EXPECT_EQ(escaped(Bytes{0x41, 0x80, 0, 0, 0, 0}), (Bytes{0x41, 0x80, 0, 0, 3, 0, 0, 3})); // cabac_zero_words
}

TEST(BitsTest, TakesOutWhatItPutIn)
{
    std::mt19937 random(1);
    for (int round = 0; round < 2000; ++round) {
        Bytes rbsp{0x41};
        for (auto left = random() % 40; left > 0; --left) {
            rbsp.push_back(static_cast<std::uint8_t>(random() % 3 != 0 ? 0 : random() % 5));
        }
        rbsp.push_back(0x80);
        rbsp.resize(rbsp.size() + 2 * (random() % 3), 0); // cabac_zero_words
        const Bytes nal = escaped(rbsp);
        EXPECT_EQ(unescaped(nal), rbsp);
        EXPECT_NE(nal.back(), 0);
        for (std::size_t i = 2; i < nal.size(); ++i) {
            ASSERT_FALSE(nal[i - 2] == 0 && nal[i - 1] == 0 && nal[i] < 3);
        }
    }
}

TEST(BitsTest, ReadsTheCodesOfTheStandard) // tables 9-2 and 9-3
{
    // 1 010 011 00100 00101 00110 00111 0001000: 0 1 2 3 4 5 6 7, or 0 1 -1 2 -2 3 -3 4
    const Bytes rbsp{0x67, 0b10100110, 0b01000010, 0b10011000, 0b11100010, 0b00100000};
    BitReader numbers(rbsp, stop_bit(rbsp));
    for (int i = 0; i < 8; ++i) {
        EXPECT_EQ(numbers.ue("n", 7), i);
    }
    EXPECT_TRUE(numbers.at_end());
    BitReader integers(rbsp, stop_bit(rbsp));
    for (const int wanted : {0, 1, -1, 2, -2, 3, -3, 4}) {
        EXPECT_EQ(integers.se("n", -3, 4), wanted);
    }
}

TEST(BitsTest, ReadsBackWhatItWrote)
{
    std::mt19937 random(2);
    for (int round = 0; round < 500; ++round) {
        const int before = static_cast<int>(random() % 8);
        const auto number = static_cast<int>(random() >> (1 + random() % 31));
        const int integer = number / (random() % 2 != 0 ? 2 : -2);
        const int width = static_cast<int>(random() % 33);
        const auto raw = static_cast<std::uint32_t>(random() & ((std::uint64_t{1} << width) - 1));
        BitWriter out(0x41);
        out.bits(1, before);
        out.ue(static_cast<std::uint32_t>(number));
        out.se(integer);
        out.bits(raw, width);
        out.finish();
        const Bytes rbsp = unescaped(out.nal());
        BitReader in(rbsp, stop_bit(rbsp));
        EXPECT_EQ(in.bits(before, "before"), before > 0 ? 1U : 0U);
        EXPECT_EQ(in.ue("number", k_any), number);
        EXPECT_EQ(in.se("integer", -k_any, k_any), integer);
        EXPECT_EQ(in.bits(width, "raw"), raw);
        EXPECT_TRUE(in.at_end());
    }
}

TEST(BitsTest, CopiesFromAnywhereToAnywhere)
{
    std::mt19937 random(3);
    Bytes from(9, 0x41);
    std::generate(from.begin() + 1, from.end(), [&] { return static_cast<std::uint8_t>(random()); });
    from.back() |= 1; // the stop bit
    for (std::size_t first = 8; first <= 24; ++first) {
        for (std::size_t second = first; second < 71; ++second) {
            BitWriter out(0x41);
            out.copy(from, 8, first);
            out.copy(from, first, second);
            out.copy(from, second, 71);
            out.finish();
            EXPECT_EQ(out.nal(), escaped(from)) << first << " " << second;
            BitWriter shifted(0x41);
            shifted.bits(0, static_cast<int>(first % 8));
            shifted.copy(from, first, second);
            shifted.finish();
            const Bytes rbsp = unescaped(shifted.nal());
            ASSERT_EQ(stop_bit(rbsp), 8 + first % 8 + second - first);
            BitWriter back(0x41);
            back.copy(from, 8, first);
            back.copy(rbsp, 8 + first % 8, stop_bit(rbsp));
            back.copy(from, second, 71);
            back.finish();
            EXPECT_EQ(back.nal(), escaped(from)) << first << " " << second;
        }
    }
}

TEST(BitsTest, HoldsTheGreatestNumbersThereAre)
{
    BitWriter out(0x41);
    out.ue(0xfffffffe);
    out.se(std::numeric_limits<std::int32_t>::min() + 1);
    out.se(k_any);
    out.bits(0xffffffff, 32);
    out.finish();
    const Bytes rbsp = unescaped(out.nal());
    BitReader in(rbsp, stop_bit(rbsp));
    in.skip_ue("greatest");
    EXPECT_EQ(in.se("least", -k_any, 0), -k_any);
    EXPECT_EQ(in.se("greatest", 0, k_any), k_any);
    EXPECT_EQ(in.bits(32, "ones"), 0xffffffffU);
    EXPECT_TRUE(in.at_end());
}

TEST(BitsTest, RefusesToReadPastTheEndOrOutOfRange)
{
    const Bytes rbsp{0x67, 0b00100000, 0x80};
    BitReader in(rbsp, stop_bit(rbsp));
    EXPECT_THROW(in.bits(9, "nine"), Error);
    EXPECT_THROW(in.ue("three", 2), Error);
    EXPECT_THROW(in.skip_ue("cut off: 3 bits are left"), Error);

    const Bytes zeros{0x67, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0x80};
    BitReader long_code(zeros, stop_bit(zeros));
    EXPECT_THROW(long_code.skip_ue("32 zeros"), Error);

    EXPECT_THROW(stop_bit(Bytes{0x67}), Error);
    EXPECT_THROW(stop_bit(Bytes{0x67, 0, 0}), Error);
    EXPECT_THROW(stop_bit({}), Error);
    EXPECT_EQ(stop_bit(Bytes{0x67, 0x80, 0, 0}), 8U);
    EXPECT_EQ(stop_bit(Bytes{0x67, 0, 1}), 23U);
}

TEST(BitsTest, SaysWhichElementIsWrong)
{
    const Bytes rbsp{0x67, 0b00100000, 0x80};
    BitReader in(rbsp, stop_bit(rbsp));
    try {
        in.ue("seq_parameter_set_id", 1);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input);
        EXPECT_STREQ(error.what(), "seq_parameter_set_id: 3 is more than 1");
    }
}

} // namespace
} // namespace longtake::av
