#pragma once

#include "tests/support/ffmpeg_cli.h"
#include "tests/support/scenes.h"
#include "tests/support/temp_dir.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace longtake::test {

/// A clip whose frames tell their numbers (as eight black or white fields on top, lowest bit left), over something that
/// moves, and which flashes (its lower half, for one frame) and beeps at the same moment.
struct Numbered {
    int first = 0; ///< number of the first frame, 0..255
    int frames = 36;
    std::string size = "160x90";
    std::string rate = "24";
    int flash = 20; ///< counted from the clip's first frame
    bool sound = true;
    int sample_rate = 48000;
    std::string filter{}; ///< further, after the numbers are drawn: ",hflip"
    std::string video = "-c:v libx264 -preset veryfast -crf 22 -bf 3 -g 12 -pix_fmt yuv420p -x264-params scenecut=0";
    std::string audio = "-c:a aac -b:a 128k";
    std::string colours = "-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv";
    std::string options{};
};

inline double fps_of(const std::string& rate)
{
    const std::size_t slash = rate.find('/');
    return std::stod(rate) / (slash == std::string::npos ? 1 : std::stod(rate.substr(slash + 1)));
}

inline std::filesystem::path write_numbered(const std::filesystem::path& file, const Numbered& clip = {})
{
    const double seconds = clip.frames / fps_of(clip.rate);
    const double beep = clip.flash / fps_of(clip.rate);
    std::ostringstream command;
    command << "-f lavfi -i \"testsrc2=s=" << clip.size << ":r=" << clip.rate << ":d=" << clip.frames + 2
            << ",trim=end_frame=" << clip.frames << ",drawbox=x=0:y=0:w=iw:h=ih/6:c=black:t=fill";
    for (int bit = 0; bit < 8; ++bit) {
        command << ",drawbox=x=iw*" << bit << "/8:y=0:w=iw/8:h=ih/6:c=white:t=fill:enable='mod(floor((n+" << clip.first
                << ")/" << (1 << bit) << "),2)'";
    }
    command << ",drawbox=x=0:y=ih/2:w=iw:h=ih/2:c=black:t=fill"
            << ",drawbox=x=0:y=ih/2:w=iw:h=ih/2:c=white:t=fill:enable='eq(n," << clip.flash << ")'" << clip.filter
            << "\"";
    if (clip.sound) {
        command << " -f lavfi -i \"aevalsrc='0.5*sin(2*PI*1000*(t-" << beep << "))*between(t," << beep << ","
                << beep + 0.06 << ")':s=" << clip.sample_rate << ":d=" << seconds << "\" " << clip.audio;
    }
    command << " " << clip.video << " " << clip.colours << " " << clip.options << " \"" << file.string() << "\"";
    ffmpeg(command.str());
    return file;
}

/// A film's picture as the installed ffmpeg decodes it.
struct Decoded {
    static constexpr int width = 160;
    static constexpr int height = 90;
    static constexpr std::size_t bytes = width * height * 3 / 2; ///< of a frame, 4:2:0

    std::string pictures;
    std::string complaints; ///< warnings and errors

    std::int64_t frames() const { return static_cast<std::int64_t>(pictures.size() / bytes); }

    std::string_view frame(std::int64_t number) const
    {
        return std::string_view(pictures).substr(static_cast<std::size_t>(number) * bytes, bytes);
    }
};

inline Decoded decoded(const std::filesystem::path& film)
{
    const TempDir dir;
    const std::string log = (dir / "log").string();
    Decoded seen;
    seen.pictures = run("ffmpeg -nostdin -v warning -xerror -threads 1 -i \"" + film.string() +
                        "\" -map 0:V:0 -fps_mode passthrough -pix_fmt yuv420p -f rawvideo - 2>" + log)
                        .printed;
    std::ostringstream complaints;
    complaints << std::ifstream(log).rdbuf();
    seen.complaints = complaints.str();
    return seen;
}

/// What a frame of numbered clips tells.
struct SeenFrame {
    int number = 0;
    bool flash = false;
};

inline SeenFrame seen_in(std::string_view frame)
{
    const auto bright = [&](int x, int y) {
        return static_cast<unsigned char>(frame.at(static_cast<std::size_t>(y * Decoded::width + x))) > 128;
    };
    SeenFrame seen;
    for (int bit = 0; bit < 8; ++bit) {
        seen.number += bright(Decoded::width * (2 * bit + 1) / 16, Decoded::height / 12) ? 1 << bit : 0;
    }
    seen.flash = bright(Decoded::width / 2, Decoded::height * 3 / 4);
    return seen;
}

/// When the beeps of a film begin, in seconds.
inline std::vector<double> beeps_in(const std::filesystem::path& film)
{
    constexpr float k_loud = 0.17F; // a third of the beep: codecs ring before it
    constexpr std::size_t k_rate = 48000;
    const std::string raw =
        output_of("ffmpeg -nostdin -v error -i \"" + film.string() + "\" -map 0:a:0 -ac 1 -ar 48000 -f f32le -");
    const auto* samples = reinterpret_cast<const float*>(raw.data());
    std::vector<double> beeps;
    std::size_t quiet_since = 0;
    for (std::size_t i = 0; i < raw.size() / sizeof(float); ++i) {
        if (std::abs(samples[i]) > k_loud) {
            if (quiet_since == 0 || i - quiet_since > k_rate / 10) {
                beeps.push_back(static_cast<double>(i) / k_rate);
            }
            quiet_since = i;
        }
    }
    return beeps;
}

} // namespace longtake::test
