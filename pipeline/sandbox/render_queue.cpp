#include "pipeline/sandbox/render_queue.h"

#include "pipeline/av/clip/video_reader.h"
#include "pipeline/av/media_writer.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "pipeline/sandbox/threads.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace longtake::sandbox {
namespace {

nlohmann::json take_json(const local::TakeSpec& take)
{
    nlohmann::json json = {
        {"image", take.image.string()}, {"size", take.size},   {"rate", take.rate},
        {"frames", take.frames},        {"start", take.start}, {"move", take.move_seconds.value_or(0)},
        {"rests", take.comes_to_rest}};
    if (take.end_image) {
        json["end"] = take.end_image->string();
    }
    if (take.camera) {
        json["camera"] = *take.camera;
    }
    return json;
}

std::string name_of(const Footage& footage)
{
    nlohmann::json json = {{"source", footage.source.string()},
                           {"sound", footage.sound},
                           {"drift", footage.drift},
                           {"drifted", footage.drifted}};
    for (const local::TakeSpec& take : footage.takes) {
        json["takes"].push_back(take_json(take));
    }
    return sha256_of(json.dump()).substr(0, 24);
}

av::MediaSpec encoding_of(const Footage& footage)
{
    av::MediaSpec spec;
    spec.size = footage.takes.front().size;
    spec.rate = footage.takes.front().rate;
    spec.video.codec = "h264";
    spec.video.encoder = "libx264";
    spec.video.profile = "high";
    spec.video.encoder_preset = "veryfast";
    spec.video.crf = 17;
    spec.threads = 1;
    if (footage.sound) {
        Preset::Audio audio;
        audio.codec = "aac";
        audio.bitrate = 128'000;
        spec.audio = audio;
    }
    return spec;
}

/// A quiet fifth, so that sound can be heard to be there.
av::SoundSource hum(double seconds)
{
    const auto total = static_cast<std::int64_t>(seconds * 48'000);
    return [total, at = std::int64_t{0}](std::span<float> stereo) mutable {
        const auto room = static_cast<std::int64_t>(stereo.size() / 2);
        const std::int64_t count = std::min(room, total - at);
        for (std::int64_t i = 0; i < count; ++i, ++at) {
            const double angle = 2 * std::numbers::pi * static_cast<double>(at) / 48'000;
            const auto value = static_cast<float>(0.05 * (std::sin(220 * angle) + 0.6 * std::sin(330 * angle)));
            stereo[2 * i] = value;
            stereo[2 * i + 1] = value;
        }
        return static_cast<std::size_t>(std::max<std::int64_t>(count, 0));
    };
}

local::YuvView view_of_frame(const av::Frame& frame)
{
    local::YuvView view;
    for (int i = 0; i < 3; ++i) {
        view.plane[static_cast<std::size_t>(i)] = frame.plane(i);
        view.stride[static_cast<std::size_t>(i)] = frame.stride(i);
    }
    view.size = frame.size();
    return view;
}

void shift_plane(const av::Frame& frame, int plane, double by)
{
    std::array<std::uint8_t, 256> table{};
    for (int i = 0; i < 256; ++i) {
        table[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(std::clamp(std::lround(i + by), 16L, 240L));
    }
    const int shrink = plane == 0 ? 1 : 2;
    for (int y = 0; y < frame.size().height / shrink; ++y) {
        std::uint8_t* row = frame.plane(plane) + static_cast<std::ptrdiff_t>(y) * frame.stride(plane);
        std::transform(row, row + frame.size().width / shrink, row, [&](std::uint8_t value) { return table[value]; });
    }
}

void shift_colours(const av::Frame& frame, double by)
{
    shift_plane(frame, 0, by);
    shift_plane(frame, 1, -by / 2);
    shift_plane(frame, 2, by / 2);
}

/// Colours are off by `from` on the first frame and by `to` on the last.
void write_take(const local::TakeSpec& take, double from, double to, av::MediaWriter& writer)
{
    const local::TakeRenderer renderer(take);
    const double last = static_cast<double>(std::max<std::int64_t>(take.frames - 1, 1));
    for (std::int64_t index = 0; index < take.frames; ++index) {
        const av::Frame frame = av::Frame::yuv420(take.size);
        renderer.render(index, view_of_frame(frame));
        if (from != 0 || to != 0) {
            shift_colours(frame, from + (to - from) * static_cast<double>(index) / last);
        }
        writer.write(frame);
    }
}

void write_takes(const Footage& footage, av::MediaWriter& writer)
{
    double drifted = footage.drifted;
    for (const local::TakeSpec& take : footage.takes) {
        write_take(take, drifted, drifted + footage.drift, writer);
        drifted += footage.drift;
    }
}

void copy_film(const std::filesystem::path& film, av::MediaWriter& writer)
{
    av::VideoReader reader(film);
    while (const auto shown = reader.next()) {
        writer.write(shown->frame);
    }
}

void write_footage(const Footage& footage, const std::filesystem::path& file)
{
    PartFile part(file);
    av::MediaWriter writer(part.part(), encoding_of(footage),
                           footage.sound ? hum(footage.seconds()) : av::SoundSource{});
    if (footage.source.empty()) {
        write_takes(footage, writer);
    } else {
        copy_film(footage.source, writer);
    }
    writer.finish();
    part.commit();
}

} // namespace

std::int64_t Footage::frames() const
{
    std::int64_t sum = 0;
    for (const local::TakeSpec& take : takes) {
        sum += take.frames;
    }
    return sum;
}

double Footage::seconds() const
{
    return takes.front().rate.seconds(frames());
}

RenderQueue::RenderQueue(std::filesystem::path dir, int threads) : dir_(std::move(dir))
{
    start_threads(
        threads_, threads, "rendering", [this] { work(); }, [this] { stop(); });
}

void RenderQueue::stop()
{
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
}

RenderQueue::~RenderQueue()
{
    stop();
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

std::string RenderQueue::order(const Footage& footage)
{
    std::string name = name_of(footage);
    {
        const std::lock_guard lock(mutex_);
        if (!prints_.try_emplace(name).second) {
            return name;
        }
        jobs_.push_back({name, footage});
    }
    wake_.notify_one();
    return name;
}

RenderedFile RenderQueue::print(const std::string& name) const
{
    const std::lock_guard lock(mutex_);
    const auto found = prints_.find(name);
    return found == prints_.end() ? RenderedFile{} : found->second;
}

int RenderQueue::rendered() const
{
    const std::lock_guard lock(mutex_);
    return static_cast<int>(prints_.size() - jobs_.size());
}

void RenderQueue::work()
{
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (stopping_) {
            return;
        }
        const Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        RenderedFile print{RenderedFile::State::done, dir_ / (job.name + ".mp4"), {}};
        try {
            write_footage(job.footage, print.file);
        } catch (const std::exception& error) {
            print.state = RenderedFile::State::failed;
            print.error = error.what();
        }
        lock.lock();
        prints_[job.name] = print;
    }
}

} // namespace longtake::sandbox
