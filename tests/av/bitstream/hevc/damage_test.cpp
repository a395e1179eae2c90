#include "pipeline/av/bitstream/hevc/config.h"
#include "pipeline/av/bitstream/hevc/sei.h"
#include "pipeline/base/error.h"
#include "tests/av/hevc/streams.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <random>

namespace longtake::av::hevc {
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

/// How many of the functions that take a NAL unit accept this.
int accepting(const Bytes& bytes, const Sps& sps, const Pps& pps)
{
    int count = 0;
    count += accepted([&] { parse_vps(bytes); });
    count += accepted([&] { parse_sps(bytes); });
    count += accepted([&] { parse_pps(bytes); });
    count += accepted([&] { with_id(bytes, 5); });
    count += accepted([&] { with_ids(bytes, 5, 6); });
    count += accepted([&] { with_pps_ids(bytes, 5, 6); });
    count += accepted([&] { with_colour(bytes, {.primaries = 1}); });
    count += accepted([&] { pps_id_of(bytes); });
    count += accepted([&] { parse_slice(bytes, sps, pps); });
    count += accepted([&] { rewritten(bytes, sps, pps, {7, true}); });
    count += accepted([&] { parse_config(bytes); });
    transferable(bytes);
    return count;
}

/// Flips bits, overwrites, removes and inserts bytes, mostly near the front, where the headers are.
Bytes mutated(Bytes bytes, std::mt19937& random)
{
    for (auto changes = 1 + random() % 4; changes > 0 && !bytes.empty(); --changes) {
        const std::size_t reach = random() % 2 != 0 ? std::min<std::size_t>(bytes.size(), 40) : bytes.size();
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
class HevcDamageTest : public ::testing::Test {
protected:
    HevcDamageTest()
    {
        for (const auto& spec : specs({"WeightedP", "SubLayers", "Hrd", "FourSlices", "OpenGop"})) {
            streams_.emplace_back(test::write_hevc(dir_ / "in.hevc", spec));
        }
    }

    test::TempDir dir_;
    std::vector<Stream> streams_;
};

TEST_F(HevcDamageTest, IsRefusedWhereverAUnitIsCutOff)
{
    for (const Stream& in : streams_) {
        for (const Bytes& nal : in.nals) {
            for (std::size_t size = 0; size < std::min<std::size_t>(nal.size(), 150); ++size) {
                Bytes cut(nal.begin(), nal.begin() + static_cast<std::ptrdiff_t>(size));
                cut.shrink_to_fit();
                accepting(cut, in.sps, in.pps);
                if (size < 4) {
                    EXPECT_FALSE(accepted([&] { rewritten(cut, in.sps, in.pps, {1, false}); })) << size;
                    EXPECT_FALSE(accepted([&] { parse_sps(cut); })) << size;
                }
            }
        }
    }
}

TEST_F(HevcDamageTest, IsRefusedOrReadAgain)
{
    std::mt19937 random(1);
    int rewritten_slices = 0;
    for (const Stream& in : streams_) {
        for (int round = 0; round < 2000; ++round) {
            const Bytes damaged = mutated(in.nals[random() % in.nals.size()], random);
            accepting(damaged, in.sps, in.pps);
            Bytes out;
            if (accepted([&] { out = rewritten(damaged, in.sps, in.pps, {63, false}); })) {
                ++rewritten_slices;
                EXPECT_EQ(pps_id_of(out), 63);
                EXPECT_EQ(parse_slice(out, in.sps, in.pps).poc_lsb, parse_slice(damaged, in.sps, in.pps).poc_lsb);
                EXPECT_LE(out.size(), damaged.size() + 4);
            }
        }
    }
    EXPECT_GT(rewritten_slices, 1000);
}

TEST(HevcDamageByNoiseTest, IsNeverMoreThanRefused)
{
    std::mt19937 random(3);
    Sps sps;
    sps.blocks = 99;
    sps.sample_adaptive_offset = true;
    for (int round = 0; round < 6000; ++round) {
        Bytes noise(random() % 80);
        std::generate(noise.begin(), noise.end(),
                      [&] { return static_cast<std::uint8_t>(random() % 3 == 0 ? random() % 2 : random()); });
        if (noise.size() > 1 && round % 4 != 0) {
            constexpr std::array<std::uint8_t, 6> headers{0x40, 0x42, 0x44, 0x4e, 0x26, 0x02};
            noise[0] = headers[random() % headers.size()];
            noise[1] = 1;
        }
        Pps pps;
        pps.wavefronts = round % 2 == 0;
        pps.weighted_pred = round % 3 == 0;
        pps.lists_modification = round % 5 == 0;
        sps.long_term = round % 7 == 0;
        noise.shrink_to_fit();
        accepting(noise, sps, pps);
    }
}

} // namespace
} // namespace longtake::av::hevc
