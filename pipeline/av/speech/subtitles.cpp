#include "pipeline/av/speech/subtitles.h"

#include "pipeline/av/ffmpeg.h"
#include "pipeline/av/speech/caption_markup.h"
#include "pipeline/base/files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unicode/unistr.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace longtake::av {
namespace {

using Captions = std::vector<Caption>;

constexpr std::size_t k_most_bytes = 8'000'000;
constexpr std::size_t k_most_captions = 20'000;

/// The formats by the ending of a file's name, as libavformat calls them.
constexpr std::array<std::pair<std::string_view, const char*>, 4> k_formats = {
    {{".srt", "srt"}, {".vtt", "webvtt"}, {".ass", "ass"}, {".ssa", "ass"}}};

[[noreturn]] void refuse(const std::string& why)
{
    throw Error(Errc::input, why);
}

/// UTF-8 of UTF-8 with or without a byte order mark, or UTF-16 with one.
std::string as_utf8(const std::string& bytes)
{
    const bool little = bytes.starts_with("\xff\xfe");
    if (little || bytes.starts_with("\xfe\xff")) {
        icu::UnicodeString text;
        for (std::size_t i = 2; i + 1 < bytes.size(); i += 2) {
            const auto first = static_cast<unsigned char>(bytes[i]);
            const auto second = static_cast<unsigned char>(bytes[i + 1]);
            text.append(static_cast<char16_t>(little ? second << 8 | first : first << 8 | second));
        }
        std::string out;
        text.toUTF8String(out);
        return out;
    }
    std::string text = bytes.starts_with("\xef\xbb\xbf") ? bytes.substr(3) : bytes;
    UErrorCode problem = U_ZERO_ERROR;
    std::int32_t length = 0;
    u_strFromUTF8(nullptr, 0, &length, text.data(), static_cast<std::int32_t>(text.size()), &problem);
    if (problem == U_INVALID_CHAR_FOUND) {
        refuse("its letters are not UTF-8; save it as UTF-8");
    }
    return text;
}

/// Reads a text from memory for libavformat.
class MemoryReading {
public:
    explicit MemoryReading(const std::string& text) : text_(text)
    {
        constexpr int k_buffer = 4096;
        auto* buffer = static_cast<unsigned char*>(av_malloc(k_buffer));
        io_ = avio_alloc_context(buffer, k_buffer, 0, this, read, nullptr, seek);
        if (io_ == nullptr) {
            av_free(buffer);
            throw std::bad_alloc();
        }
    }

    ~MemoryReading()
    {
        av_freep(&io_->buffer);
        avio_context_free(&io_);
    }

    MemoryReading(const MemoryReading&) = delete;
    MemoryReading& operator=(const MemoryReading&) = delete;

    AVIOContext* io() const noexcept { return io_; }

private:
    static int read(void* self, std::uint8_t* to, int count)
    {
        auto& mine = *static_cast<MemoryReading*>(self);
        const std::size_t length = std::min(static_cast<std::size_t>(count), mine.text_.size() - mine.at_);
        std::copy_n(mine.text_.data() + mine.at_, length, to);
        mine.at_ += length;
        return length == 0 ? AVERROR_EOF : static_cast<int>(length);
    }

    static std::int64_t seek(void* self, std::int64_t to, int whence)
    {
        auto& mine = *static_cast<MemoryReading*>(self);
        const auto size = static_cast<std::int64_t>(mine.text_.size());
        if (whence == AVSEEK_SIZE) {
            return size;
        }
        if (whence != SEEK_SET || to < 0 || to > size) {
            return AVERROR(EINVAL);
        }
        mine.at_ = static_cast<std::size_t>(to);
        return to;
    }

    const std::string& text_;
    std::size_t at_ = 0;
    AVIOContext* io_ = nullptr;
};

/// The ninth and last field of an event as libavformat gives it (without the times): its text, which may hold commas.
std::string_view ass_text(std::string_view event)
{
    constexpr int k_fields_before = 8;
    for (int i = 0; i < k_fields_before; ++i) {
        const std::size_t comma = event.find(',');
        event.remove_prefix(comma == std::string_view::npos ? event.size() : comma + 1);
    }
    return event;
}

/// SubRip's markup is HTML's, with ASS's now and then.
Caption caption_of_srt(std::string_view text, double from, double to)
{
    const Caption plain = caption_of_webvtt(text, from, to);
    return {from, to, caption_of_ass(plain.text, from, to).text, {}};
}

Caption caption_of(AVCodecID codec, const AVPacket& packet, AVRational base)
{
    const double from = static_cast<double>(packet.pts) * av_q2d(base);
    const double to = from + static_cast<double>(packet.duration) * av_q2d(base);
    const std::string_view text(reinterpret_cast<const char*>(packet.data), static_cast<std::size_t>(packet.size));
    switch (codec) {
    case AV_CODEC_ID_ASS: return caption_of_ass(ass_text(text), from, to);
    case AV_CODEC_ID_WEBVTT: return caption_of_webvtt(text, from, to);
    default: return caption_of_srt(text, from, to);
    }
}

Captions captions_in(const std::string& text, const char* format)
{
    MemoryReading reading(text);
    AVFormatContext* raw = avformat_alloc_context();
    if (raw == nullptr) {
        throw std::bad_alloc();
    }
    raw->pb = reading.io();
    check(avformat_open_input(&raw, "captions", av_find_input_format(format), nullptr), "cannot be read", Errc::input);
    const Handle<AVFormatContext, avformat_close_input> input(raw);
    if (input->nb_streams == 0) {
        return {};
    }
    const AVStream* stream = input->streams[0];
    const PacketPtr packet(av_packet_alloc());
    Captions captions;
    while (av_read_frame(input.get(), packet.get()) >= 0) {
        if (packet->pts != AV_NOPTS_VALUE && packet->duration > 0) {
            captions.push_back(caption_of(stream->codecpar->codec_id, *packet, stream->time_base));
        }
        av_packet_unref(packet.get());
        if (captions.size() > k_most_captions) {
            refuse(fmt::format("holds more than {} captions; split the film", k_most_captions));
        }
    }
    return captions;
}

Caption caption_of_segment(const nlohmann::json& segment)
{
    Caption caption{segment.at("start").get<double>(),
                    segment.at("end").get<double>(),
                    tidied(segment.at("text").get<std::string>()),
                    {}};
    for (const nlohmann::json& word : segment.value("words", nlohmann::json::array())) {
        caption.words.push_back(
            {tidied(word.at("word").get<std::string>()), word.at("start").get<double>(), word.at("end").get<double>()});
    }
    return caption;
}

Captions captions_of_whisper(const std::string& text)
{
    Captions captions;
    try {
        const nlohmann::json whole = nlohmann::json::parse(text);
        for (const nlohmann::json& segment : whole.at("segments")) {
            captions.push_back(caption_of_segment(segment));
        }
    } catch (const nlohmann::json::exception& problem) {
        refuse(std::string("is not the JSON that Whisper writes (\"segments\" of \"start\", \"end\" and \"text\"): ") +
               problem.what());
    }
    return captions;
}

Captions parsed(const std::string& text, const std::string& ending)
{
    if (ending == ".json") {
        return captions_of_whisper(text);
    }
    for (const auto& [known, format] : k_formats) {
        if (ending == known) {
            return captions_in(ending == ".vtt" ? webvtt_without_styles(text) : text, format);
        }
    }
    refuse("captions are SRT, WebVTT, ASS or Whisper's JSON (.srt, .vtt, .ass, .json); convert it");
}

} // namespace

std::vector<Caption> read_captions(const std::filesystem::path& file)
{
    return in_context(file.filename().string(), [&] {
        std::error_code none; // a file that is not there is said when it is read
        if (std::filesystem::file_size(file, none) > k_most_bytes && !none) {
            refuse(fmt::format("is larger than {} MB, which no captions are", k_most_bytes / 1'000'000));
        }
        std::string ending = file.extension().string();
        std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
        Captions captions = parsed(as_utf8(read_text(file)), ending);
        std::erase_if(captions, [](const Caption& c) { return c.text.empty() || !(c.from >= 0) || !(c.to > c.from); });
        if (captions.empty()) {
            refuse("holds no captions; is it another format than its name says?");
        }
        std::ranges::stable_sort(captions, {}, &Caption::from);
        return captions;
    });
}

} // namespace longtake::av
