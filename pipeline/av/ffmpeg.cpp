#include "pipeline/av/ffmpeg.h"

#include <array>

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

} // namespace longtake::av
