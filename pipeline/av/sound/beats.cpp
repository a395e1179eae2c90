#include "pipeline/av/sound/beats.h"

#include "pipeline/av/sound/audio_reader.h"
#include "pipeline/av/sound/onsets.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace longtake::av {
namespace {

constexpr int k_beat_rate = 24000;                ///< what files are decoded at, Hz
constexpr double k_least_music = 4;               ///< seconds
constexpr double k_slowest = 50, k_fastest = 210; ///< beats a minute
constexpr double k_usual = 120, k_octaves = 0.9;  ///< the prior's middle (beats a minute) and deviation
constexpr std::size_t k_multiples = 4;            ///< of a period that have to be alike
constexpr double k_struck = 0.05;                 ///< contrast of onsets that are heard as such, see Onsets

using Strength = std::vector<double>;

/// By a Gaussian of 20 ms: people do not play on the hundredth of a second.
Strength smoothed(const Strength& onsets)
{
    constexpr double k_deviation = 2; // steps
    constexpr std::ptrdiff_t k_reach = 6;
    Strength out(onsets.size());
    for (std::ptrdiff_t i = 0; i < std::ssize(onsets); ++i) {
        double weights = 0;
        for (std::ptrdiff_t j = std::max<std::ptrdiff_t>(0, i - k_reach);
             j < std::min(std::ssize(onsets), i + k_reach + 1); ++j) {
            const double z = static_cast<double>(j - i) / k_deviation;
            const double weight = std::exp(-z * z / 2);
            out[i] += weight * onsets[j];
            weights += weight;
        }
        out[i] /= weights;
    }
    return out;
}

/// How alike the onsets are to themselves so many steps later, 1 the same; up to `most` steps.
Strength autocorrelation(const Strength& onsets, std::size_t most)
{
    const auto alike = [&](std::size_t lag) {
        const double sum =
            std::inner_product(onsets.begin() + static_cast<std::ptrdiff_t>(lag), onsets.end(), onsets.begin(), 0.0);
        return sum / static_cast<double>(onsets.size() - lag);
    };
    const double power = alike(0);
    Strength out(most + 1);
    for (std::size_t lag = 0; lag <= most && power > 0; ++lag) {
        out[lag] = alike(lag) / power;
    }
    return out;
}

double at(const Strength& values, double index)
{
    const auto below = static_cast<std::size_t>(index);
    const double part = index - static_cast<double>(below);
    return values[below] * (1 - part) + values[below + 1] * part;
}

struct Period {
    double steps = 0;
    double clarity = 0; ///< mean autocorrelation at its multiples
};

Period period_of(const Strength& onsets)
{
    constexpr double k_fine = 0.1; // steps
    const double shortest = 60 / k_fastest / k_onset_step, longest = 60 / k_slowest / k_onset_step;
    const std::size_t most = std::min(static_cast<std::size_t>(k_multiples * longest) + 1, onsets.size() / 2);
    const Strength alike = autocorrelation(onsets, most);
    Period best;
    double best_score = 0;
    for (double steps = shortest; steps <= longest; steps += k_fine) {
        double sum = 0;
        double count = 0;
        for (std::size_t i = 1; i <= k_multiples && static_cast<double>(i) * steps < static_cast<double>(most); ++i) {
            sum += at(alike, static_cast<double>(i) * steps);
            ++count;
        }
        const double z = std::log2(60 / (steps * k_onset_step) / k_usual) / k_octaves;
        const double clarity = count > 0 ? sum / count : 0;
        if (const double score = clarity * std::exp(-z * z / 2); score > best_score) {
            best_score = score;
            best = {steps, clarity};
        }
    }
    return best;
}

/// The row of steps that has the most onsets under it for how uneven it is.
std::vector<std::size_t> best_row(const Strength& onsets, double period)
{
    constexpr double k_evenness = 100;
    constexpr std::ptrdiff_t k_first = -1;
    std::vector<double> score(onsets.size());
    std::vector<std::ptrdiff_t> before(onsets.size(), k_first);
    const auto nearest = static_cast<std::size_t>(period / 2), farthest = static_cast<std::size_t>(period * 2);
    for (std::size_t i = 0; i < onsets.size(); ++i) {
        double best = 0;
        for (std::size_t step = nearest; step <= std::min(farthest, i); ++step) {
            const double uneven = std::log(static_cast<double>(step) / period);
            const double value = score[i - step] - k_evenness * uneven * uneven;
            if (value > best) {
                best = value;
                before[i] = static_cast<std::ptrdiff_t>(i - step);
            }
        }
        score[i] = onsets[i] + best;
    }
    std::vector<std::size_t> row;
    for (auto i = std::distance(score.begin(), std::max_element(score.begin(), score.end())); i != k_first;
         i = before[static_cast<std::size_t>(i)]) {
        row.push_back(static_cast<std::size_t>(i));
    }
    std::reverse(row.begin(), row.end());
    return row;
}

double median(std::vector<double> values)
{
    if (values.empty()) {
        return 0;
    }
    const auto middle = values.begin() + std::ssize(values) / 2;
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// The most that starts within 30 ms of a step.
double support(const Strength& onsets, std::size_t step)
{
    constexpr std::size_t k_near = 3;
    const auto from = onsets.begin() + static_cast<std::ptrdiff_t>(step < k_near ? 0 : step - k_near);
    const auto to = onsets.begin() + static_cast<std::ptrdiff_t>(std::min(onsets.size(), step + k_near + 1));
    return std::max(0.0, *std::max_element(from, to));
}

/// Takes off both ends what goes on into music that does not keep the beat.
void trim(std::vector<std::size_t>& row, const Strength& onsets)
{
    constexpr std::size_t k_bar = 4;
    constexpr double k_weak = 0.2, k_weak_bar = 0.5; // of the usual support
    std::vector<double> supports;
    for (const std::size_t step : row) {
        supports.push_back(support(onsets, step));
    }
    const double usual = median(supports);
    const auto holds = [&](std::size_t from) { // a bar from here on keeps the beat, and so does its first
        const auto first = supports.begin() + static_cast<std::ptrdiff_t>(from);
        return supports[from] > k_weak * usual && supports[from + k_bar - 1] > k_weak * usual &&
               std::accumulate(first, first + k_bar, 0.0) > k_weak_bar * usual * k_bar;
    };
    std::size_t first = 0, last = row.size();
    while (first + k_bar <= last && !holds(first)) {
        ++first;
    }
    while (last >= first + k_bar && !holds(last - k_bar)) {
        --last;
    }
    row.resize(last < first + k_bar ? 0 : last);
    row.erase(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(std::min(first, row.size())));
}

/// Where within 30 ms of `seconds` the sound rises most from 20 ms before to 20 ms after, in steps of 2 ms.
double rise_near(std::span<const float> mono, int sample_rate, double seconds)
{
    constexpr double k_reach = 0.03, k_fine = 0.002, k_side = 0.02;
    const auto sample = [&](double t) {
        return static_cast<std::size_t>(std::clamp(t * sample_rate, 0.0, static_cast<double>(mono.size())));
    };
    const auto level = [&](double from) { // not its mean: what lies outside is silent
        const auto part = mono.subspan(sample(from), sample(from + k_side) - sample(from));
        return std::sqrt(std::inner_product(part.begin(), part.end(), part.begin(), 0.0));
    };
    double best = seconds;
    double most = 0;
    for (double t = seconds - k_reach; t <= seconds + k_reach; t += k_fine) {
        if (const double rise = level(t) - level(t - k_side); rise > most) {
            most = rise;
            best = t;
        }
    }
    return std::max(0.0, best);
}

/// Where every second beat is much weaker, what was counted are eighths: the stronger half stays.
void count_quarters(std::vector<std::size_t>& row, const Strength& onsets, double period)
{
    constexpr double k_quick = 110; // beats a minute; half of less is slower than people tap
    constexpr double k_weak = 0.5;
    if (60 / (period * k_onset_step) < k_quick) {
        return;
    }
    double strength[2] = {0, 0};
    for (std::size_t i = 0; i < row.size(); ++i) {
        strength[i % 2] += support(onsets, row[i]);
    }
    if (std::min(strength[0], strength[1]) < k_weak * std::max(strength[0], strength[1])) {
        std::size_t kept = 0;
        for (std::size_t i = strength[0] > strength[1] ? 0 : 1; i < row.size(); i += 2) {
            row[kept++] = row[i];
        }
        row.resize(kept);
    }
}

/// Short sounds keep a beat by chance: of 40 made sounds like speech the clearest had 0.47 in 4 s, 0.34 in 6 s and 0.21
/// in 8 s.
double least_confidence(double seconds)
{
    constexpr double k_chance = 2.4; // seconds
    return std::max(k_least_confidence, k_chance / seconds);
}

} // namespace

Beats find_beats(std::span<const float> mono, int sample_rate)
{
    Beats beats;
    beats.seconds = static_cast<double>(mono.size()) / sample_rate;
    if (beats.seconds < k_least_music) {
        return beats;
    }
    const Onsets found = onsets_of(mono, sample_rate);
    const Strength onsets = smoothed(found.strength);
    const Period period = period_of(onsets);
    const double struck =
        std::min(1.0, found.contrast / k_struck); // squared: partials of a chord beat as evenly as drums
    beats.confidence = std::clamp(period.clarity * struck * struck, 0.0, 1.0);
    if (beats.confidence < least_confidence(beats.seconds)) {
        return beats;
    }
    std::vector<std::size_t> row = best_row(onsets, period.steps);
    trim(row, onsets);
    count_quarters(row, onsets, period.steps);
    for (const std::size_t step : row) {
        beats.times.push_back(rise_near(mono, sample_rate, onset_time(static_cast<double>(step))));
    }
    if (beats.times.size() > 1) {
        beats.tempo = 60 * static_cast<double>(beats.times.size() - 1) / (beats.times.back() - beats.times.front());
    }
    return beats;
}

Beats find_beats(const std::filesystem::path& file)
{
    AudioReader reader(file, k_beat_rate);
    std::vector<float> mono;
    std::vector<float> stereo(2 * 4096);
    while (const std::size_t count = reader.read(stereo)) {
        for (std::size_t i = 0; i < count; ++i) {
            mono.push_back((stereo[2 * i] + stereo[2 * i + 1]) / 2);
        }
    }
    return find_beats(mono, k_beat_rate);
}

} // namespace longtake::av
