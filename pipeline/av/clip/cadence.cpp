#include "pipeline/av/clip/cadence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace longtake::av {
namespace {

constexpr double k_on_grid = 0.1;    ///< of a frame: what coarse time bases and recorders' clocks are off by
constexpr double k_near_grid = 0.15; ///< of a frame: the same between two pictures
constexpr double k_share = 0.9;      ///< of the steps have to fit a base rate
constexpr double k_noise = 0.0002;   ///< by what share a rate that was measured may be off (29.97 is 0.001 from 30)
constexpr double k_shorter = 0.97;   ///< a base rate is at least this share of the shortest steps' rate
constexpr double k_slides = 5;       ///< fewer pictures a second are slides
constexpr double k_most = 240;       ///< pictures a second of a film; clips of more are shown at a usual rate
constexpr Rate k_fastest{60, 1};

bool constant_at(Rate rate, const std::vector<std::int64_t>& times, double tick)
{
    const double tolerance = std::max(1.01 * tick, k_on_grid / rate.fps());
    for (std::size_t i = 0; i < times.size(); ++i) {
        const double at = static_cast<double>(times[i] - times.front()) * tick;
        if (std::abs(at - rate.seconds(static_cast<std::int64_t>(i))) > tolerance) {
            return false;
        }
    }
    return true;
}

Rate measured(double fps)
{
    constexpr int k_thousandths = 1000;
    const int num = static_cast<int>(std::lround(fps * k_thousandths));
    const int common = std::gcd(num, k_thousandths);
    return Rate{num / common, k_thousandths / common};
}

/// Seconds from each picture to the next.
std::vector<double> steps_of(const std::vector<std::int64_t>& times, double tick)
{
    std::vector<double> steps;
    for (std::size_t i = 1; i < times.size(); ++i) {
        if (times[i] > times[i - 1]) {
            steps.push_back(static_cast<double>(times[i] - times[i - 1]) * tick);
        }
    }
    return steps;
}

bool is_base(double fps, const std::vector<double>& steps, double tick)
{
    const double tolerance = std::max(k_near_grid, 1.01 * tick * fps);
    const auto fits = std::count_if(steps.begin(), steps.end(), [&](double step) {
        const double frames = std::round(step * fps);
        return frames >= 1 && std::abs(step * fps - frames) <= tolerance;
    });
    return static_cast<double>(fits) >= k_share * static_cast<double>(steps.size());
}

/// What the rate is exactly on whose grid the steps lie: 59.94 or 60.
Rate exact(double fps, const std::vector<double>& steps)
{
    double frames = 0;
    double seconds = 0;
    for (const double step : steps) {
        frames += std::round(step * fps);
        seconds += step;
    }
    const Rate found = measured(frames / seconds).usual(1 - k_shorter);
    if (found.num % found.den == 0) {
        return {found.num / found.den, 1};
    }
    return found.den == 1001 ? found : Rate{static_cast<int>(std::lround(fps)), 1};
}

Rate base_of(std::vector<double> steps, double tick)
{
    const auto tenth = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 10);
    std::nth_element(steps.begin(), tenth, steps.end());
    const double fastest = 1 / (*tenth + tick); // a coarse clock makes a step shorter by up to a tick
    if (fastest < k_slides) {
        constexpr std::array k_for_slides = {30.0, 25.0, 24.0};
        const auto* fit = std::find_if(k_for_slides.begin(), k_for_slides.end(),
                                       [&](double fps) { return is_base(fps, steps, tick); });
        return Rate{static_cast<int>(fit == k_for_slides.end() ? k_for_slides.front() : *fit), 1};
    }
    constexpr std::array k_bases = {24.0, 25.0, 30.0, 48.0, 50.0, 60.0, 120.0};
    for (const double fps : k_bases) {
        if (fps >= k_shorter * fastest && is_base(fps, steps, tick)) {
            return exact(fps, steps);
        }
    }
    const auto* next =
        std::find_if(k_bases.begin(), k_bases.end(), [&](double fps) { return fps >= k_shorter * fastest; });
    return next == k_bases.end() ? k_fastest : Rate{static_cast<int>(std::min(*next, k_fastest.fps())), 1};
}

bool is_film_rate(Rate rate)
{
    return rate.fps() >= k_slides && rate.fps() <= k_most;
}

} // namespace

Cadence cadence_of(const std::vector<std::int64_t>& times, double tick, Rate claimed)
{
    const std::vector<double> steps = steps_of(times, tick);
    if (steps.empty()) {
        return {is_film_rate(claimed) ? claimed : Rate{30, 1}, true};
    }
    const double span = static_cast<double>(times.back() - times.front()) * tick;
    const Rate average = measured(static_cast<double>(times.size() - 1) / span).usual(k_noise);
    for (const Rate rate : {claimed, average}) {
        if (is_film_rate(rate) && constant_at(rate, times, tick)) {
            return {rate, true};
        }
    }
    return {base_of(steps, tick), false};
}

} // namespace longtake::av
