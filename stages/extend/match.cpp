#include "stages/extend/match.h"
#include "pipeline/av/picture/picture_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>

namespace longtake::stages {
namespace {

/// Frames of the tail a new take's first one is held against.
constexpr std::size_t k_lags = 4;
constexpr int k_most_repeated = 4;
constexpr int k_most_frozen = 3;
/// What noise adds to squared differences, code values squared.
constexpr double k_noise = 0.1;
/// Two pictures farther apart than this, root mean square code values, have nothing to do with each other.
constexpr double k_unrelated = 16;

using Distances = std::array<double, k_lags>;

const cv::Mat& from_end(const Strip& strip, std::size_t back)
{
    return strip[strip.size() - 1 - back].luma;
}

/// How far apart the tail's frames are from the one `lag` before, squared, in the mean.
double usual_step(const Strip& tail, std::size_t lag)
{
    double sum = 0;
    const std::size_t pairs = std::min<std::size_t>(tail.size() - lag, 6);
    for (std::size_t i = 0; i < pairs; ++i) {
        sum += image::luma_mse(from_end(tail, i), from_end(tail, i + lag));
    }
    return sum / static_cast<double>(pairs);
}

/// How badly distances fit what they should be, up to a constant that a new look of the picture adds to all of them.
double misfit(const Distances& seen, const Distances& should)
{
    double more = 0;
    for (std::size_t i = 0; i < k_lags; ++i) {
        more += (seen[i] - should[i]) / k_lags;
    }
    more = std::max(0.0, more);
    double sum = 0;
    for (std::size_t i = 0; i < k_lags; ++i) {
        const double error = seen[i] - should[i] - more;
        sum += error * error;
    }
    return sum;
}

/// The new take's first frame stands on the way the tail came: on its last frame, some before it, or one step on.
/// Distances to several frames of the tail say which, even where all of them are noisy.
int repeated_frames(const Strip& tail, const Strip& head, bool expected)
{
    Distances seen{};
    Distances onward{};
    for (std::size_t i = 0; i < k_lags; ++i) {
        seen[i] = image::luma_mse(from_end(tail, i), head.front().luma);
        onward[i] = usual_step(tail, i + 1);
    }
    const double doubt = k_noise * k_noise * k_lags;
    int best = 0;
    double best_misfit = 0;
    for (int count = 1; count <= k_most_repeated; ++count) {
        const auto at = static_cast<std::size_t>(count - 1);
        Distances should{};
        for (std::size_t i = 0; i < k_lags; ++i) {
            should[i] = i == at ? 0 : image::luma_mse(from_end(tail, i), from_end(tail, at));
        }
        const double error = misfit(seen, should);
        if (best == 0 || error + doubt < (best_misfit + doubt) / 2) { // several only if clearly so
            best = count;
            best_misfit = error;
        }
    }
    const double moved_on = misfit(seen, onward) + doubt;
    const double repeats = best_misfit + doubt;
    if (expected) {
        return moved_on < repeats / 2 ? 0 : best;
    }
    return repeats < moved_on / 2 ? best : 0;
}

/// Frames after `from` that show the same, up to one that moves as the tail did. An ease-in is no freeze.
int frozen_frames(const Strip& head, std::size_t from, double usual)
{
    constexpr double k_clearly = 10;
    for (std::size_t i = from + 1; i < head.size() && i <= from + k_most_frozen + 1; ++i) {
        const double step = image::luma_mse(head[i].luma, head[i - 1].luma);
        if (step < std::max(1.0, usual / 4)) {
            continue;
        }
        double still = 0;
        for (std::size_t j = from + 1; j < i; ++j) {
            still = std::max(still, image::luma_mse(head[j].luma, head[from].luma));
        }
        return still < step / k_clearly ? static_cast<int>(i - from) - 1 : 0;
    }
    return 0;
}

/// Frames of the parent compared, counted back from its last: close ones for precision, far ones for motion.
constexpr std::array k_backs = {0, 1, 2, 3, 5, 8, 13, 21};
constexpr double k_near = 1.5; ///< seconds about the expected frame that are searched first
constexpr double k_alike = 36; ///< squared code values: more is another picture
constexpr std::size_t k_compared = 22;

/// Slides the parent's end along a film.
class EndSearch {
public:
    EndSearch(const Footage& parent, const Footage& film, std::int64_t expected)
        : film_(film), expected_(expected), size_(image::thumbnail_size(parent.size)),
          tail_(tail_of(parent, k_compared, size_))
    {
        for (const int back : k_backs) {
            if (static_cast<std::size_t>(back) < tail_.size()) {
                const double seconds = parent.rate.seconds(back);
                backs_.push_back({static_cast<std::size_t>(back), static_cast<std::size_t>(film.rate.frames(seconds))});
            }
        }
    }

    /// The best match with its last frame in [from, to), if it is good.
    std::optional<std::int64_t> among(std::int64_t from, std::int64_t to) const
    {
        const auto reach = static_cast<std::int64_t>(backs_.back().in_film);
        std::int64_t frame = std::max<std::int64_t>(0, from - reach);
        av::PictureReader reader(film_.file, frame, size_);
        std::deque<image::Thumbnail> window;
        std::vector<std::pair<std::int64_t, double>> errors;
        for (auto picture = reader.next(); picture && frame < to; picture = reader.next(), ++frame) {
            window.push_front(image::thumbnail_of(std::move(*picture)));
            if (static_cast<std::int64_t>(window.size()) > reach + 1) {
                window.pop_back();
            }
            if (static_cast<std::int64_t>(window.size()) == reach + 1) {
                errors.emplace_back(frame, error(window));
            }
        }
        return choose(errors);
    }

private:
    struct Back {
        std::size_t in_tail;
        std::size_t in_film;
    };

    double error(const std::deque<image::Thumbnail>& window) const
    {
        double sum = 0;
        for (const Back& back : backs_) {
            sum += image::luma_mse(from_end(tail_, back.in_tail), window[back.in_film].luma);
        }
        return sum / static_cast<double>(backs_.size());
    }

    /// The best match; a frame farther from where it should be has to be a little better, which counts in still
    /// scenes alone.
    std::optional<std::int64_t> choose(const std::vector<std::pair<std::int64_t, double>>& errors) const
    {
        constexpr double k_each_frame = 0.02;
        double best = k_alike;
        for (const auto& [frame, error] : errors) {
            best = std::min(best, error);
        }
        const auto score = [&](const std::pair<std::int64_t, double>& match) {
            const auto away = static_cast<double>(std::abs(match.first - expected_));
            return match.second + k_each_frame * (best + k_noise) * away;
        };
        const auto chosen = std::min_element(errors.begin(), errors.end(),
                                             [&](const auto& a, const auto& b) { return score(a) < score(b); });
        return chosen != errors.end() && chosen->second < k_alike ? std::optional(chosen->first) : std::nullopt;
    }

    const Footage& film_;
    std::int64_t expected_;
    Size size_;
    Strip tail_;
    std::vector<Back> backs_;
};

} // namespace

Overlap overlap(const Strip& tail, const Strip& head, bool expected)
{
    Overlap found;
    if (tail.empty() || head.empty()) {
        return found;
    }
    const bool enough = tail.size() > 2 * k_lags;
    const double change = std::sqrt(image::luma_mse(tail.back().luma, head.front().luma));
    const double usual = enough ? usual_step(tail, 1) : 0;
    found.related = change < std::max(k_unrelated, 3 * std::sqrt(usual));
    if (!found.related) {
        return found;
    }
    found.repeated = enough ? repeated_frames(tail, head, expected) : (expected ? 1 : 0);
    if (found.repeated > 0) {
        found.frozen = frozen_frames(head, static_cast<std::size_t>(found.repeated - 1), usual);
    }
    return found;
}

FoundEnd find_end(const Footage& parent, const Footage& film, std::int64_t expected)
{
    const EndSearch search(parent, film, expected);
    const std::int64_t near = film.rate.frames(k_near);
    const std::int64_t last = film.end() - 1; // something new has to follow
    auto found = search.among(expected - near, std::min(last, expected + near + 1));
    if (!found) {
        found = search.among(0, last);
    }
    return {found.value_or(expected), found.has_value()};
}

} // namespace longtake::stages
