#include "pipeline/image/smooth_track.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace longtake::image {
namespace {

constexpr double k_unbounded = std::numeric_limits<double>::infinity();

/// One term of the programme: a weighted sum z of up to four neighbouring points that costs
/// slope * (distance of z from [first, last]) + curve / 2 * z^2, and must stay within +-bound.
struct Term {
    std::size_t point = 0;
    std::array<double, 4> weights{};
    double first = 0, last = 0;
    double slope = 0;
    double curve = 0;
    double bound = k_unbounded;
    double value = 0; ///< the copy of z that obeys
    double debt = 0;  ///< the scaled multiplier

    double sum(const std::vector<double>& points) const
    {
        double total = 0;
        for (std::size_t i = 0; i < 4 && point + i < points.size(); ++i) {
            total += weights[i] * points[point + i];
        }
        return total;
    }

    /// What costs least near `at`: the term's proximal operator for a penalty of 1.
    double nearest(double at) const
    {
        double z = at / (1 + curve);
        if (z > last) {
            z = std::max(last, (at - slope) / (1 + curve));
        } else if (z < first) {
            z = std::min(first, (at + slope) / (1 + curve));
        }
        return std::clamp(z, -bound, bound);
    }
};

/// A symmetric positive definite matrix with three diagonals on either side, by Cholesky.
class Banded {
public:
    Banded(const std::vector<Term>& terms, std::size_t points) : rows_(points)
    {
        for (const Term& term : terms) {
            for (std::size_t i = 0; i < 4; ++i) {
                for (std::size_t j = 0; j <= i && term.point + i < points; ++j) {
                    rows_[term.point + i][i - j] += term.weights[i] * term.weights[j];
                }
            }
        }
        factorise();
    }

    void solve(std::vector<double>& x) const
    {
        for (std::size_t i = 0; i < x.size(); ++i) {
            for (std::size_t k = 1; k <= std::min<std::size_t>(3, i); ++k) {
                x[i] -= rows_[i][k] * x[i - k];
            }
            x[i] /= rows_[i][0];
        }
        for (std::size_t i = x.size(); i-- > 0;) {
            for (std::size_t k = 1; k <= 3 && i + k < x.size(); ++k) {
                x[i] -= rows_[i + k][k] * x[i + k];
            }
            x[i] /= rows_[i][0];
        }
    }

private:
    void factorise()
    {
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            for (std::size_t k = std::min<std::size_t>(3, i) + 1; k-- > 0;) {
                const std::size_t j = i - k;
                double sum = rows_[i][k];
                for (std::size_t m = k + 1; m <= std::min<std::size_t>(3, i) && m - k <= 3; ++m) {
                    sum -= rows_[i][m] * rows_[j][m - k];
                }
                rows_[i][k] = k == 0 ? std::sqrt(sum) : sum / rows_[j][0];
            }
        }
    }

    std::vector<std::array<double, 4>> rows_; ///< element k of row i: column i - k
};

/// The four weights at a place between the points, and the first point they are of.
Term at_place(double at, std::size_t points)
{
    const double before = std::clamp(std::floor(at), 1.0, static_cast<double>(points) - 3);
    const double u = at - before;
    const double v = 1 - u;
    Term term;
    term.point = static_cast<std::size_t>(before) - 1;
    term.weights = {v * v * v / 6, (3 * u * u * u - 6 * u * u + 4) / 6, (3 * v * v * v - 6 * v * v + 4) / 6,
                    u * u * u / 6};
    return term;
}

/// The terms that make it smooth, in units of the limits.
void add_smoothness(std::vector<Term>& terms, std::size_t points, const CameraLimits& limits, double step)
{
    constexpr double k_speed = 0.3, k_acceleration = 1, k_jerk = 1;
    const auto add = [&](std::array<double, 4> weights, std::size_t used, double unit, double slope, double curve) {
        for (double& weight : weights) {
            weight /= unit;
        }
        for (std::size_t i = 0; i + used <= points; ++i) {
            terms.push_back({i, weights, 0, 0, slope, curve, 1, 0, 0});
        }
    };
    add({-1, 1, 0, 0}, 2, limits.speed * step, k_speed, 0);
    add({1, -2, 1, 0}, 3, limits.acceleration * step * step, 0, k_acceleration);
    add({-1, 3, -3, 1}, 4, limits.jerk * step * step * step, 0, k_jerk);
}

/// Everything about the middle of the range, so that every bound lies symmetrically about nothing.
std::vector<Term> terms_of(const std::vector<Wanted>& wanted, std::size_t points, const Slide& slide,
                           const CameraLimits& limits, double step)
{
    constexpr double k_hold = 200, k_calm = 0.4; ///< by which a length of the window costs
    constexpr double k_weight = 4;               ///< of these terms among the others, for speed of convergence
    const double middle = (slide.least + slide.most) / 2;
    const double unit = slide.length / k_weight;
    std::vector<Term> terms;
    for (std::size_t i = 0; i < points; ++i) {
        terms.push_back({i, {1 / unit, 0, 0, 0}, 0, 0, 0, 0, (slide.most - slide.least) / 2 / unit, 0, 0});
    }
    for (const Wanted& want : wanted) {
        Term hold = at_place(want.at, points);
        for (double& weight : hold.weights) {
            weight /= unit;
        }
        Term calm = hold;
        hold.first = (want.hold_first - middle) / unit;
        hold.last = (want.hold_last - middle) / unit;
        hold.slope = k_hold / k_weight;
        calm.first = (want.calm_first - middle) / unit;
        calm.last = (want.calm_last - middle) / unit;
        calm.slope = k_calm / k_weight;
        terms.push_back(hold);
        terms.push_back(calm);
    }
    add_smoothness(terms, points, limits, step);
    return terms;
}

/// One round; how far points and copies are apart at most.
double improve(std::vector<Term>& terms, const Banded& matrix, std::vector<double>& points)
{
    std::fill(points.begin(), points.end(), 0.0);
    for (const Term& term : terms) {
        for (std::size_t i = 0; i < 4 && term.point + i < points.size(); ++i) {
            points[term.point + i] += term.weights[i] * (term.value - term.debt);
        }
    }
    matrix.solve(points);
    double apart = 0;
    for (Term& term : terms) {
        constexpr double k_relaxed = 1.6;
        const double sum = term.sum(points);
        const double mixed = k_relaxed * sum + (1 - k_relaxed) * term.value;
        const double before = term.value;
        term.value = term.nearest(mixed + term.debt);
        term.debt += mixed - term.value;
        apart = std::max({apart, std::abs(sum - term.value), std::abs(term.value - before)});
    }
    return apart;
}

} // namespace

std::vector<double> smooth_track(const std::vector<Wanted>& wanted, std::size_t points, const Slide& slide,
                                 const CameraLimits& limits, double step_seconds)
{
    constexpr int k_most_rounds = 6000;
    constexpr double k_near = 1e-4; ///< of a limit
    std::vector<Term> terms = terms_of(wanted, points, slide, limits, step_seconds);
    const Banded matrix(terms, points);
    std::vector<double> track(points, 0.0);
    for (int i = 0; i < k_most_rounds && (improve(terms, matrix, track) > k_near || i == 0); ++i) {
    }
    double over = 1;
    for (const Term& term : terms) {
        over = std::max(over, std::abs(term.sum(track)) / term.bound);
    }
    for (double& point : track) {
        point = (slide.least + slide.most) / 2 + point / over;
    }
    return track;
}

} // namespace longtake::image
