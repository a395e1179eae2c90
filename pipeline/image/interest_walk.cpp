#include "pipeline/image/interest_walk.h"

#include "pipeline/image/saliency.h"

#include <opencv2/core.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace longtake::image {
namespace {

constexpr double k_clearly = 1.05; ///< what another place than the middle has to see
constexpr double k_worth = 1.12;   ///< what a walk has to see, to be better than standing still
constexpr double k_calm = 0.6;     ///< of what is seen in a look is given for a way of one window

using Row = std::vector<double>;

/// What windows at each start see in one map.
Row seen_from(const cv::Mat& map, double length, bool across)
{
    cv::Mat sums;
    cv::reduce(map, sums, across ? 0 : 1, cv::REDUCE_SUM, CV_64F);
    const Row profile(sums.begin<double>(), sums.end<double>());
    const double window = length * static_cast<double>(profile.size());
    Row seen;
    for (double start = 0; start <= static_cast<double>(profile.size()) - window + 1e-9; start += 1) {
        seen.push_back(seen_in(profile, start, window));
    }
    return seen;
}

std::size_t best_of(const Row& row)
{
    return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

Row mean_of(const std::vector<Row>& rows)
{
    Row mean(rows.front().size(), 0.0);
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            mean[i] += row[i] / static_cast<double>(rows.size());
        }
    }
    return mean;
}

/// The best sum that leads to each start, where a way costs `price` a sample; `from` says where it comes from.
Row reached(const Row& before, double price, std::vector<std::size_t>& from)
{
    Row best = before;
    from.resize(best.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
        from[i] = i;
    }
    const auto pull = [&](std::size_t i, std::size_t neighbour) {
        if (best[neighbour] - price > best[i]) {
            best[i] = best[neighbour] - price;
            from[i] = from[neighbour];
        }
    };
    for (std::size_t i = 1; i < best.size(); ++i) {
        pull(i, i - 1);
    }
    for (std::size_t i = best.size() - 1; i-- > 0;) {
        pull(i, i + 1);
    }
    return best;
}

std::vector<std::size_t> best_walk(const std::vector<Row>& seen, double price)
{
    std::vector<std::vector<std::size_t>> from(seen.size());
    Row sums = seen.front();
    for (std::size_t look = 1; look < seen.size(); ++look) {
        sums = reached(sums, price, from[look]);
        for (std::size_t i = 0; i < sums.size(); ++i) {
            sums[i] += seen[look][i];
        }
    }
    std::vector<std::size_t> walk(seen.size(), best_of(sums));
    for (std::size_t look = seen.size() - 1; look > 0; --look) {
        walk[look - 1] = from[look][walk[look]];
    }
    return walk;
}

double mean_seen(const std::vector<Row>& seen, const std::vector<std::size_t>& walk)
{
    double sum = 0;
    for (std::size_t look = 0; look < seen.size(); ++look) {
        sum += seen[look][walk[look]] / static_cast<double>(seen.size());
    }
    return sum;
}

} // namespace

InterestWalk walk_of(const std::vector<cv::Mat>& interest, double length, bool across)
{
    std::vector<Row> seen;
    for (const cv::Mat& map : interest) {
        seen.push_back(seen_from(map, length, across));
    }
    const Row mean = mean_of(seen);
    const std::size_t best = best_of(mean);
    const double samples = across ? interest.front().cols : interest.front().rows;
    std::vector<std::size_t> walk = best_walk(seen, k_calm * mean[best] / (length * samples));
    const double walked = mean_seen(seen, walk);
    if (walked < k_worth * mean[best]) {
        std::fill(walk.begin(), walk.end(), best);
    }
    InterestWalk result;
    result.clear = std::max(walked, mean[best]) > k_clearly * mean[mean.size() / 2];
    for (const std::size_t start : walk) {
        result.centres.push_back(static_cast<double>(start) / samples + length / 2);
    }
    return result;
}

} // namespace longtake::image
