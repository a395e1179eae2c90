#include "pipeline/av/version.h"

#include "pipeline/av/ffmpeg.h"

namespace longtake::av {
namespace {

std::string versioned(const char* name, unsigned version)
{
    return std::string(name) + " " + std::to_string(AV_VERSION_MAJOR(version)) + "." +
           std::to_string(AV_VERSION_MINOR(version)) + "." + std::to_string(AV_VERSION_MICRO(version));
}

} // namespace

void quiet_log()
{
    av_log_set_level(AV_LOG_FATAL);
}

std::vector<std::string> library_versions()
{
    return {versioned("libavformat", avformat_version()), versioned("libavcodec", avcodec_version()),
            versioned("libavfilter", avfilter_version()), versioned("libswscale", swscale_version()),
            versioned("libswresample", swresample_version())};
}

std::string library_licence()
{
    return avformat_license();
}

bool has_encoder(const std::string& name)
{
    return avcodec_find_encoder_by_name(name.c_str()) != nullptr;
}

} // namespace longtake::av
