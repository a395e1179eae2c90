#include "pipeline/model/canvas.h"

#include <algorithm>
#include <cmath>
#include <optional>

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

/// A film of this size with so many pixels on its shorter side; encoders want even sides.
Size scaled_to(int short_side, Size film)
{
    const double scale = static_cast<double>(short_side) / std::min(film.width, film.height);
    const auto even = [&](int side) { return std::max(2, static_cast<int>(std::lround(side * scale / 2)) * 2); };
    return {even(film.width), even(film.height)};
}

std::optional<Size> size_of(const Preset& preset, Size film)
{
    return preset.size || preset.short_side == 0 ? preset.size : scaled_to(preset.short_side, film);
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
    const std::optional<Size> size = size_of(preset, film);
    if (!size) {
        return {film, fit, safe, preset.dynamic_range};
    }
    const bool smaller = film.width <= size->width && film.height <= size->height;
    return {preset.never_upscale && smaller ? film : *size, fit, safe, preset.dynamic_range};
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
