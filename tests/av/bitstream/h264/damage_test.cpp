#include "pipeline/av/bitstream/bits.h"
#include "pipeline/av/bitstream/h264/slice.h"
#include "pipeline/base/error.h"
#include "tests/av/h264/streams.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <random>

namespace longtake::av::h264 {
namespace {

/// Whether `work` ended well. Any other end than that or Error(input) leaves here and fails the test.
template <class Work>
bool accepted(Work&& work)
{
    try {
        work();
        return true;
    } catch (const Error& error) {
        if (error.code() != Errc::input) {
            throw;
        }
        return false;
    }
}

/// How many of the functions that take a NAL unit or a packet accept this.
int accepting(const Bytes& bytes, const Sps& sps, const Pps& pps)
{
    int count = 0;
    count += accepted([&] { parse_sps(bytes); });
    count += accepted([&] { parse_pps(bytes); });
    count += accepted([&] { with_id(bytes, 5); });
    count += accepted([&] { with_ids(bytes, 5, 6); });
    count += accepted([&] { with_colour(bytes, {.primaries = 1}); });
    count += accepted([&] { pps_id_of(bytes); });
    count += accepted([&] { parse_slice(bytes, sps, pps); });
    count += accepted([&] { rewritten(bytes, sps, pps, {7, 8}); });
    count += accepted([&] { parse_config(bytes); });
    for (const int length_size : {0, 1, 2, 4}) {
        count += accepted([&] { split(bytes, length_size); });
    }
    return count;
}

/// Exactly as large as `bytes`, so that a read past the end is seen by an address sanitizer.
Bytes first_bytes(const Bytes& bytes, std::size_t size)
{
    Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    cut.shrink_to_fit();
    return cut;
}

/// Flips bits, overwrites, removes and inserts bytes, mostly near the front, where the headers are.
Bytes mutated(Bytes bytes, std::mt19937& random)
{
    for (auto changes = 1 + random() % 4; changes > 0 && !bytes.empty(); --changes) {
        const std::size_t reach = random() % 2 != 0 ? std::min<std::size_t>(bytes.size(), 24) : bytes.size();
        const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(random() % reach);
        switch (random() % 4) {
        case 0: *at = static_cast<std::uint8_t>(*at ^ 1U << random() % 8); break;
        case 1: *at = static_cast<std::uint8_t>(random() % 2 != 0 ? random() : random() % 4); break;
        case 2: bytes.erase(at); break;
        default: bytes.insert(at, random() % 5, static_cast<std::uint8_t>(random() % 3 != 0 ? 0 : random())); break;
        }
    }
    bytes.shrink_to_fit();
    return bytes;
}

/// Streams whose every unit is then damaged.
class DamageTest : public ::testing::Test {
protected:
    DamageTest()
    {
        for (const auto& spec : specs({"WeightedPCavlc", "StrictPyramid", "Hrd", "Yuv444"})) {
            streams_.emplace_back(test::write_h264(dir_ / "in.h264", spec));
        }
    }

    test::TempDir dir_;
    std::vector<Stream> streams_;
};

TEST_F(DamageTest, IsRefusedWhereverAUnitIsCutOff)
{
    for (const Stream& in : streams_) {
        for (const Bytes& nal : in.nals) {
            const std::size_t most = std::min<std::size_t>(nal.size(), 150);
            for (std::size_t size = 0; size < most; ++size) {
                accepting(first_bytes(nal, size), in.sps, in.pps);
            }
            if (type_of(nal) == NalType::sps) {
                for (std::size_t size = 0; size < nal.size(); ++size) {
                    EXPECT_FALSE(accepted([&] { parse_sps(first_bytes(nal, size)); })) << size;
                }
            }
            if (is_slice(nal)) {
                for (std::size_t size = 0; size < 4; ++size) {
                    EXPECT_FALSE(accepted([&] { rewritten(first_bytes(nal, size), in.sps, in.pps, {7, 8}); })) << size;
                }
            }
        }
    }
}

TEST_F(DamageTest, NeverDoesMoreThanToBeRefused)
{
    std::mt19937 random(1);
    int some = 0;
    int none = 0;
    for (const Stream& in : streams_) {
        const Bytes config = build_config({first_of(in.nals, NalType::sps)}, {first_of(in.nals, NalType::pps)});
        for (int round = 0; round < 1500; ++round) {
            const std::size_t which =
                round % 5 == 0 ? in.nals.size() : random() % std::min<std::size_t>(in.nals.size(), 8);
            const Bytes& nal = which < in.nals.size() ? in.nals[which] : config;
            const Bytes damaged = mutated(first_bytes(nal, std::min<std::size_t>(nal.size(), 300)), random);
            (accepting(damaged, in.sps, in.pps) > 0 ? some : none) += 1;
        }
    }
    EXPECT_GT(some, 1000);
    EXPECT_GT(none, 100);
}

TEST_F(DamageTest, WhatIsAcceptedAllTheSameCanBeReadAgain)
{
    std::mt19937 random(2);
    int accepted_slices = 0;
    for (const Stream& in : streams_) {
        for (int round = 0; round < 1000; ++round) {
            const Bytes& nal = in.nals[random() % in.nals.size()];
            const Bytes damaged = mutated(nal, random);
            Bytes out;
            if (!damaged.empty() && accepted([&] { out = rewritten(damaged, in.sps, in.pps, {200, 300}); })) {
                ++accepted_slices;
                EXPECT_EQ(pps_id_of(out), 200);
                const Slice before = parse_slice(damaged, in.sps, in.pps);
                const Slice after = parse_slice(out, in.sps, in.pps);
                EXPECT_EQ(after.frame_num, before.frame_num);
                EXPECT_EQ(after.first_mb, before.first_mb);
                constexpr std::array<std::uint8_t, 3> start_code{0, 0, 1};
                EXPECT_EQ(std::search(out.begin(), out.end(), start_code.begin(), start_code.end()), out.end());
            }
        }
    }
    EXPECT_GT(accepted_slices, 500);
}

TEST(DamageByNoiseTest, IsNeverMoreThanRefused)
{
    std::mt19937 random(3);
    Sps sps;
    sps.coded = {176, 144};
    for (int round = 0; round < 4000; ++round) {
        Bytes noise(random() % 60);
        std::generate(noise.begin(), noise.end(),
                      [&] { return static_cast<std::uint8_t>(random() % 3 == 0 ? random() % 2 : random()); });
        if (!noise.empty() && round % 4 != 0) {
            constexpr std::array<std::uint8_t, 4> headers{0x67, 0x68, 0x65, 0x41};
            noise[0] = headers[random() % headers.size()];
        }
        Pps pps;
        pps.cabac = round % 2 == 0;
        pps.weighted_pred = round % 3 == 0;
        noise.shrink_to_fit();
        accepting(noise, sps, pps);
    }
}

} // namespace
} // namespace longtake::av::h264
