#pragma once

#include "tests/support/h264.h"

namespace longtake::test {

/// A moving, noisy picture that fades in, as raw HEVC with start codes.
struct HevcSpec {
    const char* name = "";
    const char* x265 = "";         ///< of libx265, "a=1:b=2"
    const char* element = nullptr; ///< a syntax element the stream is there for,
    int value = 0;                 ///< and the value it must have somewhere
    const char* options = "";      ///< more of the ffmpeg command line
    const char* size = "176x144";
    int frames = 12;

    friend std::ostream& operator<<(std::ostream& out, const HevcSpec& spec) { return out << spec.name; }
};

inline std::filesystem::path write_hevc(const std::filesystem::path& file, const HevcSpec& spec)
{
    ffmpeg("-f lavfi -i 'testsrc2=s=" + std::string(spec.size) + ":r=25,noise=alls=12:allf=t,fade=in:0:12' -frames:v " +
           std::to_string(spec.frames) + " -pix_fmt yuv420p -c:v libx265 -preset veryfast " + spec.options +
           " -x265-params 'log-level=none:pools=1:frame-threads=1:" + spec.x265 + "' -f hevc '" + file.string() + "'");
    return file;
}

} // namespace longtake::test
