#include "pipeline/av/clip/whole_file.h"

#include <cstring>
#include <optional>

namespace longtake::av {
namespace {

bool format_is(const AVFormatContext* container, const char* part)
{
    return std::strstr(container->iformat->name, part) != nullptr;
}

/// A length of EBML (RFC 8794, 4): as many bytes as zeros lead, and a one before the value. Empty: unknown, or no
/// length.
std::optional<std::int64_t> ebml_length(AVIOContext* io)
{
    int byte = avio_r8(io);
    int more = 0;
    while (more < 8 && (byte & (0x80 >> more)) == 0) {
        ++more;
    }
    if (more == 8) {
        return std::nullopt;
    }
    std::int64_t value = byte & (0x7F >> more);
    bool ones = value == (0x7F >> more);
    for (int i = 0; i < more; ++i) {
        byte = avio_r8(io);
        ones = ones && byte == 0xFF;
        value = value << 8 | byte;
    }
    return ones ? std::nullopt : std::optional(value);
}

/// Where the first segment ends, by its own word.
std::optional<std::int64_t> end_of_segment(AVIOContext* io)
{
    constexpr unsigned ebml = 0x1A45DFA3;
    constexpr unsigned segment = 0x18538067;
    if (avio_seek(io, 0, SEEK_SET) < 0 || avio_rb32(io) != ebml) {
        return std::nullopt;
    }
    const auto header = ebml_length(io);
    if (!header || avio_skip(io, *header) < 0 || avio_rb32(io) != segment) {
        return std::nullopt;
    }
    const auto length = ebml_length(io);
    return length ? std::optional(avio_tell(io) + *length) : std::nullopt;
}

/// Where the first RIFF chunk ends. Programs that write to a pipe cannot know the length and leave 0 or a huge number,
/// for which any length is right (and for which libavformat calls the last packet of a WAV file corrupt).
std::optional<std::int64_t> end_of_riff(AVIOContext* io)
{
    if (avio_seek(io, 4, SEEK_SET) < 0) {
        return std::nullopt;
    }
    constexpr unsigned unknown = 0x7ffff000; // SoX's; FFmpeg leaves 0xffffffff
    const unsigned length = avio_rl32(io);
    return length == 0 || length >= unknown ? std::nullopt : std::optional(std::int64_t{length} + 8);
}

} // namespace

bool is_whole_file(AVFormatContext* container)
{
    AVIOContext* io = container->pb;
    const std::int64_t size = io != nullptr ? avio_size(io) : -1;
    if (size <= 0) {
        return true;
    }
    const std::int64_t here = avio_tell(io);
    std::optional<std::int64_t> end;
    if (format_is(container, "matroska")) {
        end = end_of_segment(io);
    } else if (std::strcmp(container->iformat->name, "avi") == 0 || std::strcmp(container->iformat->name, "wav") == 0) {
        end = end_of_riff(io);
    }
    avio_seek(io, here, SEEK_SET);
    return !end || *end <= size + 1; // a pad byte may be missing
}

double claimed_seconds(const AVFormatContext* container)
{
    const bool said =
        container->duration != AV_NOPTS_VALUE && container->duration_estimation_method == AVFMT_DURATION_FROM_STREAM;
    for (unsigned i = 0; said && i < container->nb_streams; ++i) {
        const AVMediaType type = container->streams[i]->codecpar->codec_type;
        if (type != AVMEDIA_TYPE_VIDEO && type != AVMEDIA_TYPE_AUDIO) {
            return 0; // subtitles may go on longer
        }
    }
    return said ? static_cast<double>(container->duration) / AV_TIME_BASE : 0;
}

} // namespace longtake::av
