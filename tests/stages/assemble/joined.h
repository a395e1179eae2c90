#pragma once

#include "pipeline/av/clip/conformed_reader.h"
#include "pipeline/av/media_writer.h"
#include "pipeline/image/grade.h"
#include "pipeline/model/timeline.h"
#include "pipeline/providers/take_renderer.h"
#include "tests/stages/extend/material.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/sound.h"
#include "tests/support/temp_dir.h"

#include <opencv2/imgproc.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

/// Clips that join in a known way, for the measuring and the fixing of joins.
namespace longtake::test::joined {

constexpr Size k_size{480, 270};
constexpr Rate k_rate{24, 1};
constexpr std::int64_t k_clip = 30; ///< frames of each clip

/// A camera moving over a photograph; `frames`: of the whole move, fewer are faster.
class Scene {
public:
    explicit Scene(const std::string& photo, CameraMove move = {.horizontal = 10, .vertical = 6, .zoom = -3},
                   std::int64_t frames = 96)
    {
        local::TakeSpec spec;
        spec.image = std::filesystem::path(LONGTAKE_SOURCE_DIR) / "tests/data/photos" / photo;
        spec.camera = move;
        spec.size = k_size;
        spec.rate = k_rate;
        spec.frames = frames;
        renderer_ = std::make_shared<local::TakeRenderer>(spec);
    }

    av::Frame operator()(std::int64_t index) const { return rendered(*renderer_, k_size, index); }

private:
    std::shared_ptr<local::TakeRenderer> renderer_;
};

/// What happens to a frame before it is encoded.
using Change = std::function<av::Frame(av::Frame)>;

inline av::Frame as_shot(av::Frame frame)
{
    return frame;
}

inline Change graded_by(const Grade& grade)
{
    return [grade](const av::Frame& frame) { return image::graded(frame, grade); };
}

inline av::Frame blurred(av::Frame frame)
{
    for (int i = 0; i < 3; ++i) {
        const int half = i == 0 ? 1 : 2;
        cv::Mat plane(k_size.height / half, k_size.width / half, CV_8U, frame.plane(i),
                      static_cast<std::size_t>(frame.stride(i)));
        cv::GaussianBlur(plane, plane, {}, 0.7 / half);
    }
    return frame;
}

/// What a service's round trip does: softer, brighter, flatter, more colour.
inline av::Frame drifted(av::Frame frame)
{
    return image::graded(blurred(std::move(frame)), {{0.98, 1.05, 1.05}, {3, 1, -1}});
}

/// Two clips on a timeline: 24 frames a second, 30 frames each, as they are made here.
class Joined {
public:
    /// Frames `first`, `first + 1`, ... of a scene.
    void clip(const std::string& name, const Scene& scene, std::int64_t first, double crf = 20,
              const Change& change = as_shot)
    {
        av::MediaSpec spec;
        spec.size = k_size;
        spec.rate = k_rate;
        spec.video = encoding(crf);
        spec.threads = 1;
        av::MediaWriter writer(dir_ / (name + ".mp4"), spec);
        for (std::int64_t i = 0; i < k_clip; ++i) {
            writer.write(change(scene(first + i)));
        }
        writer.finish();
        files_[name] = dir_ / (name + ".mp4");
    }

    /// Lays sound under a clip: `value` of the sample's number, at 48 kHz.
    void sound(const std::string& name, const std::function<double(double)>& value)
    {
        const auto wav = write_wav(dir_ / (name + ".wav"), test::sound(48000 * k_clip / 24, value));
        const auto file = dir_ / (name + "-sound.mov");
        ffmpeg("-i " + files_.at(name).string() + " -i " + wav.string() + " -c:v copy -c:a pcm_f32le " + file.string());
        files_[name] = file;
        sounds_[name] = true;
    }

    Range range(const std::string& name, std::int64_t first = 0, std::int64_t frames = k_clip) const
    {
        Range range;
        range.file = files_.at(name);
        range.first = first;
        range.frames = frames;
        range.sound = sounds_.contains(name);
        return range;
    }

    /// The clips one after the other, with a transition into the second.
    Timeline timeline(const TimelineTransition& into_second = {}) const
    {
        Timeline timeline;
        timeline.rate = k_rate;
        timeline.size = k_size;
        const std::int64_t start = k_clip - (into_second.held ? 0 : into_second.frames);
        timeline.items = {{"a", 0, k_clip, {}, {range("a")}}, {"b", start, k_clip, into_second, {range("b")}}};
        return timeline;
    }

    const TempDir& dir() const { return dir_; }

private:
    TempDir dir_;
    std::map<std::string, std::filesystem::path> files_;
    std::map<std::string, bool> sounds_;
};

} // namespace longtake::test::joined
