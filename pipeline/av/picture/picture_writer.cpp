#include "pipeline/av/picture/picture_writer.h"

#include "pipeline/av/encoders.h"
#include "pipeline/av/filter_graph.h"

namespace longtake::av {
namespace {

std::string packets_of(AVCodecContext* encoder, const Frame& picture)
{
    std::string bytes;
    const PacketSink sink = [&](AVPacket* packet) {
        bytes.append(reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size));
    };
    encode(encoder, picture.get(), sink);
    encode(encoder, nullptr, sink);
    return bytes;
}

CodecPtr picture_encoder(AVCodecID id, const Frame& picture)
{
    CodecPtr encoder(avcodec_alloc_context3(avcodec_find_encoder(id)));
    encoder->width = picture->width;
    encoder->height = picture->height;
    encoder->pix_fmt = static_cast<AVPixelFormat>(picture->format);
    encoder->time_base = {1, 1};
    return encoder;
}

} // namespace

std::string encode_png(const Frame& rgb)
{
    const CodecPtr encoder = picture_encoder(AV_CODEC_ID_PNG, rgb);
    check(avcodec_open2(encoder.get(), nullptr, nullptr), "open the PNG encoder");
    return packets_of(encoder.get(), rgb);
}

std::string encode_jpeg(const Frame& rgb, int scale)
{
    // JFIF is BT.601 in full range, whatever the clip was.
    Frame yuv = FilterGraph("scale=flags=bicubic+accurate_rnd+full_chroma_inp:in_range=pc:out_range=pc:"
                            "out_color_matrix=bt601,format=yuvj444p")
                    .apply(rgb);
    yuv->quality = scale * FF_QP2LAMBDA;
    yuv->pict_type = AV_PICTURE_TYPE_NONE;
    const CodecPtr encoder = picture_encoder(AV_CODEC_ID_MJPEG, yuv);
    encoder->color_range = AVCOL_RANGE_JPEG;
    encoder->flags |= AV_CODEC_FLAG_QSCALE;
    encoder->global_quality = scale * FF_QP2LAMBDA;
    encoder->qmin = 1;
    check(avcodec_open2(encoder.get(), nullptr, nullptr), "open the JPEG encoder");
    return packets_of(encoder.get(), yuv);
}

} // namespace longtake::av
