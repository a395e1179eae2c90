#include "pipeline/av/ffmpeg.h"

#include "pipeline/base/files.h"

#include <array>
#include <cerrno>

namespace longtake::av {

std::string error_text(int code)
{
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    return av_make_error_string(text.data(), text.size(), code);
}

int check(int result, const std::string& what, Errc code)
{
    if (result < 0) {
        throw Error(code, what + ": " + error_text(result));
    }
    return result;
}

int check_written(int result, const std::string& file)
{
    const int reason = AVUNERROR(result);
    // libav's own codes are no errno; these three it also uses for what it was given.
    const bool of_libav = reason > 0xFFF || reason == EINVAL || reason == ENOMEM || reason == ERANGE;
    if (result < 0 && !of_libav) {
        throw storage_error("write", file, reason);
    }
    return check(result, "write '" + file + "'");
}

void close_input(AVFormatContext** input) noexcept
{
    const bool own = *input != nullptr && ((*input)->flags & AVFMT_FLAG_CUSTOM_IO) != 0;
    AVIOContext* reading = own ? (*input)->pb : nullptr; // avformat_close_input leaves it open
    avformat_close_input(input);
    avio_closep(&reading);
}

} // namespace longtake::av
