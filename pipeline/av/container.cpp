#include "pipeline/av/container.h"

#include "pipeline/av/clip/accepted.h"
#include "pipeline/av/picture/colour.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <string>

namespace longtake::av {
namespace {

constexpr const char* k_protocol = "file"; ///< nothing is fetched, joined or decrypted on the way

[[noreturn]] void refuse_unreadable(const std::string& name)
{
    throw Error(Errc::input, name + ": this is no video or sound that FFmpeg can read; fetch or export it again");
}

/// Media are opened more than once and sought in: plain files only.
void check_plain(const std::filesystem::path& file)
{
    std::error_code code;
    const auto kind = std::filesystem::status(file, code).type();
    if (!code && kind != std::filesystem::file_type::regular && kind != std::filesystem::file_type::not_found) {
        throw Error(Errc::input, file.string() + (kind == std::filesystem::file_type::directory
                                                      ? ": is a directory, not a media file"
                                                      : ": is a pipe or a device; write it to a file first"));
    }
}

using Seek = std::int64_t (*)(void*, std::int64_t, int);

/// libavformat's own, which is the same for every file.
Seek seek_in_file(Seek own = nullptr)
{
    static const Seek seek = own;
    return seek;
}

/// Nowhere far beyond the end of any file, as on most file systems. On those that have no limit (XFS, tmpfs) the MXF
/// reader spends minutes there once a length is damaged.
std::int64_t seek_near(void* file, std::int64_t to, int whence)
{
    constexpr std::int64_t k_far = std::int64_t{1} << 44; // bytes, ext4's limit
    return whence == SEEK_SET && to > k_far ? AVERROR(EINVAL) : seek_in_file()(file, to, whence);
}

ReadingPtr open_file(const std::filesystem::path& file)
{
    check_plain(file);
    AVIOContext* raw = nullptr;
    AVDictionary* options = nullptr;
    av_dict_set(&options, "protocol_whitelist", k_protocol, 0);
    // With the protocol said, a name like "concat:a|b" or "http:x" is that of a file.
    const std::string url = std::string(k_protocol) + ":" + file.string();
    const int opened = avio_open2(&raw, url.c_str(), AVIO_FLAG_READ, nullptr, &options);
    av_dict_free(&options);
    check(opened, file.string(), Errc::input);
    seek_in_file(raw->seek);
    raw->seek = seek_near;
    return ReadingPtr(raw);
}

/// What libavformat sees of a file's name: the ending, by which it knows headerless streams. The rest would be searched
/// for patterns ("%03d") and be what relative names in the file start from.
std::string probe_name(const std::filesystem::path& file)
{
    return "media" + file.extension().string();
}

const AVInputFormat* format_of(AVIOContext* reading, const std::string& name, const std::string& file)
{
    const AVInputFormat* format = nullptr;
    const int found = av_probe_input_buffer2(reading, &format, name.c_str(), nullptr, 0, 0);
    if (found == AVERROR_INVALIDDATA) {
        refuse_unreadable(file);
    }
    check(found, file, Errc::input);
    if (std::strcmp(format->name, "image2") != 0) {
        return format;
    }
    // By their extension alone pictures are taken for a numbered sequence of files; their content says what they are.
    format = nullptr; // or it would be the answer again
    check(av_probe_input_buffer2(reading, &format, "media", nullptr, 0, 0), file, Errc::input);
    return format;
}

/// Readers of containers that want another file do not get it, and the container is marked.
int open_no_other(AVFormatContext* context, AVIOContext** /*other*/, const char* /*url*/, int /*flags*/,
                  AVDictionary** /*options*/)
{
    static bool wanted = true;
    context->opaque = &wanted;
    return AVERROR(EACCES);
}

void check_alone(const AVFormatContext* context, const std::string& name)
{
    if (context->opaque != nullptr) {
        throw Error(Errc::input, name + ": has its pictures or sound in other files, which are not opened; save it "
                                        "again as a self-contained file");
    }
}

void restrict_to(AVFormatContext* context, Accept accept)
{
    context->format_whitelist = av_strdup(format_list(accept).c_str());
    context->codec_whitelist = av_strdup(decoder_list().c_str());
    context->protocol_whitelist = av_strdup(k_protocol);
    context->io_open = open_no_other;
    context->flags |= AVFMT_FLAG_CUSTOM_IO;
}

} // namespace

bool told_by_header(const AVFormatContext* container)
{
    if (std::strstr(container->iformat->name, "mov") == nullptr) {
        return false;
    }
    return std::all_of(container->streams, container->streams + container->nb_streams, [](const AVStream* stream) {
        const AVCodecParameters* p = stream->codecpar;
        switch (p->codec_type) {
        case AVMEDIA_TYPE_VIDEO:
            return p->codec_id != AV_CODEC_ID_NONE && p->width > 0 && p->height > 0 && p->extradata_size > 0 &&
                   stream->avg_frame_rate.num > 0 && stream->start_time != AV_NOPTS_VALUE;
        case AVMEDIA_TYPE_AUDIO:
            return p->codec_id != AV_CODEC_ID_NONE && p->sample_rate > 0 && p->ch_layout.nb_channels > 0;
        default: return true;
        }
    });
}

InputPtr open_container(const std::filesystem::path& file, Detail detail, Accept accept)
{
    const std::string name = file.string();
    ReadingPtr reading = open_file(file);
    const AVInputFormat* format = format_of(reading.get(), probe_name(file), name);
    check_accepted(format, accept, name);

    InputPtr container(avformat_alloc_context());
    if (!container) {
        throw std::bad_alloc();
    }
    restrict_to(container.get(), accept);
    container->pb = reading.get();
    AVDictionary* options = nullptr;
    // MOV can have its samples in other files. Its reader would pass over them in silence; told to open them wherever
    // they are it asks open_no_other, and the file is refused.
    av_dict_set(&options, "enable_drefs", "1", 0);
    av_dict_set(&options, "use_absolute_path", "1", 0);
    AVFormatContext* context = container.release(); // freed if opening fails, but not the file
    const int opened = avformat_open_input(&context, probe_name(file).c_str(), format, &options);
    av_dict_free(&options);
    if (opened == AVERROR_INVALIDDATA) {
        refuse_unreadable(name);
    }
    check(opened, name, Errc::input);
    container.reset(context);
    (void)reading.release(); // closed with the container
    if (detail == Detail::decoded || !told_by_header(context)) {
        check(avformat_find_stream_info(context, nullptr), name + ": read its streams", Errc::input);
    }
    check_alone(context, name);
    for (unsigned i = 0; i < context->nb_streams; ++i) {
        keep_known_colours(context->streams[i]->codecpar);
    }
    return container;
}

} // namespace longtake::av
