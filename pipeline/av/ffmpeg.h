#pragma once

// The one place where libav's C headers enter; only this room includes it.
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/timestamp.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include "pipeline/base/error.h"

#include <memory>
#include <string>
#include <type_traits>

namespace longtake::av {

/// Frees with the function FFmpeg pairs with the type, whether that function takes `T**` (and nulls it) or `T*`.
template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* p) const noexcept
    {
        if constexpr (std::is_invocable_v<decltype(Free), T**>) {
            Free(&p);
        } else {
            Free(p);
        }
    }
};

/// Closes a container and the file it was read from (see open_container).
void close_input(AVFormatContext** input) noexcept;

template <class T, auto Free>
using Handle = std::unique_ptr<T, Deleter<Free>>;

using CodecPtr = Handle<AVCodecContext, avcodec_free_context>;
using InputPtr = Handle<AVFormatContext, close_input>;
using ReadingPtr = Handle<AVIOContext, avio_closep>;
using PacketPtr = Handle<AVPacket, av_packet_free>;
using FramePtr = Handle<AVFrame, av_frame_free>;
using GraphPtr = Handle<AVFilterGraph, avfilter_graph_free>;
using ScalerPtr = Handle<SwsContext, sws_freeContext>;
using ResamplerPtr = Handle<SwrContext, swr_free>;

/// libav's words for an error number.
std::string error_text(int code);

/// Passes a non-negative result through; throws Error(code) "what: libav's words" otherwise.
int check(int result, const std::string& what, Errc code = Errc::internal);

/// Passes a non-negative result of writing `file` through; throws Error(storage) for what a disk or the system says,
/// Error(internal) for what libav finds wrong with what it was given.
int check_written(int result, const std::string& file);

} // namespace longtake::av
