#include "pipeline/av/speech/spoken.h"

#include "pipeline/av/sound/audio_reader.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>

namespace longtake::av {
namespace {

constexpr int k_rate = 16000;
constexpr std::size_t k_hop = 320; ///< samples: 20 ms
constexpr double k_hop_seconds = static_cast<double>(k_hop) / k_rate;
constexpr double k_pause = 0.2;     ///< seconds; shorter ones lie inside words
constexpr double k_shortest = 0.06; ///< seconds; what is shorter is a click
constexpr double k_silence_db = -60;

/// Level of every 20 ms, dB of full scale.
std::vector<double> levels_of(const std::filesystem::path& file)
{
    AudioReader reader(file, k_rate);
    std::vector<float> hop(2 * k_hop);
    std::vector<double> levels;
    while (const std::size_t count = reader.read(hop)) {
        const std::span<const float> heard = std::span(hop).first(2 * count);
        const double power =
            std::inner_product(heard.begin(), heard.end(), heard.begin(), 0.0) / (2.0 * static_cast<double>(count));
        levels.push_back(10 * std::log10(power + 1e-12));
    }
    return levels;
}

double quantile(std::vector<double> values, double share)
{
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

double threshold_of(const std::vector<double>& levels)
{
    constexpr double k_above_noise = 12, k_softest = 30, k_nearest = 10;
    const double loud = quantile(levels, 0.95);
    const double quiet = quantile(levels, 0.1);
    return std::max(k_silence_db, std::clamp(quiet + k_above_noise, loud - k_softest, loud - k_nearest));
}

} // namespace

std::vector<std::pair<double, double>> spoken_parts(const std::filesystem::path& file)
{
    const std::vector<double> levels = levels_of(file);
    std::vector<std::pair<double, double>> parts;
    if (levels.empty()) {
        return parts;
    }
    const double threshold = threshold_of(levels);
    for (std::size_t i = 0; i < levels.size(); ++i) {
        if (levels[i] <= threshold) {
            continue;
        }
        const double from = static_cast<double>(i) * k_hop_seconds;
        if (parts.empty() || from - parts.back().second >= k_pause) {
            parts.emplace_back(from, from);
        }
        parts.back().second = from + k_hop_seconds;
    }
    std::erase_if(parts, [](const auto& part) { return part.second - part.first < k_shortest; });
    return parts;
}

} // namespace longtake::av
