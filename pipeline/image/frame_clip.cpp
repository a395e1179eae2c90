#include "pipeline/image/frame_clip.h"

#include "pipeline/av/picture/look_reader.h"
#include "pipeline/base/error.h"
#include "pipeline/image/bars.h"
#include "pipeline/image/framing_path.h"
#include "pipeline/image/subjects.h"

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace longtake::image {
namespace {

constexpr double k_looks = 5;          ///< a second
constexpr int k_look_side = 640;       ///< pixels: a face of 4 % of it can be found
constexpr double k_looks_for_bars = 1; ///< a second, where nothing is followed

cv::Mat bgr_of(const av::Frame& rgb)
{
    cv::Mat bgr;
    cv::cvtColor(
        cv::Mat(rgb.size().height, rgb.size().width, CV_8UC3, rgb.plane(0), static_cast<std::size_t>(rgb.stride(0))),
        bgr, cv::COLOR_RGB2BGR);
    return bgr;
}

/// A box of looks in the pixels of the clip, on even ones, and within it.
Box on_clip(const Box& box, Size look, Size clip)
{
    const auto even_up = [](double at) { return static_cast<int>(std::ceil(at / 2 - 1e-9)) * 2; };
    const auto even_down = [](double at) { return static_cast<int>(std::floor(at / 2 + 1e-9)) * 2; };
    const double across = static_cast<double>(clip.width) / look.width;
    const double down = static_cast<double>(clip.height) / look.height;
    Box whole{0, 0, clip.width, clip.height};
    if (box.width < look.width) {
        whole.x = even_up(box.x * across);
        whole.width = even_down((box.x + box.width) * across) - whole.x;
    }
    if (box.height < look.height) {
        whole.y = even_up(box.y * down);
        whole.height = even_down((box.y + box.height) * down) - whole.y;
    }
    return whole;
}

bool follows(const Focus& focus)
{
    return focus.on == Focus::On::track || focus.on == Focus::On::face;
}

av::LookReader opened(const std::filesystem::path& file, std::int64_t first, std::int64_t frames,
                      const FramingOptions& options)
{
    av::LookReader::Options how;
    how.first = first;
    how.frames = frames;
    how.counted = options.counted;
    how.side = k_look_side;
    how.looks = follows(options.focus) ? k_looks : k_looks_for_bars;
    return {file, how};
}

} // namespace

Framing frame_clip(const std::filesystem::path& file, std::int64_t first, std::int64_t frames, double aspect,
                   const FramingOptions& options)
{
    if (!(aspect > 0)) {
        throw Error(Errc::usage, fmt::format("a window of aspect {} cannot be shown; give width / height", aspect));
    }
    av::LookReader reader = opened(file, first, frames, options);
    Observer observer(follows(options.focus));
    BarFinder bars;
    Size look_size;
    FramedShot shot{{}, {}, aspect, first, frames, reader.rate(), options.focus};
    while (const auto look = reader.next()) {
        if (shot.picture.width != 0 && look->size != shot.picture) {
            continue; // a clip that changes its size: what comes first counts
        }
        const cv::Mat bgr = bgr_of(look->rgb);
        bars.look(bgr);
        observer.look(look->frame, bgr);
        look_size = look->rgb.size();
        shot.picture = look->size;
    }
    if (shot.picture.width == 0) {
        throw Error(Errc::input, fmt::format("{}: shows no picture in frames {} to {}; look at others", file.string(),
                                             first, first + frames));
    }
    shot.active = on_clip(bars.active(), look_size, shot.picture);
    const FoundPath found = framing_path(observer.finish(), shot);
    return {found.path, shot.active, window_size({shot.active.width, shot.active.height}, aspect), found.note};
}

} // namespace longtake::image
