#include "pipeline/av/speech/caption_track.h"

#include <fmt/format.h>
#include <unicode/uloc.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

namespace longtake::av {
namespace {

constexpr std::array<std::pair<const char*, AVCodecID>, 4> k_caption_codecs = {{{"mp4", AV_CODEC_ID_MOV_TEXT},
                                                                                {"mov", AV_CODEC_ID_MOV_TEXT},
                                                                                {"matroska", AV_CODEC_ID_SUBRIP},
                                                                                {"webm", AV_CODEC_ID_WEBVTT}}};

AVCodecID caption_codec(const std::string& container)
{
    for (const auto& [name, codec] : k_caption_codecs) {
        if (container == name) {
            return codec;
        }
    }
    return AV_CODEC_ID_NONE;
}

/// What libavcodec's encoders of text take their styles from.
constexpr std::string_view k_ass_header = "[Script Info]\r\n"
                                          "ScriptType: v4.00+\r\n"
                                          "PlayResX: 384\r\n"
                                          "PlayResY: 288\r\n"
                                          "\r\n"
                                          "[V4+ Styles]\r\n"
                                          "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, "
                                          "OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, "
                                          "ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, "
                                          "MarginR, MarginV, Encoding\r\n"
                                          "Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,"
                                          "0,2,10,10,10,1\r\n"
                                          "\r\n"
                                          "[Events]\r\n"
                                          "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, "
                                          "Text\r\n";

/// An ASS event's text: what would be read as markup is set apart by a joiner that nobody sees.
std::string ass_escaped(const std::string& text)
{
    std::string out;
    for (const char c : text) {
        if (c == '\n') {
            out += "\\N";
        } else if (c == '{' || c == '\\') {
            out += std::string(1, c == '{' ? '(' : '/');
        } else {
            out += c == '}' ? ')' : c;
        }
    }
    return out;
}

CodecPtr opened(AVCodecID id)
{
    const AVCodec* codec = avcodec_find_encoder(id);
    if (codec == nullptr) {
        throw Error(Errc::usage, "this FFmpeg writes no captions into this container; use \"as\": [\"side-car\"]");
    }
    CodecPtr encoder(avcodec_alloc_context3(codec));
    if (!encoder) {
        throw std::bad_alloc();
    }
    encoder->time_base = CaptionTrack::k_time_base;
    encoder->subtitle_header = static_cast<std::uint8_t*>(av_mallocz(k_ass_header.size() + 1));
    std::ranges::copy(k_ass_header, encoder->subtitle_header);
    encoder->subtitle_header_size = static_cast<int>(k_ass_header.size());
    check(avcodec_open2(encoder.get(), codec, nullptr), "captions", Errc::usage);
    return encoder;
}

/// The three letters MP4 has room for; "und" where nothing is said.
std::string three_letters(const std::string& language)
{
    const std::string letters = uloc_getISO3Language(language.c_str());
    return language.empty() || letters.empty() ? "und" : letters;
}

} // namespace

bool holds_captions(const std::string& container)
{
    return caption_codec(container) != AV_CODEC_ID_NONE;
}

CaptionTrack::CaptionTrack(const MediaSpec& spec)
    : captions_(spec.captions), language_(three_letters(spec.language)), encoder_(opened(caption_codec(spec.container)))
{
}

void CaptionTrack::describe(AVStream* stream) const
{
    check(avcodec_parameters_from_context(stream->codecpar, encoder_.get()), "captions");
    av_dict_set(&stream->metadata, "language", language_.c_str(), 0);
}

PacketPtr CaptionTrack::next_before(double seconds)
{
    if (next_ == captions_.size() || captions_[next_].from >= seconds) {
        return nullptr;
    }
    const Caption& caption = captions_[next_];
    // libavcodec 59's encoder of WebVTT writes & and < as they come, which players would take for markup.
    const bool webvtt = encoder_->codec_id == AV_CODEC_ID_WEBVTT;
    const std::string text = ass_escaped(webvtt ? webvtt_escaped(caption.text) : caption.text);
    std::string event = fmt::format("{},0,Default,,0,0,0,,{}", next_, text);
    ++next_;
    AVSubtitleRect rect{};
    rect.type = SUBTITLE_ASS;
    rect.ass = event.data();
    AVSubtitleRect* rects = &rect;
    AVSubtitle subtitle{};
    subtitle.num_rects = 1;
    subtitle.rects = &rects;
    const auto milliseconds = [](double time) { return static_cast<std::int64_t>(std::llround(time * 1000)); };
    const std::int64_t from = milliseconds(caption.from);
    subtitle.end_display_time = static_cast<std::uint32_t>(milliseconds(caption.to) - from);

    PacketPtr packet(av_packet_alloc());
    const int room = static_cast<int>(event.size()) + 1024;
    check(av_new_packet(packet.get(), room), "captions");
    const int size = check(avcodec_encode_subtitle(encoder_.get(), packet->data, room, &subtitle), "captions");
    av_shrink_packet(packet.get(), size);
    packet->pts = packet->dts = from;
    packet->duration = subtitle.end_display_time;
    return packet;
}

} // namespace longtake::av
