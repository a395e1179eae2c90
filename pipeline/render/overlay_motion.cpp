#include "pipeline/render/overlay_motion.h"

#include <algorithm>
#include <cmath>

namespace longtake::render {
namespace {

constexpr double k_in = 0.45;      ///< seconds a part takes to come
constexpr double k_logo_in = 0.4;  ///< and a logo
constexpr double k_out = 0.25;     ///< seconds all of it take to go
constexpr double k_stagger = 0.08; ///< seconds from one part to the next
constexpr double k_rise = 0.025;   ///< of the shorter side
constexpr double k_slide = 0.06;   ///< of the shorter side
constexpr double k_logo_from = 0.96;
constexpr double k_letters = 30;      ///< typed in a second
constexpr double k_most_typing = 0.4; ///< of the time it stands

/// How far from its place a part is that is all gone.
void displace(Motion motion, double away, bool rtl, Moment& moment)
{
    if (motion == Motion::rise) {
        moment.y += k_rise * away;
    } else if (motion == Motion::slide) {
        moment.x += (rtl ? k_slide : -k_slide) * away;
    }
}

/// Of coming and going, so that both have their time.
double speed_of(double length, int parts)
{
    const double needed = k_in + k_stagger * (parts - 1) + k_out;
    return length < needed ? needed / length : 1;
}

void type_in(const Part& part, double since, double length, int letters, Moment& moment)
{
    const double rate = std::max(k_letters, letters / (k_most_typing * length));
    const double typed = since * rate - part.letters_before;
    if (part.letters > 0) {
        const int shown = static_cast<int>(std::floor(typed)) + 1;
        moment.letters = shown >= part.letters ? -1 : std::max(0, shown);
    } else {
        moment.opacity *= eased(typed / rate / k_in);
    }
}

} // namespace

double eased(double t) noexcept
{
    if (t <= 0 || t >= 1) {
        return t <= 0 ? 0 : 1;
    }
    constexpr double x1 = 0.16, y1 = 1, x2 = 0.3, y2 = 1;
    const auto bezier = [](double a, double b, double s) {
        return 3 * a * s * (1 - s) * (1 - s) + 3 * b * s * s * (1 - s) + s * s * s;
    };
    double low = 0;
    double high = 1;
    for (int i = 0; i < 40; ++i) { // x grows with s
        const double middle = (low + high) / 2;
        (bezier(x1, x2, middle) < t ? low : high) = middle;
    }
    return bezier(y1, y2, low);
}

Moment moment_of(const Overlay& overlay, const Part& part, int parts, const Clock& clock)
{
    Moment moment;
    if (clock.since < part.from || clock.since >= part.to) {
        moment.opacity = 0;
        return moment;
    }
    const double length = clock.since + clock.until;
    const double speed = speed_of(length, parts);
    const double since = clock.since * speed - k_stagger * part.order;
    if (part.logo) {
        const double there = eased(since / k_logo_in);
        moment.opacity *= there;
        moment.scale = k_logo_from + (1 - k_logo_from) * there;
    } else if (overlay.in == Motion::type) {
        type_in(part, clock.since, length, part.letters_before + part.letters, moment);
    } else if (overlay.in != Motion::none) {
        const double there = eased(since / k_in);
        moment.opacity *= there;
        displace(overlay.in, 1 - there, part.rtl, moment);
    }
    if (overlay.out != Motion::none) {
        const double there = eased(clock.until * speed / k_out);
        moment.opacity *= there;
        displace(overlay.out, there - 1, part.rtl, moment);
    }
    return moment;
}

double scrim_opacity(const Overlay& overlay, const Clock& clock)
{
    if (overlay.curtain) {
        return clock.since / (clock.since + clock.until);
    }
    const double speed = speed_of(clock.since + clock.until, 1);
    const double in = overlay.in == Motion::none ? 1 : eased(clock.since * speed / k_in);
    const double out = overlay.out == Motion::none ? 1 : eased(clock.until * speed / k_out);
    return in * out;
}

} // namespace longtake::render
