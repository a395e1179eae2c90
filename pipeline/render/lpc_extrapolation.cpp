#include "pipeline/render/lpc_extrapolation.h"

#include <algorithm>

namespace longtake::render {

namespace {

constexpr std::size_t k_order = 96;
constexpr double k_silence = 1e-12; ///< energy below which there is nothing to predict

/// Coefficients a with x[n] = sum a[i] * x[n - 1 - i]. J. P. Burg, "Maximum entropy spectral analysis", 1967.
std::vector<double> burg(const std::vector<double>& x, std::size_t order)
{
    std::vector<double> forward = x;
    std::vector<double> backward = x;
    std::vector<double> a;
    for (std::size_t m = 0; m < order; ++m) {
        double cross = 0;
        double energy = 0;
        for (std::size_t n = m + 1; n < x.size(); ++n) {
            cross += forward[n] * backward[n - 1];
            energy += forward[n] * forward[n] + backward[n - 1] * backward[n - 1];
        }
        if (energy < k_silence) {
            break;
        }
        const double reflection = 2 * cross / energy;
        for (std::size_t n = x.size() - 1; n > m; --n) {
            const double ahead = forward[n];
            forward[n] = ahead - reflection * backward[n - 1];
            backward[n] = backward[n - 1] - reflection * ahead;
        }
        std::vector<double> next = a;
        next.push_back(reflection);
        for (std::size_t i = 0; i < a.size(); ++i) {
            next[i] -= reflection * a[a.size() - 1 - i];
        }
        a = std::move(next);
    }
    return a;
}

void continue_channel(std::span<const float> stereo, std::size_t channel, std::span<float> out)
{
    std::vector<double> x;
    for (std::size_t i = channel; i < stereo.size(); i += 2) {
        x.push_back(stereo[i]);
    }
    const std::vector<double> a = burg(x, std::min(k_order, x.size() / 3));
    for (std::size_t i = channel; i < out.size(); i += 2) {
        double next = 0;
        for (std::size_t k = 0; k < a.size(); ++k) {
            next += a[k] * x[x.size() - 1 - k];
        }
        x.push_back(next);
        out[i] = static_cast<float>(next);
    }
}

} // namespace

std::vector<float> continuation(std::span<const float> stereo, std::size_t samples)
{
    std::vector<float> out(2 * samples, 0.0F);
    continue_channel(stereo, 0, out);
    continue_channel(stereo, 1, out);
    return out;
}

} // namespace longtake::render
