#include "pipeline/av/facts.h"

#include "pipeline/av/cmaf/boxes.h"
#include "pipeline/av/cmaf/file_boxes.h"
#include "pipeline/av/input.h"
#include "pipeline/av/probe.h"

#include <fstream>
#include <string>

namespace longtake::av {
namespace {

bool has_edit_list(std::span<const std::uint8_t> moov)
{
    cmaf::BoxReader reader(moov);
    while (!reader.done()) {
        const cmaf::BoxReader::Box box = reader.box();
        if (box.type == "trak" && !cmaf::find_box(box.payload, "edts/elst").empty()) {
            return true;
        }
    }
    return false;
}

/// The brand "qt  " is QuickTime's (ISO/IEC 14496-12 has no such); whoever has no brand is older than MP4.
void read_boxes(const std::filesystem::path& file, FileFacts& facts)
{
    cmaf::FileBoxes boxes(file);
    cmaf::FileBoxes::Box box;
    bool media = false;
    facts.container = "mov";
    while (boxes.next(box)) {
        if (box.type == "ftyp") {
            facts.container = cmaf::BoxReader(boxes.payload(box)).four() == "qt  " ? "mov" : "mp4";
        } else if (box.type == "moov") {
            facts.index_last = media;
            facts.edit_lists = has_edit_list(boxes.payload(box));
        }
        media = media || box.type == "mdat";
    }
}

/// libavformat has one name for Matroska and WebM; the document type in the first bytes tells them apart.
std::string container_of(const std::filesystem::path& file, const std::string& formats)
{
    if (!formats.starts_with("matroska")) {
        return formats.substr(0, formats.find(','));
    }
    std::string head(64, '\0');
    std::ifstream(file, std::ios::binary).read(head.data(), std::ssize(head));
    return head.find("webm") != std::string::npos ? "webm" : "matroska";
}

void read_picture(AVFormatContext* container, FileFacts& facts)
{
    const int index = av_find_best_stream(container, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    if (index < 0) {
        return;
    }
    AVStream* stream = container->streams[index];
    const AVCodecParameters* picture = stream->codecpar;
    facts.video_codec = avcodec_get_name(picture->codec_id);
    facts.size = displayed_size(container, stream);
    facts.fps = av_q2d(rate_of(stream));
    facts.interlaced = picture->field_order > AV_FIELD_PROGRESSIVE;
    const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(picture->format));
    facts.chroma_beyond_420 =
        format != nullptr && format->nb_components > 2 && (format->log2_chroma_w < 1 || format->log2_chroma_h < 1);
}

} // namespace

FileFacts facts_of(const std::filesystem::path& file)
{
    const InputPtr container = open_container(file);
    FileFacts facts;
    facts.container = container_of(file, container->iformat->name);
    facts.bytes = static_cast<std::int64_t>(std::filesystem::file_size(file));
    facts.seconds = container->duration > 0 ? static_cast<double>(container->duration) / AV_TIME_BASE : 0;
    read_picture(container.get(), facts);
    const int sound = av_find_best_stream(container.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    if (sound >= 0) {
        const AVCodecParameters* audio = container->streams[sound]->codecpar;
        facts.audio_codec = avcodec_get_name(audio->codec_id);
        facts.audio_channels = audio->ch_layout.nb_channels;
        facts.audio_sample_rate = audio->sample_rate;
    }
    if (facts.container == "mov") { // libavformat's one name for MP4 and QuickTime
        try {
            read_boxes(file, facts);
        } catch (const Error& error) {
            throw Error(Errc::input, file.string() + ": " + error.what());
        }
    }
    return facts;
}

} // namespace longtake::av
