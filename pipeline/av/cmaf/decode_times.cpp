#include "pipeline/av/cmaf/decode_times.h"

#include "pipeline/base/error.h"

#include <algorithm>

namespace longtake::av::cmaf {
namespace {

/// By how many pictures decoding has to lead showing.
std::size_t reordering(std::span<const std::int64_t> shown, std::span<const std::int64_t> sorted)
{
    std::size_t most = 0;
    for (std::size_t k = 0; k < shown.size(); ++k) {
        const auto rank = static_cast<std::size_t>(std::ranges::lower_bound(sorted, shown[k]) - sorted.begin());
        most = std::max(most, k - std::min(k, rank));
    }
    return most;
}

bool possible(std::span<const std::int64_t> shown, std::span<const std::int64_t> decoded)
{
    for (std::size_t k = 0; k < shown.size(); ++k) {
        if (decoded[k] > shown[k] || (k > 0 && decoded[k] <= decoded[k - 1])) {
            return false;
        }
    }
    return shown.empty() || decoded.front() == shown.front();
}

} // namespace

std::vector<std::int64_t> decode_times(std::span<const std::int64_t> shown)
{
    std::vector<std::int64_t> sorted(shown.begin(), shown.end());
    std::ranges::sort(sorted);
    const std::size_t lead = reordering(shown, sorted);
    std::vector<std::int64_t> decoded(shown.begin(), shown.end());
    if (lead > 0 && shown.size() > 1) {
        const auto room = sorted[1] - sorted[0];
        for (std::size_t k = 0; k < shown.size(); ++k) {
            decoded[k] = k > lead
                             ? sorted[k - lead]
                             : sorted[0] + room * static_cast<std::int64_t>(k) / static_cast<std::int64_t>(lead + 1);
        }
        decoded.back() = shown.back(); // it lasts to the end, and not beyond
    }
    if (!possible(shown, decoded)) {
        throw Error(Errc::internal, "fragment: its pictures cannot begin with the first that is shown");
    }
    return decoded;
}

} // namespace longtake::av::cmaf
