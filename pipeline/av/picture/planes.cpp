#include "pipeline/av/picture/planes.h"

#include "pipeline/av/ffmpeg.h"

#include <fmt/format.h>

namespace longtake::av {

PlaneLayout plane_layout(const Frame& frame)
{
    const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame->format));
    if (format == nullptr || (format->flags & AV_PIX_FMT_FLAG_PLANAR) == 0 ||
        (format->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_BE)) != 0 || format->nb_components < 3) {
        throw Error(Errc::internal,
                    fmt::format("nothing can be drawn on {} pictures", format == nullptr ? "unknown" : format->name));
    }
    return {format->comp[0].depth, format->log2_chroma_w, format->log2_chroma_h};
}

Frame writable_copy(const Frame& frame)
{
    Frame copy = frame.share();
    check(av_frame_make_writable(copy.get()), "copy a picture");
    return copy;
}

} // namespace longtake::av
