#include "stages/extend/colour_match.h"

namespace longtake::stages {
namespace {

constexpr double k_unseen = 0.5; ///< CIEDE2000

} // namespace

Grade transfer(const image::ColourStats& from, const image::ColourStats& to, const image::GradeLimits& limits)
{
    return image::rounded(image::grade_between(from.moments, to.moments, limits));
}

Grade grade_toward(const av::Frame& rgb, const image::ColourStats& to, const image::GradeLimits& limits)
{
    const image::ColourStats from = image::colour_stats_of_rgb(rgb);
    const double apart = image::difference(from.bands, to.bands);
    if (apart < k_unseen) {
        return {};
    }
    const Grade grade = transfer(from, to, limits);
    const image::ColourStats graded = image::colour_stats_of_rgb(image::graded_rgb(rgb, grade));
    return image::difference(graded.bands, to.bands) < apart ? grade : Grade{};
}

} // namespace longtake::stages
