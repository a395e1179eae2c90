#include "pipeline/av/version.h"

#include "pipeline/av/ffmpeg.h"

extern "C" {
#include <libavutil/cpu.h>
}

#include <algorithm>
#include <array>
#include <utility>

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

std::string vector_instructions()
{
    // From the widest down. A flag that only says "slow" stands for nothing of its own.
    constexpr std::array<std::pair<int, const char*>, 7> levels = {{{AV_CPU_FLAG_AVX512, "avx512"},
                                                                    {AV_CPU_FLAG_AVX2, "avx2"},
                                                                    {AV_CPU_FLAG_AVX, "avx"},
                                                                    {AV_CPU_FLAG_SSE42, "sse4.2"},
                                                                    {AV_CPU_FLAG_SSSE3, "ssse3"},
                                                                    {AV_CPU_FLAG_SSE2, "sse2"},
                                                                    {0, "none"}}};
    const int flags = av_get_cpu_flags();
    return std::ranges::find_if(levels, [&](const auto& level) { return (flags & level.first) == level.first; })
        ->second;
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
