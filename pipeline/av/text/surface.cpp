#include "pipeline/av/text/surface.h"

#include "pipeline/base/error.h"

namespace longtake::av {

Surface transparent_surface(Size size)
{
    Surface surface(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, size.width, size.height));
    if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) {
        throw Error(Errc::internal, "cairo cannot draw on " + size.text());
    }
    return surface;
}

Raster raster_of(cairo_surface_t* surface, int left, int top)
{
    cairo_surface_flush(surface);
    Raster raster{left, top, {cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface)}, {}};
    raster.bgra.resize(static_cast<std::size_t>(raster.size.width) * raster.size.height * 4);
    const unsigned char* rows = cairo_image_surface_get_data(surface);
    const std::ptrdiff_t stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; y < raster.size.height; ++y) {
        const auto* row = reinterpret_cast<const std::uint32_t*>(rows + y * stride);
        std::uint8_t* out = raster.bgra.data() + static_cast<std::size_t>(y) * raster.size.width * 4;
        for (int x = 0; x < raster.size.width; ++x, out += 4) {
            for (int i = 0; i < 4; ++i) { // cairo's words are of the machine's byte order
                out[i] = static_cast<std::uint8_t>(row[x] >> (8 * i));
            }
        }
    }
    return raster;
}

} // namespace longtake::av
