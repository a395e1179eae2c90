#include "pipeline/providers/dialects/kling_v1.h"

#include "pipeline/base/base64.h"

#include <algorithm>
#include <array>

namespace longtake::remote::kling_v1 {
namespace {

using nlohmann::json;

std::string encoded(const Still& still)
{
    return base64_of_file(still.file); // bare: the service refuses a "data:" prefix
}

bool is_first_generation(const std::string& model)
{
    return model == "kling-v1" || model == "kling-v1-5" || model == "kling-v1-6";
}

void add_camera(json& body, const TakeRequest& request)
{
    if (!request.settings.camera) {
        return;
    }
    const CameraMove& move = *request.settings.camera;
    json control = {{"type", move.type}};
    if (move.type == "simple") { // a named move takes no config
        const std::array<double, 6> axes = {move.horizontal, move.vertical, move.pan, move.tilt, move.roll, move.zoom};
        require(std::count(axes.begin(), axes.end(), 0.0) == 5, request,
                "\"camera\" needs exactly one axis other than 0 here");
        control["config"] = {{"horizontal", move.horizontal},
                             {"vertical", move.vertical},
                             {"pan", move.pan},
                             {"tilt", move.tilt},
                             {"roll", move.roll},
                             {"zoom", move.zoom}};
    }
    body["camera_control"] = std::move(control);
}

void add_masks(json& body, const TakeRequest& request)
{
    const ShotStills& stills = request.stills;
    require(stills.dynamic_masks.size() == request.trajectories.size(), request,
            "every dynamic mask needs a trajectory of its own");
    if (stills.static_mask) {
        body["static_mask"] = encoded(*stills.static_mask);
    }
    for (std::size_t i = 0; i < stills.dynamic_masks.size(); ++i) {
        json points = json::array();
        for (const DynamicMask::Point& point : request.trajectories[i].trajectory) {
            points.push_back({{"x", point.x}, {"y", point.y}});
        }
        body["dynamic_masks"].push_back({{"mask", encoded(stills.dynamic_masks[i])}, {"trajectories", points}});
    }
}

void add_sound(json& body, const TakeRequest& request)
{
    const ShotSettings& settings = request.settings;
    require(settings.voices.empty() || settings.sound, request, "\"voices\" need \"sound\"");
    if (settings.sound) {
        body["sound"] = "on";
    }
    for (const std::string& voice : settings.voices) {
        body["voice_list"].push_back({{"voice_id", voice}});
    }
}

void add_words(json& body, const TakeRequest& request)
{
    if (!request.take.prompt.empty()) {
        body["prompt"] = request.take.prompt;
    }
    if (!request.settings.negative_prompt.empty()) {
        body["negative_prompt"] = request.settings.negative_prompt;
    }
}

/// What one take from text or pictures has in common with the others.
json opening(const TakeRequest& request)
{
    json body = {{"model_name", request.model},
                 {"mode", request.settings.mode},
                 {"duration", std::to_string(whole_seconds(request))}};
    if (sends_cfg(request)) {
        body["cfg_scale"] = request.settings.cfg_scale;
    }
    body.update(script_of(request));
    return body;
}

json text_body(const TakeRequest& request)
{
    require(!request.take.prompt.empty() || !request.multi_shot.empty(), request, "a take from text needs a prompt");
    json body = opening(request);
    body["aspect_ratio"] = aspect_ratio_of(request);
    add_camera(body, request);
    add_sound(body, request);
    return body;
}

json image_body(const TakeRequest& request)
{
    require(request.stills.image.has_value(), request, "a take from a picture needs the picture");
    const int groups = int(arrives(request)) + int(has_masks(request)) + int(request.settings.camera.has_value());
    require(groups <= 1, request, "an end image, motion-brush masks and a camera move cannot be in one take");
    require(request.multi_shot.empty() || !arrives(request), request, "\"multi_shot\" cannot arrive at an end image");
    json body = opening(request);
    body["image"] = encoded(*request.stills.image);
    if (arrives(request)) {
        body["image_tail"] = encoded(*request.stills.end_image);
    }
    if (has_masks(request)) {
        add_masks(body, request);
    }
    add_camera(body, request);
    add_sound(body, request);
    return body;
}

json images_body(const TakeRequest& request)
{
    require(!request.take.prompt.empty(), request, "a take from several pictures needs a prompt");
    require(request.stills.images.size() <= 4, request, "a take is made from 4 pictures at most");
    json body = {{"model_name", request.model},
                 {"mode", request.settings.mode},
                 {"duration", std::to_string(whole_seconds(request))},
                 {"aspect_ratio", aspect_ratio_of(request)}};
    add_words(body, request);
    for (const Still& still : request.stills.images) {
        body["image_list"].push_back({{"image", encoded(still)}});
    }
    return body;
}

std::string video_id_of(const TakeRequest& request)
{
    std::string id = text_of(member(request.parent, "/video_id"));
    require(!id.empty(), request,
            words_for(endpoint_of(request)) + " needs the video id of the take before, which is not known");
    return id;
}

json extend_body(const TakeRequest& request)
{
    json body = {{"video_id", video_id_of(request)}};
    add_words(body, request);
    if (request.model == "kling-v1") {
        body.erase("negative_prompt"); // not for V1.0, and neither is cfg_scale
    }
    if (sends_cfg(request)) {
        body["cfg_scale"] = request.settings.cfg_scale;
    }
    return body;
}

json lip_sync_body(const TakeRequest& request)
{
    require(request.lip_sync.has_value(), request, "lip-sync needs a recording or a text");
    const LipSync& lip_sync = *request.lip_sync;
    json input = {{"video_id", video_id_of(request)}};
    if (lip_sync.audio) {
        input.update(
            {{"mode", "audio2video"}, {"audio_type", "file"}, {"audio_file", base64_of_file(*lip_sync.audio)}});
    } else {
        require(!lip_sync.voice.empty(), request, "lip-sync from text needs a voice");
        input.update({{"mode", "text2video"},
                      {"text", lip_sync.text},
                      {"voice_id", lip_sync.voice},
                      {"voice_language", lip_sync.language},
                      {"voice_speed", lip_sync.speed}});
    }
    return {{"input", input}};
}

json effect_body(const TakeRequest& request)
{
    json input;
    if (request.stills.images.empty()) {
        require(request.stills.image.has_value(), request, "an effect needs a picture");
        input["image"] = encoded(*request.stills.image);
    }
    for (const Still& still : request.stills.images) {
        input["images"].push_back(encoded(still));
    }
    return {{"effect_scene", request.effect->scene}, {"input", input}};
}

json body_of_call(const TakeRequest& request, Endpoint call)
{
    switch (call) {
    case Endpoint::text: return text_body(request);
    case Endpoint::image: return image_body(request);
    case Endpoint::images: return images_body(request);
    case Endpoint::extend: return extend_body(request);
    case Endpoint::lip_sync: return lip_sync_body(request);
    case Endpoint::effect: return effect_body(request);
    case Endpoint::reference:
    case Endpoint::edit: break;
    }
    return omni_body_of(request);
}

/// Units, or the price where a cash balance was charged.
std::optional<double> charged_for(const json& data)
{
    const auto units = number_of(member(data, "/final_unit_deduction"));
    if (units.value_or(0) > 0) {
        return *units * k_usd_a_unit;
    }
    const auto cash = number_of(member(data, "/final_balance_deduction/list_price"));
    return cash ? cash : units;
}

/// "kling says ok": an envelope without a code is taken for one that has it where the data is there.
bool is_ok(const json& body, const ApiError& envelope)
{
    return envelope.code == "0" || (envelope.code.empty() && member(body, "/data").is_structured());
}

} // namespace

const Classifications& codes()
{
    static const Classifications k_codes = {
        {"1000", {Reaction::stop, Errc::credentials}},
        {"1001", {Reaction::stop, Errc::credentials}},
        {"1002", {Reaction::stop, Errc::credentials}},
        {"1003", {Reaction::stop, Errc::credentials}},
        {"1004", {Reaction::stop, Errc::credentials}},
        {"1100", {Reaction::stop, Errc::budget}},
        {"1101", {Reaction::stop, Errc::budget}},
        {"1102", {Reaction::stop, Errc::budget}},
        {"1103", {Reaction::give_up, Errc::credentials}}, // for this model or call; others may be open to the account
        {"1203", {Reaction::missing}},
        {"1302", {Reaction::back_off, Errc::pending}},
        {"1303", {Reaction::wait_for_slot, Errc::pending}},
        {"1304", {Reaction::stop, Errc::credentials}},
        {"1xxx", {Reaction::give_up}},
        {"5xxx", {Reaction::unclear, Errc::pending}},
    };
    return k_codes;
}

Job job_of(const TakeRequest& request, const std::string& task)
{
    return {task.find('/') == std::string::npos ? path_of(endpoint_of(request)) + "/" + task : task};
}

std::string path_of(Endpoint call)
{
    switch (call) {
    case Endpoint::text: return "text2video";
    case Endpoint::image: return "image2video";
    case Endpoint::images: return "multi-image2video";
    case Endpoint::extend: return "video-extend";
    case Endpoint::lip_sync: return "lip-sync";
    case Endpoint::effect: return "effects";
    case Endpoint::reference:
    case Endpoint::edit: break;
    }
    return "omni-video";
}

json body_of(const TakeRequest& request)
{
    const Endpoint call = endpoint_of(request);
    json body = body_of_call(request, call);
    if (!request.settings.callback_url.empty()) {
        body["callback_url"] = request.settings.callback_url;
    }
    if (call == Endpoint::lip_sync) {
        return body; // knows neither an id of ours nor a watermark
    }
    if (!request.own_id.empty()) {
        body["external_task_id"] = request.own_id;
    }
    if (request.settings.watermark && call != Endpoint::effect) {
        body["watermark_info"] = {{"enabled", true}};
    }
    return body;
}

json script_of(const TakeRequest& request)
{
    json script = json::object();
    if (request.multi_shot.empty()) {
        add_words(script, request);
        return script;
    }
    script["multi_shot"] = true;
    script["shot_type"] = "customize";
    int index = 0;
    double sum = 0;
    for (const ShotPart& part : request.multi_shot) {
        const int seconds = static_cast<int>(part.seconds);
        script["multi_prompt"].push_back(
            {{"index", ++index}, {"prompt", part.prompt}, {"duration", std::to_string(seconds)}});
        sum += seconds;
    }
    require(sum == whole_seconds(request), request, "the seconds of \"multi_shot\" must sum to the take's");
    if (!request.settings.negative_prompt.empty()) {
        script["negative_prompt"] = request.settings.negative_prompt;
    }
    return script;
}

bool sends_cfg(const TakeRequest& request)
{
    switch (endpoint_of(request)) {
    case Endpoint::text:
    case Endpoint::image: return is_first_generation(request.model);
    case Endpoint::extend: return is_first_generation(request.model) && request.model != "kling-v1";
    default: return false;
    }
}

ApiError complaint_of(const json& body)
{
    return {text_of(member(body, "/code")), text_of(member(body, "/message")), text_of(member(body, "/request_id"))};
}

Submission submission_of(const Answer& answer, const std::string& path)
{
    if (answer.failure) {
        return remote::submission_of(*answer.failure);
    }
    const ApiError envelope = complaint_of(answer.body);
    if (is_ok(answer.body, envelope)) {
        const std::string id = text_of(member(answer.body, "/data/task_id"));
        if (!id.empty()) {
            return Accepted{{path + "/" + id}};
        }
        return Unclear{
            reason_of({envelope.code, "the service accepted, but named no task", envelope.request_id}, answer.status)};
    }
    return remote::submission_of(answer, envelope, codes());
}

json ref_of(const std::string& task_id, const json& video)
{
    json ref = {{"task_id", task_id}};
    if (const std::string id = text_of(member(video, "/id")); !id.empty()) {
        ref["video_id"] = id;
    }
    if (const auto seconds = number_of(member(video, "/duration"))) {
        ref["seconds"] = *seconds;
    }
    return ref;
}

JobState state_of_task(const json& data, const ApiError& envelope)
{
    for (const json& video : member(data, "/task_result/videos")) { // an address is an end, whatever the word
        if (std::string url = address_in(video, {"/url"}); !url.empty()) {
            Ready ready;
            ready.url = std::move(url);
            ready.ref = ref_of(text_of(member(data, "/task_id")), video);
            ready.charged = charged_for(data);
            ready.expires = expiry_of(member(data, "/created_at"));
            return ready;
        }
    }
    const std::string word = text_of(member(data, "/task_status"));
    switch (phase_of(word)) {
    case Phase::running: return running(word);
    case Phase::failed: return failed_task(failure_reason(data, {"/task_status_msg"}), envelope, charged_for(data));
    case Phase::done: break;
    }
    return names_no_footage();
}

JobState state_of(const Answer& answer)
{
    const ApiError envelope = complaint_of(answer.body);
    const json& data = member(answer.body, "/data");
    if (is_ok(answer.body, envelope) && data.is_object()) {
        return state_of_task(data, envelope);
    }
    return remote::state_of(answer, envelope, codes());
}

Search search_of(const Answer& answer, const std::string& path, const std::string& own_id)
{
    if (answer.failure) {
        return {false, std::nullopt, reason_of(*answer.failure)};
    }
    const ApiError envelope = complaint_of(answer.body);
    const std::string id = text_of(member(answer.body, "/data/task_id"));
    const std::string theirs = text_of(member(answer.body, "/data/task_info/external_task_id"));
    if (is_ok(answer.body, envelope) && !id.empty() && (theirs.empty() || theirs == own_id)) {
        return {true, Job{path + "/" + id}, {}};
    }
    return {envelope.code == "1203", std::nullopt, reason_of(answer, envelope), answer.retry_after};
}

} // namespace longtake::remote::kling_v1
