// libFuzzer over the readers of pictures and sound: the first three bytes choose, the others are the file.
#include "pipeline/av/clip/conformed_reader.h"
#include "pipeline/av/picture/picture_reader.h"
#include "pipeline/av/sound/audio_reader.h"
#include "pipeline/av/version.h"
#include "tests/fuzz/memory_file.h"

#include <array>
#include <vector>

namespace longtake::fuzz {
namespace {

constexpr std::size_t k_choices = 3; // bytes
constexpr int k_most_pictures = 30;
constexpr std::size_t k_block = 2 * 4096; // samples of both channels
constexpr int k_most_blocks = 40;

/// Small pictures: the work is to be in the readers.
av::Conform conform_of(std::uint8_t shape)
{
    constexpr std::array k_fits{Fit::crop, Fit::blur, Fit::pad, Fit::blur};
    constexpr std::array k_rates{Rate{25, 1}, Rate{60, 1}, Rate{24000, 1001}, Rate{50, 1}};
    av::Conform to;
    to.damage = (shape & 1U) != 0 ? av::Damage::passed_over : av::Damage::refused;
    to.fit = k_fits[shape >> 1 & 3U];
    to.background = (shape & 8U) != 0 ? "#20140c" : "";
    to.rate = k_rates[shape >> 4 & 3U];
    to.size = (shape & 64U) != 0 ? Size{48, 64} : Size{64, 48};
    return to;
}

void conformed(const std::string& file, const av::Conform& to, std::int64_t first)
{
    av::ConformedReader reader(file, to, first);
    for (int i = 0; i < k_most_pictures && reader.next(); ++i) {
    }
}

void displayed(const std::string& file, std::int64_t first)
{
    av::PictureReader reader(file, first, Size{64, 48});
    for (int i = 0; i < k_most_pictures && reader.next(); ++i) {
    }
}

void heard(const std::string& file, int rate, std::int64_t start, av::Damage damage)
{
    av::AudioReader reader(file, rate, start, damage);
    std::vector<float> block(k_block);
    for (int i = 0; i < k_most_blocks && reader.read(block) > 0; ++i) {
    }
}

} // namespace
} // namespace longtake::fuzz

// NOLINTBEGIN: libFuzzer's names
extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*arguments*/)
{
    longtake::av::quiet_log();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length)
{
    using namespace longtake;
    using namespace longtake::fuzz;
    if (length <= k_choices) {
        return 0;
    }
    const MemoryFile file(data + k_choices, length - k_choices);
    const av::Conform to = conform_of(data[0]);
    const std::int64_t first = data[1];
    if ((data[0] & 128U) == 0) {
        answered([&] { conformed(file.path(), to, first); });
    } else {
        answered([&] { displayed(file.path(), first); });
    }
    const int rate = (data[2] & 1U) != 0 ? 48000 : 44100;
    answered([&] { heard(file.path(), rate, (data[2] >> 1) * std::int64_t{5000}, to.damage); });
    return 0;
}
// NOLINTEND
