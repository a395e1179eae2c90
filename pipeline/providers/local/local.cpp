#include "pipeline/providers/local/local.h"

#include "pipeline/av/media_writer.h"
#include "pipeline/base/error.h"
#include "pipeline/providers/take_renderer.h"

#include <algorithm>

namespace longtake::local {
namespace {

using nlohmann::json;

/// Raise it when rendering changes, so that takes of an older look are not found again.
constexpr int k_look = 2;

/// What the footage is encoded with: visually lossless, and cheap enough to rehearse with. One thread a take,
/// because shots are rendered side by side.
Preset::Video take_encoding()
{
    Preset::Video video;
    video.codec = "h264";
    video.encoder = "libx264";
    video.profile = "high";
    video.encoder_preset = "fast";
    video.crf = 15;
    video.gop_seconds = 2;
    return video;
}

bool continues(const TakeRequest& request)
{
    return request.take.kind == PlannedTake::Kind::extend && request.parent.is_object();
}

/// A take chained on a last frame repeats that frame, as services do; the frame comes on top. So do those before an
/// opening's own.
std::int64_t frames_of(const TakeRequest& request)
{
    const std::int64_t frames = request.rate.frames(request.take.seconds) + request.handle;
    return request.take.kind == PlannedTake::Kind::chain ? frames + 1 : frames;
}

/// An extension goes on over the picture its parent ended with.
const Still& picture_of(const TakeRequest& request)
{
    const bool arrived = continues(request) && request.parent.value("arrived", false) && request.stills.end_image;
    return arrived ? *request.stills.end_image : *request.stills.image;
}

bool arrives(const TakeRequest& request)
{
    return request.take.end_frame && request.stills.end_image;
}

/// A place in a picture, on the still that shows a part of it.
PicturePoint on_still(const PicturePoint& at, const Still& still)
{
    const PicturePart& source = still.source;
    const PicturePart& place = still.place;
    return {std::clamp(place.x + (at.x - source.x) / source.width * place.width, 0.0, 1.0),
            std::clamp(place.y + (at.y - source.y) / source.height * place.height, 0.0, 1.0)};
}

/// What a camera does that nobody directs.
json drift_of(const TakeRequest& request)
{
    const Still& still = picture_of(request);
    Focus focus = request.settings.focus;
    if (focus.on == Focus::On::point) {
        focus.at = on_still(focus.at, still);
    }
    json drift = {{"way", word(request.drift)}, {"focus", focus}};
    if (still.blurred_bars) {
        drift["inset"] = {still.place.x, still.place.y, still.place.width, still.place.height};
    }
    return drift;
}

/// Shots go over into each other in motion: only the film's own beginning and end are at rest.
void add_rests(const TakeRequest& request, json& job)
{
    job["from_rest"] = request.first_shot && request.take.index == 0;
    job["to_rest"] = request.last_shot && request.last;
}

json job_of(const TakeRequest& request)
{
    json job = {{"picture", picture_of(request).file.string()},
                {"size", request.size},
                {"rate", request.rate},
                {"frames", frames_of(request)},
                {"comes_to_rest", request.last}};
    if (continues(request)) {
        job["state"] = request.parent.at("state");
    }
    if (request.settings.camera) {
        job["camera"] = *request.settings.camera;
    } else {
        job["drift"] = drift_of(request);
    }
    add_rests(request, job);
    if (arrives(request)) {
        job["end_picture"] = request.stills.end_image->file.string();
    }
    // A chained take starts a move of its own; a shot of takes and extensions is one move.
    if (request.take.kind != PlannedTake::Kind::chain && request.shot_seconds > 0) {
        job["move_seconds"] = request.shot_seconds;
    }
    return job;
}

void read_drift(const json& drift, TakeSpec& spec)
{
    spec.drift = parse_drift(drift.at("way").get<std::string>());
    spec.focus = drift.at("focus").get<Focus>();
    if (drift.contains("inset")) {
        const json& part = drift["inset"];
        spec.inset = {part.at(0).get<double>(), part.at(1).get<double>(), part.at(2).get<double>(),
                      part.at(3).get<double>()};
    }
}

TakeSpec spec_of(const json& job)
{
    TakeSpec spec;
    spec.image = job.at("picture").get<std::string>();
    spec.size = job.at("size").get<Size>();
    spec.rate = job.at("rate").get<Rate>();
    spec.frames = job.at("frames").get<std::int64_t>();
    spec.comes_to_rest = job.at("comes_to_rest").get<bool>();
    if (job.contains("end_picture")) {
        spec.end_image = job["end_picture"].get<std::string>();
    }
    if (job.contains("camera")) {
        spec.camera = job["camera"].get<CameraMove>();
    } else {
        read_drift(job.at("drift"), spec);
    }
    spec.from_rest = job.at("from_rest").get<bool>();
    spec.to_rest = job.at("to_rest").get<bool>();
    spec.strangers = job.value("strangers", false);
    if (job.contains("state")) {
        spec.start = job["state"].get<MoveState>();
    }
    if (job.contains("move_seconds")) {
        spec.move_seconds = job["move_seconds"].get<double>();
    }
    return spec;
}

YuvView view_of(const av::Frame& frame)
{
    YuvView view;
    for (int i = 0; i < 3; ++i) {
        view.plane[static_cast<std::size_t>(i)] = frame.plane(i);
        view.stride[static_cast<std::size_t>(i)] = frame.stride(i);
    }
    view.size = frame.size();
    return view;
}

Ready ready_from(const json& job)
{
    Ready ready;
    ready.url = job.dump();
    ready.ref = {{"state", end_state(spec_of(job))}, {"arrived", job.contains("end_picture")}};
    if (job.contains("strangers")) {
        ready.ref["strangers"] = true;
    }
    return ready;
}

void need_picture(const TakeRequest& request)
{
    if (!request.stills.image) {
        throw Error(Errc::usage,
                    "shot '" + request.shot + "': provider local needs an \"image\"; it cannot draw a prompt");
    }
}

/// The job with what only its pictures tell.
json ordered(const TakeRequest& request)
{
    need_picture(request);
    json job = job_of(request);
    if (arrives(request) && are_strangers(picture_of(request).file, request.stills.end_image->file, request.size)) {
        job["strangers"] = true;
    }
    return job;
}

} // namespace

TakeSpec take_spec(const TakeRequest& request)
{
    return spec_of(ordered(request));
}

json LocalProvider::shape(const TakeRequest& request) const
{
    need_picture(request);
    // The prompt moves nothing here, but it is part of what was asked for: a changed prompt is a changed take.
    json shape = job_of(request);
    shape.erase("picture");
    shape.erase("end_picture");
    shape.update({{"look", k_look},
                  {"model", request.model},
                  {"prompt", request.take.prompt},
                  {"negative_prompt", request.settings.negative_prompt},
                  {"image", picture_of(request).sha256},
                  {"end_image", arrives(request) ? shape_of(request.stills.end_image) : json()},
                  {"parent", request.parent_fingerprint}});
    return shape;
}

Submission LocalProvider::submit(const TakeRequest& request, std::stop_token /*stop*/)
{
    const json job = ordered(request);
    return Accepted{{job.dump()}, ready_from(job)};
}

JobState LocalProvider::poll(const Job& job, std::stop_token /*stop*/)
{
    return ready_from(json::parse(job.id));
}

void LocalProvider::download(const Ready& footage, const std::filesystem::path& file, const Progress& progress,
                             std::stop_token stop)
{
    const TakeSpec spec = spec_of(json::parse(footage.url));
    const TakeRenderer renderer(spec);

    av::MediaSpec output;
    output.size = spec.size;
    output.rate = spec.rate;
    output.video = take_encoding();
    output.threads = 1;
    av::MediaWriter writer(file, output);
    for (std::int64_t index = 0; index < spec.frames; ++index) {
        if (stop.stop_requested()) {
            throw Error(Errc::interrupted, "stopped");
        }
        const av::Frame frame = av::Frame::yuv420(spec.size);
        renderer.render(index, view_of(frame));
        writer.write(frame);
        if (progress) {
            progress(index + 1, spec.frames);
        }
    }
    writer.finish();
}

} // namespace longtake::local
