#include "pipeline/av/picture/svg.h"

#include "pipeline/av/picture/svg_check.h"
#include "pipeline/av/text/surface.h"
#include "pipeline/base/error.h"

#include <fmt/format.h>
#include <librsvg/rsvg.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <string>

namespace longtake::av {
namespace {

constexpr std::size_t k_most_bytes = 5'000'000;
constexpr double k_most_pixels_drawn = 64e6;
constexpr double k_longest_side = 32767; ///< cairo's
constexpr const char* k_save_again = "save it again as a plain SVG";

using SvgHandle = Object<RsvgHandle>;

/// Says what librsvg says.
[[noreturn]] void fail(GError* error)
{
    const std::unique_ptr<GError, Released<g_error_free>> owned(error);
    throw Error(Errc::input, fmt::format("it cannot be drawn: {}; {}", error->message, k_save_again));
}

SvgHandle handle_of(std::string_view file)
{
    GError* error = nullptr;
    SvgHandle handle(rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(file.data()), file.size(), &error));
    if (!handle) {
        fail(error);
    }
    return handle;
}

/// Width by height, as the file says.
double aspect_of(RsvgHandle* handle)
{
    double width = 0, height = 0;
    if (rsvg_handle_get_intrinsic_size_in_pixels(handle, &width, &height) == FALSE) {
        gboolean has_width = FALSE, has_height = FALSE, has_box = FALSE;
        RsvgLength across{}, down{};
        RsvgRectangle box{};
        rsvg_handle_get_intrinsic_dimensions(handle, &has_width, &across, &has_height, &down, &has_box, &box);
        width = has_box == TRUE ? box.width : 0;
        height = has_box == TRUE ? box.height : 0;
    }
    const double aspect = width / height;
    if (!(width > 0 && height > 0 && std::isfinite(aspect))) {
        throw Error(Errc::input, "it says no size; give its <svg> a viewBox, or width and height");
    }
    return aspect;
}

Size size_at(double width, double aspect)
{
    const double height = std::max(1.0, std::round(width / aspect));
    if (height > k_longest_side || width * height > k_most_pixels_drawn) {
        throw Error(Errc::input, fmt::format("it would be {:.0f} pixels wide and {:.0f} high; give its <svg> a viewBox "
                                             "of another shape",
                                             width, height));
    }
    return {static_cast<int>(width), static_cast<int>(height)};
}

} // namespace

Raster draw_svg(std::string_view file, int width)
{
    if (file.size() > k_most_bytes) {
        throw Error(Errc::input, "it is larger than 5 MB; make it simpler");
    }
    check_svg(file);
    const std::lock_guard lock(pango_lock()); // text in it uses the same fonts
    const SvgHandle handle = handle_of(file);
    const Size size = size_at(width, aspect_of(handle.get()));
    const Surface surface = transparent_surface(size);
    {
        const Cairo cairo(cairo_create(surface.get()));
        const RsvgRectangle whole{0, 0, static_cast<double>(size.width), static_cast<double>(size.height)};
        GError* error = nullptr;
        if (rsvg_handle_render_document(handle.get(), cairo.get(), &whole, &error) == FALSE) {
            fail(error);
        }
    }
    return raster_of(surface.get(), 0, 0);
}

} // namespace longtake::av
