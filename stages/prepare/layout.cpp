#include "stages/prepare/layout.h"

#include "pipeline/base/error.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>

namespace longtake::stages::picture {
namespace {

constexpr double k_equal = 0.005;
constexpr double k_near = 0.01;

int whole(double value)
{
    return std::max(1, static_cast<int>(std::lround(value)));
}

/// How far two aspects are apart: 0 equal, 0.5 one is half as wide again.
double apart(double a, double b)
{
    return std::max(a / b, b / a) - 1;
}

/// A size before it is rounded: a small canvas is still to be enlarged.
struct Exact {
    double width = 0, height = 0;

    Size rounded() const { return {whole(width), whole(height)}; }
};

/// The largest window of this aspect inside the picture.
Exact inside(Size picture, double aspect)
{
    return {std::min<double>(picture.width, picture.height * aspect),
            std::min<double>(picture.height, picture.width / aspect)};
}

/// The smallest canvas of this aspect around the picture.
Exact around(Size picture, double aspect)
{
    return {std::max<double>(picture.width, picture.height * aspect),
            std::max<double>(picture.height, picture.width / aspect)};
}

/// Brought within the rules' sides; the shorter side decides when they contradict each other.
Size within_sides(Exact canvas, const ImageRules& rules)
{
    const Size size = canvas.rounded();
    double scale = 1;
    if (std::max(size.width, size.height) > rules.max_side) {
        scale = rules.max_side / std::max(canvas.width, canvas.height);
    }
    if (std::min(size.width, size.height) * scale < rules.min_side) {
        scale = rules.min_side / std::min(canvas.width, canvas.height);
    }
    return Exact{canvas.width * scale, canvas.height * scale}.rounded();
}

/// Rounding may have left the aspect a hair outside the rules: the longer side gives way.
Size within_aspect(Size canvas, double max_aspect)
{
    const auto limit = [&](int shorter) { return static_cast<int>(std::floor(shorter * max_aspect + 1e-9)); };
    return {std::min(canvas.width, limit(canvas.height)), std::min(canvas.height, limit(canvas.width))};
}

/// The picture, whole and as large as possible, in the middle of the canvas.
Box contained(Size picture, Size canvas)
{
    const double scale = std::min(static_cast<double>(canvas.width) / picture.width,
                                  static_cast<double>(canvas.height) / picture.height);
    const Size scaled{std::min(canvas.width, whole(picture.width * scale)),
                      std::min(canvas.height, whole(picture.height * scale))};
    return centred(canvas, scaled);
}

std::string ratio(double aspect)
{
    return aspect >= 1 ? fmt::format("{:.2f}:1", aspect) : fmt::format("1:{:.2f}", 1 / aspect);
}

[[noreturn]] void reject(Size picture, double wanted)
{
    throw Error(Errc::input, fmt::format("the picture is {} ({}) but {} is wanted, and the fit is 'reject'; "
                                         "crop it yourself, or choose the fit blur, pad or crop",
                                         picture.text(), ratio(picture.aspect()), ratio(wanted)));
}

double wanted_aspect(Size picture, const Frame& frame)
{
    if (frame.like) {
        return frame.like->aspect();
    }
    const double widest = frame.rules.max_aspect;
    return std::clamp(frame.aspect.value_or(picture.aspect()), 1 / widest, widest);
}

bool allowed(double aspect, const ImageRules& rules)
{
    return aspect <= rules.max_aspect && 1 / aspect <= rules.max_aspect;
}

/// The still's size. Rounding may have left the aspect a hair outside the rules: a window gives way, a canvas grows.
Size still_size(Exact canvas, const ImageRules& rules, bool cut)
{
    const Size size = within_sides(canvas, rules);
    if (allowed(size.aspect(), rules)) {
        return size;
    }
    const Size less = within_aspect(size, rules.max_aspect);
    const Size more = size.width > size.height ? Size{size.width, size.height + 1} : Size{size.width + 1, size.height};
    return cut || size != canvas.rounded() ? less : more;
}

} // namespace

Box centred(Size picture, Size window)
{
    return {(picture.width - window.width) / 2, (picture.height - window.height) / 2, window.width, window.height};
}

Box window_at(PicturePoint place, Size picture, Size window)
{
    const auto along = [](double share, int whole, int part) {
        return std::clamp(static_cast<int>(std::lround(share * whole - part / 2.0)), 0, whole - part);
    };
    return {along(place.x, picture.width, window.width), along(place.y, picture.height, window.height), window.width,
            window.height};
}

Placement lay_out(Size picture, const Frame& frame, const ChooseWindow& choose)
{
    const double wanted = wanted_aspect(picture, frame);
    const double difference = apart(picture.aspect(), wanted);
    const bool equal = difference <= k_equal && (frame.like || allowed(picture.aspect(), frame.rules));
    if (!equal && frame.fit == Fit::reject) {
        reject(picture, wanted);
    }
    const bool cut = !equal && (frame.fit == Fit::crop || difference <= k_near);

    Placement placement{picture, {}, {0, 0, picture.width, picture.height}, {}};
    Exact canvas{static_cast<double>(picture.width), static_cast<double>(picture.height)};
    if (cut) {
        canvas = inside(picture, wanted);
        const Size window = within_aspect(canvas.rounded(), frame.rules.max_aspect);
        placement.source = difference <= k_near ? centred(picture, window) : choose(window);
    } else if (!equal) {
        canvas = around(picture, wanted);
    }
    placement.still = frame.like ? *frame.like : still_size(canvas, frame.rules, cut);
    placement.place =
        equal || cut ? Box{0, 0, placement.still.width, placement.still.height} : contained(picture, placement.still);
    return placement;
}

bool same_shape(Size a, Size b)
{
    return apart(a.aspect(), b.aspect()) <= k_near;
}

Placement on_still(const Placement& placement, Size still)
{
    const auto part = [](int begin, int length, int from, int to) {
        const auto scaled = [&](int edge) {
            return static_cast<int>(std::lround(static_cast<double>(edge) * to / from));
        };
        const int first = std::min(scaled(begin), to - 1);
        return std::pair(first, std::max(1, scaled(begin + length) - first));
    };
    Placement out = placement;
    const auto [x, width] = part(placement.place.x, placement.place.width, placement.still.width, still.width);
    const auto [y, height] = part(placement.place.y, placement.place.height, placement.still.height, still.height);
    out.still = still;
    out.place = {x, y, width, height};
    return out;
}

Placement follow(const Placement& picture, Size mask)
{
    if (!same_shape(picture.picture, mask)) {
        throw Error(Errc::input, fmt::format("the mask is {} but its picture {}; draw the mask on the picture itself",
                                             mask.text(), picture.picture.text()));
    }
    const double x = static_cast<double>(mask.width) / picture.picture.width;
    const double y = static_cast<double>(mask.height) / picture.picture.height;
    Placement placement = picture;
    placement.picture = mask;
    Box& source = placement.source;
    source.x = std::min(static_cast<int>(std::lround(source.x * x)), mask.width - 1);
    source.y = std::min(static_cast<int>(std::lround(source.y * y)), mask.height - 1);
    source.width = std::min(whole(source.width * x), mask.width - source.x);
    source.height = std::min(whole(source.height * y), mask.height - source.y);
    return placement;
}

} // namespace longtake::stages::picture
