#include "pipeline/av/picture/picture_decoder.h"

#include "pipeline/av/clip/accepted.h"
#include "pipeline/av/filter_graph.h"
#include "pipeline/av/picture/colour.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

namespace longtake::av {
namespace {

AVCodecID id_of(PictureCodec codec)
{
    switch (codec) {
    case PictureCodec::bmp: return AV_CODEC_ID_BMP;
    case PictureCodec::gif: return AV_CODEC_ID_GIF;
    case PictureCodec::jpeg: return AV_CODEC_ID_MJPEG;
    case PictureCodec::jpeg2000: return AV_CODEC_ID_JPEG2000;
    case PictureCodec::pbm: return AV_CODEC_ID_PBM;
    case PictureCodec::pgm: return AV_CODEC_ID_PGM;
    case PictureCodec::png: return AV_CODEC_ID_PNG;
    case PictureCodec::ppm: return AV_CODEC_ID_PPM;
    }
    return AV_CODEC_ID_NONE;
}

PacketPtr packet_of(std::string_view file)
{
    PacketPtr packet(av_packet_alloc());
    check(av_new_packet(packet.get(), static_cast<int>(file.size())), "allocate a picture's bytes");
    std::memcpy(packet->data, file.data(), file.size());
    packet->flags |= AV_PKT_FLAG_KEY;
    return packet;
}

Frame decoded_frame(std::string_view file, PictureCodec codec)
{
    const CodecPtr decoder(avcodec_alloc_context3(nullptr));
    decoder->err_recognition = AV_EF_CRCCHECK | AV_EF_EXPLODE;
    decoder->thread_count = 1;
    decoder->max_pixels = k_most_pixels;
    check(avcodec_open2(decoder.get(), avcodec_find_decoder(id_of(codec)), nullptr), "open a picture decoder");
    check(avcodec_send_packet(decoder.get(), packet_of(file).get()), "decode", Errc::input);
    Frame frame;
    int result = avcodec_receive_frame(decoder.get(), frame.get());
    if (result == AVERROR(EAGAIN)) {
        avcodec_send_packet(decoder.get(), nullptr);
        result = avcodec_receive_frame(decoder.get(), frame.get());
    }
    check(result, "decode", Errc::input);
    if ((frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame->decode_error_flags != 0) {
        throw Error(Errc::input, "decode: its data is damaged");
    }
    return frame;
}

/// libav's J formats are full-range YCbCr under a deprecated name.
void spell_range(AVFrame* frame)
{
    switch (frame->format) {
    case AV_PIX_FMT_YUVJ420P: frame->format = AV_PIX_FMT_YUV420P; break;
    case AV_PIX_FMT_YUVJ422P: frame->format = AV_PIX_FMT_YUV422P; break;
    case AV_PIX_FMT_YUVJ440P: frame->format = AV_PIX_FMT_YUV440P; break;
    case AV_PIX_FMT_YUVJ444P: frame->format = AV_PIX_FMT_YUV444P; break;
    default: return;
    }
    frame->color_range = AVCOL_RANGE_JPEG;
}

/// What the scale filter must be told of the picture's YCbCr.
std::string input_of(const AVFrame* frame)
{
    const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame->format));
    if (is_rgb(frame) || format->nb_components < 3) {
        return ":in_range=pc";
    }
    const auto middle = [](int log2) { return log2 == 0 ? 0 : 128; };
    return fmt::format(":in_range=pc:in_color_matrix=bt601:in_h_chr_pos={}:in_v_chr_pos={}",
                       middle(format->log2_chroma_w), middle(format->log2_chroma_h));
}

} // namespace

DecodedPicture decode_picture(std::string_view file, PictureCodec codec)
{
    const Frame frame = decoded_frame(file, codec);
    spell_range(frame.get());
    const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame->format));
    DecodedPicture out;
    out.bits = format->comp[0].depth > 8 ? 16 : 8;
    out.alpha = (format->flags & (AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL)) != 0;
    const char* wanted = out.bits == 8                                ? (out.alpha ? "rgba" : "rgb24")
                         : std::endian::native == std::endian::little ? (out.alpha ? "rgba64le" : "rgb48le")
                                                                      : (out.alpha ? "rgba64be" : "rgb48be");
    out.frame = FilterGraph(fmt::format("scale=flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp:"
                                        "out_range=pc{},format={}",
                                        input_of(frame.get()), wanted))
                    .apply(frame);
    return out;
}

} // namespace longtake::av
