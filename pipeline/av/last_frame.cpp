#include "pipeline/av/last_frame.h"

#include "pipeline/av/colour.h"
#include "pipeline/av/encoders.h"
#include "pipeline/av/filter_graph.h"
#include "pipeline/av/probe.h"
#include "pipeline/av/video_reader.h"

#include <fstream>

namespace longtake::av {

void write_png(const Frame& frame, const std::filesystem::path& png)
{
    const Frame rgb = FilterGraph("scale=flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp:out_range=pc:" +
                                  scale_input(frame.get()) + ",format=rgb24")
                          .apply(frame);
    const CodecPtr encoder(avcodec_alloc_context3(avcodec_find_encoder(AV_CODEC_ID_PNG)));
    encoder->width = rgb->width;
    encoder->height = rgb->height;
    encoder->pix_fmt = AV_PIX_FMT_RGB24;
    encoder->time_base = {1, 1};
    check(avcodec_open2(encoder.get(), nullptr, nullptr), "open the PNG encoder");
    std::ofstream out(png, std::ios::binary);
    const PacketSink sink = [&](AVPacket* packet) {
        out.write(reinterpret_cast<const char*>(packet->data), packet->size);
    };
    encode(encoder.get(), rgb.get(), sink);
    encode(encoder.get(), nullptr, sink);
    out.close();
    if (!out) {
        throw Error(Errc::internal, "write '" + png.string() + "'");
    }
}

Size write_last_frame(const std::filesystem::path& clip, const std::filesystem::path& png)
{
    // From a few seconds before the end: footage is one GOP of any length, so the decoder may still start at its head.
    const double seconds = clip_facts(clip).seconds;
    VideoReader reader(clip, std::max(0.0, seconds - 0.5));
    std::optional<Frame> last;
    while (auto shown = reader.next()) {
        last = std::move(shown->frame);
    }
    if (!last) {
        throw Error(Errc::input, clip.string() + ": holds no picture");
    }
    write_png(*last, png);
    return last->size();
}

} // namespace longtake::av
