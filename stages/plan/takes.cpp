#include "stages/plan/takes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <tuple>

namespace longtake::stages {
namespace {

constexpr double k_hair = 1e-6; ///< seconds; below any frame

bool is_any_length(const Model::Durations& durations)
{
    return durations.slots.empty() && durations.step <= 0;
}

/// The lengths on offer, ascending; not for models of any length.
std::vector<double> lengths(const Model::Durations& durations)
{
    std::vector<double> all = durations.slots;
    if (all.empty()) {
        for (int i = 0; *durations.min + i * durations.step <= *durations.max + k_hair; ++i) {
            all.push_back(*durations.min + i * durations.step);
        }
    }
    return all;
}

std::vector<double> only(std::vector<double> all, const Allowed& allowed)
{
    std::erase_if(all, [&](double seconds) { return !allowed(seconds); });
    return all;
}

int extensions_needed(double missing, double sure)
{
    return missing <= k_hair ? 0 : static_cast<int>(std::ceil(missing / sure - k_hair));
}

bool any_length(double /*seconds*/)
{
    return true;
}

/// An opening, and what is missing in the lengths an extension may be asked for.
Pieces opening_and_chosen(double opening, double seconds, const Model::Extend& extend)
{
    Pieces pieces{{PlannedTake::Kind::open, opening, opening}};
    if (seconds - opening > k_hair) {
        const std::optional<Pieces> added = with_chain(*extend.lengths, seconds - opening, any_length, any_length);
        for (const TakePiece& piece : added.value()) {
            pieces.push_back({PlannedTake::Kind::extend, piece.seconds, piece.seconds});
        }
    }
    return pieces;
}

Pieces opening_and_extensions(double opening, double seconds, const Model::Extend& extend)
{
    if (extend.lengths) {
        return opening_and_chosen(opening, seconds, extend);
    }
    const int extensions = extensions_needed(seconds - opening, extend.sure_seconds);
    Pieces pieces{{PlannedTake::Kind::open, opening, opening}};
    pieces.insert(pieces.end(), static_cast<std::size_t>(extensions),
                  {PlannedTake::Kind::extend, extend.billed_seconds, extend.sure_seconds});
    return pieces;
}

Pieces chained(const std::vector<double>& takes)
{
    Pieces pieces;
    for (const double seconds : takes) {
        const auto kind = pieces.empty() ? PlannedTake::Kind::open : PlannedTake::Kind::chain;
        pieces.push_back({kind, seconds, seconds});
    }
    return pieces;
}

/// The fewest takes of given lengths that make up exactly so many units.
class Sums {
public:
    static constexpr int k_never = std::numeric_limits<int>::max() / 2;

    Sums(std::vector<std::int64_t> lengths, std::int64_t up_to)
        : lengths_(std::move(lengths)), fewest_(static_cast<std::size_t>(up_to) + 1, k_never)
    {
        fewest_[0] = 0;
        for (std::int64_t sum = 1; sum <= up_to; ++sum) {
            for (const std::int64_t length : lengths_) {
                if (length <= sum) {
                    at(sum) = std::min(at(sum), at(sum - length) + 1);
                }
            }
        }
    }

    int fewest(std::int64_t sum) const { return sum < 0 ? k_never : fewest_[static_cast<std::size_t>(sum)]; }

    /// Longest first.
    std::vector<std::int64_t> takes(std::int64_t sum) const
    {
        std::vector<std::int64_t> found;
        while (sum > 0) {
            const auto fits = [&](std::int64_t length) { return fewest(sum - length) == fewest(sum) - 1; };
            const std::int64_t length = *std::find_if(lengths_.rbegin(), lengths_.rend(), fits);
            found.push_back(length);
            sum -= length;
        }
        std::sort(found.rbegin(), found.rend());
        return found;
    }

private:
    int& at(std::int64_t sum) { return fewest_[static_cast<std::size_t>(sum)]; }

    std::vector<std::int64_t> lengths_; ///< ascending
    std::vector<int> fewest_;
};

std::int64_t milliseconds(double seconds)
{
    return std::llround(seconds * 1000);
}

/// Takes of fixed lengths: counted in the largest unit that divides them all.
std::optional<Pieces> chain_of_slots(const std::vector<double>& links, const std::vector<double>& lasts, double seconds)
{
    if (lasts.empty()) {
        return std::nullopt;
    }
    if (links.empty()) { // one take or none
        const auto one = std::find_if(lasts.begin(), lasts.end(), [&](double l) { return l >= seconds - k_hair; });
        return one == lasts.end() ? std::nullopt : std::optional(chained({*one}));
    }
    std::int64_t unit = 0;
    for (const std::vector<double>* all : {&links, &lasts}) {
        for (const double length : *all) {
            unit = std::gcd(unit, milliseconds(length));
        }
    }
    std::vector<std::int64_t> lengths;
    for (const double length : links) {
        lengths.push_back(milliseconds(length) / unit);
    }
    const auto target = static_cast<std::int64_t>(std::ceil((seconds - k_hair) * 1000 / static_cast<double>(unit)));
    const Sums sums(lengths, target + lengths.back());

    using Row = std::tuple<std::int64_t, int, std::int64_t>; // total, takes, last: of equals the shortest last
    std::optional<Row> best;
    for (const double length : lasts) {
        const std::int64_t last = milliseconds(length) / unit;
        for (std::int64_t total = std::max(target, last); total <= target + lengths.back(); ++total) {
            if (const int before = sums.fewest(total - last); before < Sums::k_never) {
                const Row row{total, before + 1, last};
                best = best ? std::min(*best, row) : row;
                break;
            }
        }
    }
    if (!best) {
        return std::nullopt;
    }
    const auto [total, count, last] = *best;
    std::vector<double> takes;
    for (const std::int64_t length : sums.takes(total - last)) {
        takes.push_back(static_cast<double>(length * unit) / 1000);
    }
    takes.push_back(static_cast<double>(last * unit) / 1000);
    return chained(takes);
}

} // namespace

bool has_length(const Model::Durations& durations, double seconds)
{
    if (is_any_length(durations)) {
        return seconds >= *durations.min - k_hair && seconds <= *durations.max + k_hair;
    }
    const std::vector<double> all = lengths(durations);
    return std::any_of(all.begin(), all.end(), [&](double length) { return std::abs(length - seconds) < k_hair; });
}

std::string lengths_text(const Model::Durations& durations)
{
    return durations.slots.empty() ? fmt::format("{:.6g} to {:.6g} s", *durations.min, *durations.max)
                                   : fmt::format("{:.6g} s", fmt::join(durations.slots, " or "));
}

double sure_seconds(const Pieces& pieces)
{
    return std::accumulate(pieces.begin(), pieces.end(), 0.0,
                           [](double sum, const TakePiece& p) { return sum + p.guaranteed; });
}

double billed_seconds(const Pieces& pieces)
{
    return std::accumulate(pieces.begin(), pieces.end(), 0.0,
                           [](double sum, const TakePiece& p) { return sum + p.seconds; });
}

std::optional<Pieces> with_extensions(const Model::Durations& durations, const Model::Extend& extend, double seconds,
                                      const Allowed& opening)
{
    std::vector<double> openings;
    if (is_any_length(durations)) {
        const int extensions = extensions_needed(seconds - *durations.max, extend.sure_seconds);
        openings = {std::max(*durations.min, seconds - extensions * extend.sure_seconds)};
    } else {
        openings = only(lengths(durations), opening);
    }
    std::optional<Pieces> best;
    const auto worth = [&](const Pieces& p) {
        return std::tuple{milliseconds(billed_seconds(p)), p.size(), milliseconds(sure_seconds(p)),
                          -milliseconds(p.front().seconds)};
    };
    for (const double length : openings) {
        Pieces pieces = opening_and_extensions(length, seconds, extend);
        const bool fits = pieces.size() == 1 || sure_seconds(pieces) <= extend.max_total + k_hair;
        if (fits && (!best || worth(pieces) < worth(*best))) {
            best = std::move(pieces);
        }
    }
    return best;
}

std::optional<Pieces> with_chain(const Model::Durations& durations, double seconds, const Allowed& link,
                                 const Allowed& last)
{
    if (!is_any_length(durations)) {
        const std::vector<double> links = only(lengths(durations), link);
        return chain_of_slots(links, only(lengths(durations), last), seconds);
    }
    std::vector<double> takes;
    double rest = seconds;
    for (; rest > *durations.max + k_hair; rest -= *durations.max) {
        takes.push_back(*durations.max);
    }
    takes.push_back(std::max(rest, *durations.min));
    return chained(takes);
}

} // namespace longtake::stages
