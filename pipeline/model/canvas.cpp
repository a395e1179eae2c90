#include "pipeline/model/canvas.h"

#include <algorithm>
#include <cmath>

namespace longtake {
namespace {

constexpr double k_same_aspect = 0.02; ///< share by which aspects may differ

Fit fit_of(Preset::Reframe reframe)
{
    switch (reframe) {
    case Preset::Reframe::blur: return Fit::blur;
    case Preset::Reframe::pad: return Fit::pad;
    case Preset::Reframe::crop: return Fit::crop;
    }
    return Fit::blur;
}

} // namespace

SafeBox SafeBox::within(const SafeBox& other) const noexcept
{
    return {std::max(left, other.left), std::min(right, other.right), std::max(top, other.top),
            std::min(bottom, other.bottom)};
}

Canvas canvas_of(const Preset& preset, Size film)
{
    const Fit fit = fit_of(preset.reframe);
    const SafeBox safe = safe_box_of(preset);
    if (!preset.size) {
        return {film, fit, safe};
    }
    const bool smaller = film.width <= preset.size->width && film.height <= preset.size->height;
    return {preset.never_upscale && smaller ? film : *preset.size, fit, safe};
}

Rate output_rate(const Preset& preset, Rate film)
{
    if (preset.fps) {
        return *preset.fps;
    }
    if (preset.max_fps && film.fps() > preset.max_fps->fps()) {
        return *preset.max_fps;
    }
    if (preset.min_fps && film.fps() < preset.min_fps->fps()) {
        return *preset.min_fps;
    }
    return film;
}

bool shows_whole(const Preset& preset, Size film)
{
    return !preset.size || std::abs(preset.size->aspect() / film.aspect() - 1) < k_same_aspect;
}

SafeBox safe_box_of(const Preset& preset)
{
    if (!preset.safe_box.is_object()) {
        return {};
    }
    const auto& x = preset.safe_box.at("x");
    const auto& y = preset.safe_box.at("y");
    return {x.at(0).get<double>(), x.at(1).get<double>(), y.at(0).get<double>(), y.at(1).get<double>()};
}

} // namespace longtake
