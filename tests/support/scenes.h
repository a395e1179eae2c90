#pragma once

#include "tests/support/ffmpeg_cli.h"

#include <array>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace longtake::test {

/// A clip as a service or a camera would give it: H.264 in MP4, BT.709, something moving in every frame.
struct Scene {
    int frames = 48;
    std::string size = "320x180";
    std::string rate = "24";
    int gop = 250;
    int bframes = 3;
    int look = 0;          ///< which of several pictures
    bool sound = false;    ///< a tone in AAC
    std::string x264{};    ///< more x264-params
    std::string options{}; ///< more ffmpeg output options
    std::string colours = "-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv";
};

inline std::filesystem::path write_scene(const std::filesystem::path& file, const Scene& scene = {})
{
    const std::array pictures = {"testsrc2", "mandelbrot", "testsrc", "mandelbrot=start_x=-1.2:start_scale=0.4"};
    std::ostringstream command;
    const std::string picture = pictures.at(static_cast<std::size_t>(scene.look) % pictures.size());
    command << "-f lavfi -i " << picture << (picture.find('=') == std::string::npos ? "=" : ":") << "s=" << scene.size
            << ":r=" << scene.rate;
    if (scene.sound) {
        command << " -f lavfi -i sine=f=440:r=48000 -c:a aac -shortest";
    }
    command << " -frames:v " << scene.frames << " -pix_fmt yuv420p -c:v libx264 -preset veryfast -crf 22 -bf "
            << scene.bframes << " -g " << scene.gop << " -x264-params scenecut=0"
            << (scene.x264.empty() ? "" : ":" + scene.x264) << " " << scene.colours << " " << scene.options << " '"
            << file.string() << "'";
    ffmpeg(command.str());
    return file;
}

/// The MD5 of every frame of a file's picture, decoded by the installed ffmpeg as far as it goes.
inline std::vector<std::string> frame_hashes(const std::filesystem::path& file)
{
    std::istringstream lines(
        run("ffmpeg -nostdin -v error -threads 1 -i '" + file.string() + "' -map 0:v:0 -f framemd5 - 2>&1").printed);
    std::vector<std::string> hashes;
    for (std::string line; std::getline(lines, line);) {
        const std::size_t comma = line.rfind(',');
        if (line[0] != '#' && comma != std::string::npos) {
            hashes.push_back(line.substr(comma + 2, 32));
        }
    }
    return hashes;
}

} // namespace longtake::test
