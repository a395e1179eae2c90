#include "pipeline/av/text/text.h"

#include "pipeline/av/text/font_notes.h"
#include "pipeline/av/text/fonts.h"
#include "pipeline/av/text/glyphs.h"
#include "pipeline/av/text/paragraph.h"
#include "pipeline/av/text/typesetter.h"
#include "pipeline/base/error.h"
#include "pipeline/model/rgb.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>

namespace longtake::av {
namespace {

constexpr double k_least_line = 0.02; ///< of a line, relative to the shorter side
constexpr double k_whole_words = 0.6; ///< of the size asked for: down to it no word is broken

/// A rectangle of pixels.
struct Bounds {
    double left = 0, top = 0, right = 0, bottom = 0;

    double width() const { return right - left; }
    double height() const { return bottom - top; }
};

Rgb need_colour(const std::string& text)
{
    if (const auto colour = rgb_of(text)) {
        return *colour;
    }
    throw Error(Errc::usage, "'" + text + "' is no colour; write it like #20140c");
}

/// Where a style's box is on a picture, pixels. Throws Error(usage).
Bounds box_of(Size picture, const TextStyle& style)
{
    const auto along = [](double part, int side) { return static_cast<double>(std::lround(part * side)); };
    const Bounds box{along(style.left, picture.width), along(style.top, picture.height),
                     along(style.right, picture.width), along(style.bottom, picture.height)};
    if (box.left < 0 || box.top < 0 || box.right > picture.width || box.bottom > picture.height || box.width() <= 0 ||
        box.height() <= 0) {
        throw Error(Errc::usage, "the box for the text is empty or leaves the picture");
    }
    return box;
}

/// The largest size from `least` to `wanted` that fits, to a quarter of a percent. Throws Error(input).
template <class Fits>
double fitting_size(double wanted, double least, const Fits& fits)
{
    if (fits(wanted)) {
        return wanted;
    }
    if (least >= wanted || !fits(least)) {
        throw Error(Errc::input, "the text is too long for its place even at 2 % of the picture's height; shorten it");
    }
    double small = least;
    double large = wanted;
    constexpr double k_enough = 0.0025;
    while (large - small > k_enough * wanted) {
        const double middle = (small + large) / 2;
        (fits(middle) ? small : large) = middle;
    }
    return small;
}

/// The ink of a layout whose logical box is centred in `box`: where its origin is to stand, and whether it leaves it.
struct Standing {
    double x = 0, y = 0;
    bool inside = false;
};

Standing standing(PangoLayout* layout, const Bounds& box)
{
    PangoRectangle ink, logical;
    pango_layout_get_extents(layout, &ink, &logical);
    const auto pixels = [](int units) { return static_cast<double>(units) / PANGO_SCALE; };
    Standing at;
    at.x = box.left + (box.width() - pixels(logical.width)) / 2 - pixels(logical.x);
    at.y = box.top + (box.height() - pixels(logical.height)) / 2 - pixels(logical.y);
    const double left = at.x + pixels(ink.x);
    const double top = at.y + pixels(ink.y);
    at.inside = ink.width == 0 || ink.height == 0 ||
                (left >= box.left && top >= box.top && left + pixels(ink.width) <= box.right &&
                 top + pixels(ink.height) <= box.bottom);
    return at;
}

/// A text that is set, ready to be drawn.
struct Composed {
    SetText text;
    Layout layout;
    Standing at;
};

void note_size(double em, Size picture, std::vector<std::string>& notes)
{
    const double share = em / picture.height;
    if (share < k_legible) {
        notes.push_back(fmt::format("the text is set at {:.1f} % of the picture's height to fit, and below {:.1f} % it "
                                    "is hard to read; shorten it",
                                    100 * share, 100 * k_legible));
    }
}

Composed compose_text(Size picture, const std::string& raw, const TextStyle& style)
{
    const Bounds box = box_of(picture, style);
    const std::string text = settable(raw);
    if (family_for(style.font).empty()) { // Pango cannot do without any
        throw Error(Errc::input, "no font is installed; install fonts-noto-core");
    }
    Typesetter setter(text, style.font);
    const int side = std::min(picture.width, picture.height);
    const double line_height = setter.line_height();
    const double wanted = style.height * side / line_height;
    const double least = k_least_line * side / line_height;

    Typesetter::Flat flat = setter.measured(text);
    Composed out;
    out.text.notes = font_notes(text, style.font, flat.layout.get());
    const Paragraph paragraph(text, std::move(flat.lines), box.width() / (k_whole_words * wanted));
    double em = fitting_size(wanted, least,
                             [&](double size) { return paragraph.fits(box.width() / size, box.height() / size); });
    constexpr double k_tighter = 0.98; // some letters reach beyond what they are said to take
    for (;; em *= k_tighter) {
        out.layout = setter.lay_out(paragraph.joined(box.width() / em), em);
        out.at = standing(out.layout.get(), box);
        if (out.at.inside || em < least) {
            break;
        }
    }
    out.text.lines = paragraph.broken(box.width() / em);
    out.text.em = em;
    note_size(em, picture, out.text.notes);
    return out;
}

/// Copies a picture into cairo's words of 32 bits, or back.
template <class Copy>
void each_pixel(cairo_surface_t* surface, Picture& picture, Copy&& copy)
{
    unsigned char* rows = cairo_image_surface_get_data(surface);
    const std::ptrdiff_t stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; y < picture.size.height; ++y) {
        auto* row = reinterpret_cast<std::uint32_t*>(rows + y * stride);
        std::uint8_t* rgb = picture.rgb.data() + static_cast<std::size_t>(y) * picture.size.width * 3;
        for (int x = 0; x < picture.size.width; ++x, rgb += 3) {
            copy(row[x], rgb);
        }
    }
}

Surface surface_of(Picture& picture)
{
    Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, picture.size.width, picture.size.height));
    if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) {
        throw Error(Errc::internal, "cairo cannot draw on a picture of " + picture.size.text());
    }
    each_pixel(surface.get(), picture, [](std::uint32_t& word, const std::uint8_t* rgb) {
        word = std::uint32_t{rgb[0]} << 16 | std::uint32_t{rgb[1]} << 8 | rgb[2];
    });
    cairo_surface_mark_dirty(surface.get());
    return surface;
}

} // namespace

SetText set_text(Size picture, const std::string& text, const TextStyle& style)
{
    const std::lock_guard lock(pango_lock());
    return compose_text(picture, text, style).text;
}

std::vector<std::string> draw_text(Picture& picture, const std::string& text, const TextStyle& style)
{
    const Rgb colour = need_colour(style.colour);
    const std::lock_guard lock(pango_lock());
    const Composed composed = compose_text(picture.size, text, style);
    const Surface surface = surface_of(picture);
    {
        const Cairo cairo(cairo_create(surface.get()));
        cairo_set_source_rgb(cairo.get(), colour.r / 255.0, colour.g / 255.0, colour.b / 255.0);
        draw_layout(cairo.get(), composed.layout.get(), composed.at.x, composed.at.y);
    }
    cairo_surface_flush(surface.get());
    each_pixel(surface.get(), picture, [](const std::uint32_t& word, std::uint8_t* rgb) {
        rgb[0] = static_cast<std::uint8_t>(word >> 16);
        rgb[1] = static_cast<std::uint8_t>(word >> 8);
        rgb[2] = static_cast<std::uint8_t>(word);
    });
    return composed.text.notes;
}

Picture plain_picture(Size size, const std::string& colour)
{
    const Rgb c = need_colour(colour);
    Picture picture{size, std::vector<std::uint8_t>(static_cast<std::size_t>(size.width) * size.height * 3)};
    for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
        picture.rgb[i] = c.r;
        picture.rgb[i + 1] = c.g;
        picture.rgb[i + 2] = c.b;
    }
    return picture;
}

} // namespace longtake::av
