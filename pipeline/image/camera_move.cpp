#include "pipeline/image/camera_move.h"

#include "pipeline/base/smoothstep.h"
#include "pipeline/image/smooth_track.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace longtake::image {
namespace {

constexpr double k_planned_air = 0.10; ///< of the window
constexpr double k_dead_zone = 0.12;   ///< of the window, either way from its middle
constexpr double k_steps = 5;          ///< a second

double middle_of(const Extent& extent)
{
    return (extent.first + extent.last) / 2;
}

/// Where a subject that goes on as between two looks is at another frame.
Extent carried_to(std::int64_t frame, const Extent& one, const Extent& other)
{
    const double share = static_cast<double>(frame - one.frame) / static_cast<double>(other.frame - one.frame);
    return {frame, one.first + share * (other.first - one.first), one.last + share * (other.last - one.last)};
}

/// A subject to the very ends of the shot, which lie a little before its first look and after its last.
std::vector<Extent> to_the_ends(std::vector<Extent> subject, const Slide& slide)
{
    constexpr double k_little = 0.5;      ///< seconds
    constexpr std::ptrdiff_t k_lever = 2; ///< looks between those a way is taken from
    if (std::ssize(subject) <= k_lever) {
        return subject;
    }
    const auto is_near = [&](std::int64_t a, std::int64_t b) { return a < b && slide.rate.seconds(b - a) < k_little; };
    const std::int64_t last = slide.first + slide.frames - 1;
    if (is_near(subject.back().frame, last)) {
        subject.push_back(carried_to(last, *(subject.end() - 1 - k_lever), subject.back()));
    }
    if (is_near(slide.first, subject.front().frame)) {
        subject.insert(subject.begin(), carried_to(slide.first, subject[k_lever], subject.front()));
    }
    return subject;
}

/// The centres of windows that hold a subject with air; its own middle, if it is larger than they are.
struct Centres {
    double first = 0, last = 0;
};

Centres holding(const Extent& extent, const Slide& slide)
{
    const double reach = slide.length * (0.5 - k_planned_air);
    const double first = extent.last - reach;
    const double last = extent.first + reach;
    const auto inside = [&](double centre) { return std::clamp(centre, slide.least, slide.most); };
    return first <= last ? Centres{inside(first), inside(last)}
                         : Centres{inside(middle_of(extent)), inside(middle_of(extent))};
}

double median(std::vector<double> values)
{
    const auto middle = values.begin() + std::ssize(values) / 2;
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// One place that holds the subject at every look, as near as it can to where it mostly is.
std::optional<double> still_place(const std::vector<Extent>& subject, const Slide& slide)
{
    Centres all{slide.least, slide.most};
    std::vector<double> middles;
    for (const Extent& extent : subject) {
        const Centres one = holding(extent, slide);
        all = {std::max(all.first, one.first), std::min(all.last, one.last)};
        middles.push_back(middle_of(extent));
    }
    return all.first <= all.last ? std::optional(std::clamp(median(std::move(middles)), all.first, all.last))
                                 : std::nullopt;
}

/// A grid of control points over a shot, with one before and two after it, as a spline needs them.
struct Grid {
    explicit Grid(const Slide& slide)
        : step(std::max<std::int64_t>(1, std::llround(slide.rate.fps() / k_steps))), first(slide.first - step),
          points(static_cast<std::size_t>((slide.frames + step - 1) / step) + 4), seconds(slide.rate.seconds(step))
    {
    }

    double at(std::int64_t frame) const { return static_cast<double>(frame - first) / static_cast<double>(step); }

    std::int64_t step;
    std::int64_t first;
    std::size_t points;
    double seconds;
};

double spline_at(const std::vector<double>& points, const Grid& grid, std::int64_t frame)
{
    FramingPath path{FramingPath::Kind::pan, grid.first, grid.step, {}};
    const std::int64_t near = (frame - grid.first) / grid.step - 1; // the only points that count
    path.first += near * grid.step;
    for (std::int64_t i = near; i < near + 4; ++i) {
        const std::int64_t last = std::ssize(points) - 1;
        path.points.push_back({points[static_cast<std::size_t>(std::clamp<std::int64_t>(i, 0, last))], 0});
    }
    return centre_at(path, frame).x;
}

/// Whether points that lie `seconds` apart move within limits.
bool is_within(const std::vector<double>& points, const CameraLimits& limits, double seconds)
{
    std::vector<double> change = points;
    for (const double limit : {limits.speed, limits.acceleration, limits.jerk}) {
        for (std::size_t i = 0; i + 1 < change.size(); ++i) {
            change[i] = (change[i + 1] - change[i]) / seconds;
            if (std::abs(change[i]) > limit) {
                return false;
            }
        }
        change.resize(std::max<std::size_t>(1, change.size()) - 1);
    }
    return true;
}

/// The eased move between two control points (they may lie outside the shot, which then shows a part of it) that comes
/// nearest to the subject's middles: a line fitted by least squares over the eased time.
std::vector<double> fitted_pan(const std::vector<Extent>& subject, const Grid& grid, double from, double to)
{
    const auto eased = [&](double at) { return smoothstep((at - from) / (to - from)); };
    double n = 0, s = 0, ss = 0, m = 0, sm = 0;
    for (const Extent& extent : subject) {
        const double share = eased(grid.at(extent.frame));
        n += 1;
        s += share;
        ss += share * share;
        m += middle_of(extent);
        sm += share * middle_of(extent);
    }
    const double spread = n * ss - s * s;
    if (spread <= 1e-9) {
        return {};
    }
    const double slope = (n * sm - s * m) / spread;
    std::vector<double> points(grid.points);
    for (std::size_t i = 0; i < points.size(); ++i) {
        points[i] = (m - slope * s) / n + slope * eased(static_cast<double>(i));
    }
    return points;
}

/// How far the subject is off the middle, squared and summed; empty unless every look is held.
std::optional<double> off_middle(const std::vector<Extent>& subject, const Slide& slide, const Grid& grid,
                                 const std::vector<double>& points)
{
    double sum = 0;
    for (const Extent& extent : subject) {
        const double centre = spline_at(points, grid, extent.frame);
        const Centres hold = holding(extent, slide);
        if (centre < hold.first - 1e-9 || centre > hold.last + 1e-9) {
            return std::nullopt;
        }
        sum += (centre - middle_of(extent)) * (centre - middle_of(extent));
    }
    return sum;
}

/// The pan that has the subject nearest to its middle, if there is one that holds it.
std::vector<double> best_pan(const std::vector<Extent>& subject, const Slide& slide, const Grid& grid,
                             const CameraLimits& limits)
{
    constexpr int k_eighths = 8;
    const double whole = static_cast<double>(grid.points);
    std::vector<double> best;
    double least = 0;
    for (int from = -k_eighths / 2; from <= k_eighths - 2; ++from) {
        for (int to = std::max(2, from + 2); to <= k_eighths * 3 / 2; ++to) {
            std::vector<double> pan = fitted_pan(subject, grid, whole * from / k_eighths, whole * to / k_eighths);
            for (double& point : pan) {
                point = std::clamp(point, slide.least, slide.most);
            }
            if (pan.empty() || !is_within(pan, limits, grid.seconds)) {
                continue;
            }
            const std::optional<double> off = off_middle(subject, slide, grid, pan);
            if (off && (best.empty() || *off < least)) {
                least = *off;
                best = std::move(pan);
            }
        }
    }
    return best;
}

std::vector<Wanted> wanted_of(const std::vector<Extent>& subject, const Slide& slide, const Grid& grid)
{
    std::vector<Wanted> wanted;
    for (const Extent& extent : subject) {
        const Centres hold = holding(extent, slide);
        const double reach = k_dead_zone * slide.length;
        wanted.push_back({grid.at(extent.frame), hold.first, hold.last,
                          std::clamp(middle_of(extent) - reach, hold.first, hold.last),
                          std::clamp(middle_of(extent) + reach, hold.first, hold.last)});
    }
    return wanted;
}

} // namespace

CameraLimits limits_for(const std::vector<Extent>& subject, Rate rate)
{
    constexpr double k_apart = 0.7;   ///< seconds over which speed is measured: what shakes is not fast
    constexpr double k_share = 0.95;  ///< of the looks are slower
    constexpr double k_faster = 1.15; ///< than the subject, so as to catch up with it
    constexpr double k_most = 4;
    std::vector<double> speeds;
    for (std::size_t i = 0, j = 0; i < subject.size(); ++i) {
        while (j < subject.size() && rate.seconds(subject[j].frame - subject[i].frame) < k_apart) {
            ++j;
        }
        if (j < subject.size()) {
            speeds.push_back(std::abs(middle_of(subject[j]) - middle_of(subject[i])) /
                             rate.seconds(subject[j].frame - subject[i].frame));
        }
    }
    std::sort(speeds.begin(), speeds.end());
    CameraLimits limits;
    const double speed =
        speeds.empty() ? 0 : speeds[static_cast<std::size_t>(k_share * static_cast<double>(speeds.size() - 1))];
    const double times = std::clamp(k_faster * speed / limits.speed, 1.0, k_most);
    return {limits.speed * times, limits.acceleration * times, limits.jerk * times};
}

CameraMove camera_move(const std::vector<Extent>& looks, const Slide& slide)
{
    const std::vector<Extent> subject = to_the_ends(looks, slide);
    const auto still = [&](double centre) {
        return CameraMove{FramingPath::Kind::still, slide.first, 1, {std::clamp(centre, slide.least, slide.most)}};
    };
    if (subject.empty()) {
        return still((slide.least + slide.most) / 2);
    }
    if (const auto place = still_place(subject, slide)) {
        return still(*place);
    }
    const Grid grid(slide);
    const CameraLimits limits = limits_for(subject, slide.rate);
    std::vector<double> pan = best_pan(subject, slide, grid, limits);
    if (!pan.empty()) {
        return {FramingPath::Kind::pan, grid.first, grid.step, std::move(pan)};
    }
    return {FramingPath::Kind::track, grid.first, grid.step,
            smooth_track(wanted_of(subject, slide, grid), grid.points, slide, limits, grid.seconds)};
}

} // namespace longtake::image
