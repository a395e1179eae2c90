// libFuzzer over the whole prepare stage: the first two bytes choose what is asked for, the others are the file.
#include "pipeline/av/version.h"
#include "stages/prepare/prepare.h"
#include "tests/fuzz/memory_file.h"

#include <opencv2/core/utility.hpp>

#include <array>
#include <string>
#include <vector>

namespace longtake::fuzz {
namespace {

constexpr std::size_t k_choices = 2; // bytes

/// Small stills: the work is to be in the decoders.
stages::PictureRequest request_of(std::uint8_t kind, std::uint8_t shape)
{
    constexpr std::array k_fits{Fit::crop, Fit::blur, Fit::pad, Fit::reject};
    constexpr std::array k_sides{64, 160, 400, 5000};
    stages::PictureRequest request;
    request.fit = k_fits[kind & 3U];
    request.lenient = (kind & 4U) != 0;
    request.mask = (kind & 8U) != 0;
    request.background = (kind & 16U) != 0 ? "#20140c" : "";
    request.rules.formats =
        (kind & 32U) != 0 ? std::vector<std::string>{"png"} : std::vector<std::string>{"jpeg", "png"};
    request.rules.max_bytes = (kind & 64U) != 0 ? 20'000 : 10'000'000;
    request.rules.min_side = 8;
    request.rules.max_side = k_sides[shape & 3U];
    if ((shape & 4U) != 0) {
        request.aspect = (shape & 8U) != 0 ? 16.0 / 9 : 9.0 / 16;
    }
    if ((shape & 16U) != 0) {
        request.like = Size{96, 64};
    }
    return request;
}

} // namespace
} // namespace longtake::fuzz

// NOLINTBEGIN: libFuzzer's names
extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*arguments*/)
{
    longtake::av::quiet_log();
    cv::setNumThreads(1);
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
    stages::PictureRequest request = request_of(data[0], data[1]);
    request.file = file.path();
    answered([&] { stages::picture_size(request.file); });
    answered([&] { stages::conformed(request); });
    if ((data[0] & 128U) != 0) {
        answered([&] { stages::placement(request); });
    }
    return 0;
}
// NOLINTEND
