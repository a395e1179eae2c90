#pragma once

#include "pipeline/av/media_writer.h"
#include "pipeline/image/grade.h"
#include "pipeline/model/clip.h"
#include "pipeline/providers/take_renderer.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

/// Footage whose every frame is known, for tests of joins.
namespace longtake::test {

constexpr Size k_film_size{256, 144};
constexpr Rate k_film_rate{24, 1};
constexpr std::int64_t k_film_frames = 400;

inline av::Frame rendered(const local::TakeRenderer& renderer, Size size, std::int64_t index)
{
    av::Frame frame = av::Frame::yuv420(size);
    local::YuvView view;
    view.size = size;
    for (int i = 0; i < 3; ++i) {
        view.plane[static_cast<std::size_t>(i)] = frame.plane(i);
        view.stride[static_cast<std::size_t>(i)] = frame.stride(i);
    }
    renderer.render(index, view);
    return frame;
}

/// A camera gliding over a photograph: frame i of a film that never stands still.
inline const av::Frame& film_frame(std::int64_t index)
{
    static const std::vector<av::Frame> film = [] {
        local::TakeSpec spec;
        spec.image = std::filesystem::path(LONGTAKE_SOURCE_DIR) / "tests/data/photos/chelsea.png";
        spec.camera = CameraMove{.horizontal = 10, .vertical = 6, .zoom = -6};
        spec.size = k_film_size;
        spec.rate = k_film_rate;
        spec.frames = k_film_frames;
        const local::TakeRenderer renderer(spec);
        std::vector<av::Frame> frames;
        for (std::int64_t i = 0; i < k_film_frames; ++i) {
            frames.push_back(rendered(renderer, k_film_size, i));
        }
        return frames;
    }();
    return film.at(static_cast<std::size_t>(index));
}

inline Preset::Video encoding(double crf)
{
    Preset::Video video;
    video.codec = "h264";
    video.encoder = "libx264";
    video.encoder_preset = "superfast";
    video.crf = crf;
    video.gop_seconds = 10;
    return video;
}

struct Encode {
    double crf = 20;
    Rate rate = k_film_rate;
    Grade drift{};
};

/// Writes `count` frames given by number, as a service would deliver them.
inline Footage footage(const std::filesystem::path& file, std::int64_t count,
                       const std::function<const av::Frame&(std::int64_t)>& frame, const Encode& how = {})
{
    av::MediaSpec spec;
    spec.size = k_film_size;
    spec.rate = how.rate;
    spec.video = encoding(how.crf);
    spec.threads = 1;
    av::MediaWriter writer(file, spec);
    for (std::int64_t i = 0; i < count; ++i) {
        writer.write(image::graded(frame(i), how.drift));
    }
    writer.finish();
    Footage made;
    made.file = file;
    made.sha256 = file.filename().string();
    made.size = k_film_size;
    made.rate = how.rate;
    made.frames = count;
    return made;
}

/// Frames [from, to) of the film.
inline Footage piece(const std::filesystem::path& file, std::int64_t from, std::int64_t to, const Encode& how = {})
{
    return footage(
        file, to - from, [from](std::int64_t i) -> const av::Frame& { return film_frame(from + i); }, how);
}

} // namespace longtake::test
