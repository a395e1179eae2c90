#include "pipeline/render/text_colours.h"

#include <fmt/format.h>

#include <cmath>

namespace longtake::render {
namespace {

constexpr double k_readable = 4.5;
constexpr double k_large_readable = 3;
constexpr double k_muted = 0.25;        ///< of the way from ink to ground
constexpr double k_over_pictures = 0.7; ///< luminance of what is bright enough over any picture
constexpr Rgb k_white{255, 255, 255};

/// Schemas let no other colour through.
Rgb colour_of(const std::string& text)
{
    return rgb_of(text).value_or(Rgb{});
}

double contrast_of(const Rgb& a, const Rgb& b)
{
    return contrast_ratio(relative_luminance(a), relative_luminance(b));
}

Rgb mixed_colour(const Rgb& a, const Rgb& b, double share)
{
    const auto mix = [&](std::uint8_t from, std::uint8_t to) {
        return static_cast<std::uint8_t>(std::lround(from + (to - from) * share));
    };
    return {mix(a.r, b.r), mix(a.g, b.g), mix(a.b, b.b)};
}

const Rgb& brighter(const Rgb& a, const Rgb& b)
{
    return relative_luminance(a) >= relative_luminance(b) ? a : b;
}

const Rgb& clearer_on(const Rgb& under, const Rgb& a, const Rgb& b)
{
    return contrast_of(a, under) >= contrast_of(b, under) ? a : b;
}

} // namespace

TextColours text_colours(const Style& style, bool on_ground)
{
    const Rgb ground = colour_of(style.ground);
    const Rgb ink = colour_of(style.ink);
    const Rgb accent = colour_of(style.accent);
    TextColours colours;
    if (on_ground) {
        colours.ink = ink;
        const Rgb muted = mixed_colour(ink, ground, k_muted);
        colours.muted = contrast_of(muted, ground) >= k_readable ? muted : ink;
        colours.accent = contrast_of(accent, ground) >= k_large_readable ? accent : ink;
        if (const double contrast = contrast_of(ink, ground); contrast < k_readable) {
            colours.notes.push_back(fmt::format("the style's ink {} on its ground {} has a contrast of {:.1f}:1, hard "
                                                "to read below {}:1 (WCAG)",
                                                style.ink, style.ground, std::floor(10 * contrast) / 10, k_readable));
        }
    } else { // dark letters would drown in the scrim
        const Rgb& bright = brighter(ink, ground);
        colours.ink = relative_luminance(bright) >= k_over_pictures ? bright : k_white;
        colours.muted = colours.ink;
        colours.accent = contrast_of(accent, Rgb{}) >= 2 * k_readable ? accent : colours.ink;
    }
    colours.on_accent = clearer_on(colours.accent, clearer_on(colours.accent, ink, ground),
                                   contrast_of(ink, colours.accent) >= k_readable ? ink : k_white);
    return colours;
}

} // namespace longtake::render
