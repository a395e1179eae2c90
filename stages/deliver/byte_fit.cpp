#include "stages/deliver/byte_fit.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake::stages {
namespace {

constexpr double k_aim = 0.992;          ///< of the most; two passes of libx264 miss by less, most times
constexpr std::int64_t k_least = 16'000; ///< bits/s below which there is no picture
constexpr double k_most_change = 2;      ///< by which one try may differ from the one before
constexpr double k_raised = 1.05;        ///< a rate so many times the last one ...
constexpr double k_used = 0.2;           ///< ... of whose growth less than this is used is more than the film can use

} // namespace

ByteFit::ByteFit(std::int64_t most, double seconds, std::int64_t sound)
    : most_(most), seconds_(seconds), rest_(static_cast<std::int64_t>(static_cast<double>(sound) * seconds / 8))
{
}

std::int64_t ByteFit::bitrate() const
{
    const double left = k_aim * static_cast<double>(most_) - static_cast<double>(rest_);
    auto rate = static_cast<std::int64_t>(8 * left / seconds_ / per_bit_);
    if (last_rate_ > 0) {
        rate = std::min(rate, static_cast<std::int64_t>(k_most_change * static_cast<double>(last_rate_)));
    }
    if (8 * left / seconds_ < k_least) {
        throw Error(Errc::usage,
                    fmt::format("{} bytes are too few for {:.0f} s of film; make it shorter", most_, seconds_));
    }
    return std::max(rate, k_least);
}

void ByteFit::looked(std::int64_t file, std::int64_t pictures)
{
    rest_ = file - pictures;
}

bool ByteFit::tried(std::int64_t file, std::int64_t pictures)
{
    const std::int64_t rate = bitrate();
    looked(file, pictures);
    ++tries_;
    const bool fits = file <= most_;
    const bool full = fits && static_cast<double>(file) >= k_full * static_cast<double>(most_);
    const double more = last_rate_ > 0 ? static_cast<double>(rate) / static_cast<double>(last_rate_) : 1;
    const double used = last_rate_ > 0 ? static_cast<double>(pictures) / static_cast<double>(last_pictures_) : 1;
    const bool saturated = fits && more >= k_raised && used - 1 < k_used * (more - 1);
    if (fits && file > best_bytes_) {
        best_ = rate;
        best_bytes_ = file;
    }
    last_rate_ = rate;
    last_pictures_ = pictures;
    per_bit_ = 8 * static_cast<double>(pictures) / (static_cast<double>(rate) * seconds_);
    return full || saturated;
}

} // namespace longtake::stages
