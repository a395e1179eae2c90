#include "pipeline/providers/dialects/wavespeed.h"

#include "pipeline/base/hash.h"
#include "pipeline/http/url.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake::remote {
namespace {

using nlohmann::json;

constexpr const char* k_predictions = "/api/v3/predictions/";
constexpr auto k_upload_timeout = std::chrono::minutes(5); ///< films of 100 MB

int own_status_of(const Answer& answer)
{
    const auto code = number_of(member(answer.body, "/code"));
    return answer.failure ? 0 : code ? static_cast<int>(*code) : answer.status;
}

Submission wavespeed_no(const Answer& answer)
{
    return remote::submission_of(wavespeed::with_own_status(answer), wavespeed::complaint_of(answer.body), {},
                                 k_common_wordings);
}

/// An upload owes nothing, whatever became of it: the submit has not been sent.
Submission upload_failed(const Answer& answer)
{
    Submission submission = wavespeed_no(answer);
    if (auto* declined = std::get_if<Declined>(&submission)) {
        declined->reason = "uploading: " + declined->reason;
        return submission;
    }
    const std::string reason =
        answer.failure ? reason_of(*answer.failure) : reason_of(answer, wavespeed::complaint_of(answer.body));
    return Declined{Declined::Then::back_off, Errc::pending, "uploading: " + reason, false, answer.retry_after};
}

std::string wavespeed_kind(const TakeRequest& request)
{
    switch (endpoint_of(request)) {
    case Endpoint::text: return "text";
    case Endpoint::image: return "image";
    case Endpoint::images: return "multi";
    case Endpoint::reference: return "reference";
    case Endpoint::edit: return "edit";
    case Endpoint::extend: return "extend";
    case Endpoint::effect: return "effect";
    case Endpoint::lip_sync: break;
    }
    return request.lip_sync && request.lip_sync->audio ? "lip_sync_audio" : "lip_sync_text";
}

std::string name_at_wavespeed(Reference::Kind kind, int place)
{
    const char* name = kind == Reference::Kind::picture ? "Image" : kind == Reference::Kind::film ? "Video" : "Audio";
    return fmt::format("@{}{}", name, place);
}

/// "images", "videos" or "video", "audios": the route's parameter for references of a kind.
std::string parameter_for(const Route& route, Reference::Kind kind)
{
    const char* stem = kind == Reference::Kind::picture ? "image" : kind == Reference::Kind::film ? "video" : "audio";
    const auto found = std::find_if(route.references.begin(), route.references.end(),
                                    [&](const auto& entry) { return entry.first.starts_with(stem); });
    return found == route.references.end() ? "" : found->first;
}

std::string type_of_file(const std::filesystem::path& path)
{
    static const std::map<std::string, std::string> k_types = {
        {".mp3", "audio/mpeg"},  {".wav", "audio/wav"},       {".m4a", "audio/mp4"},   {".aac", "audio/aac"},
        {".flac", "audio/flac"}, {".mov", "video/quicktime"}, {".webm", "video/webm"}, {".mp4", "video/mp4"}};
    const auto found = k_types.find(path.extension().string());
    return found == k_types.end() ? "application/octet-stream" : found->second;
}

/// The first output that is an address: as text, or as the member of an object.
std::string output_of(const json& data)
{
    for (const json& output : member(data, "/outputs")) {
        if (std::string url = address_in(output, {"", "/url"}); !url.empty()) {
            return url;
        }
    }
    return {};
}

bool is_explicit(const json& flags)
{
    return flags.is_array() && std::any_of(flags.begin(), flags.end(), [](const json& flag) { return flag == true; });
}

JobState state_without_footage(const json& data, const ApiError& complaint)
{
    const bool is_not_shown = is_explicit(member(data, "/has_nsfw_contents"));
    const std::string word = text_of(member(data, "/status"));
    switch (phase_of(word)) {
    case Phase::running: return running(word);
    case Phase::failed: {
        Refused refused = failed_task(failure_reason(data, {"/error"}), complaint, 0.0); // failures are refunded
        refused.worth_retrying = refused.worth_retrying && !is_not_shown;
        return refused;
    }
    case Phase::done: break;
    }
    if (is_not_shown) {
        return failed_task("the take is made, but was found explicit (NSFW) and is not handed out", complaint,
                           std::nullopt);
    }
    return names_no_footage();
}

} // namespace

ApiError wavespeed::complaint_of(const json& body)
{
    return {text_of(member(body, "/code")), first_text(body, {"/message", "/data/error", "/error"}),
            first_text(body, {"/request_id", "/data/id"})};
}

bool wavespeed::is_well(const Answer& answer)
{
    return !answer.failure && answer.readable() && own_status_of(answer) == 200;
}

Answer wavespeed::with_own_status(Answer answer)
{
    answer.status = own_status_of(answer);
    return answer;
}

json wavespeed::body_of(const TakeRequest& request, const Route& route)
{
    const ShotSettings& settings = request.settings;
    const Endpoint call = endpoint_of(request);
    json body = route.fields;
    if (call == Endpoint::lip_sync) {
        if (!request.lip_sync->audio) {
            body.update({{"text", request.lip_sync->text},
                         {"voice_id", request.lip_sync->voice},
                         {"voice_language", request.lip_sync->language},
                         {"voice_speed", request.lip_sync->speed}});
        }
        return body;
    }
    if (call == Endpoint::effect) {
        body["effect_scene"] = request.effect->scene;
        return body;
    }
    require(!request.take.prompt.empty() || !request.multi_shot.empty() || !route.prompt_required.value_or(true),
            request, "this take needs a prompt");
    if (!request.take.prompt.empty()) { // it excludes the prompts of several shots
        body["prompt"] = named_prompt(request, name_at_wavespeed);
    }
    if (!route.no_length) {
        body["duration"] = whole_seconds(request);
    }
    if (!settings.negative_prompt.empty()) {
        body["negative_prompt"] = settings.negative_prompt;
    }
    if (call == Endpoint::text || call == Endpoint::images || call == Endpoint::reference) {
        body["aspect_ratio"] = aspect_ratio_of(request);
    }
    if (settings.hdr) {
        body.update(route.hdr);
    }
    if (!route.guidance.empty()) {
        body[route.guidance] = settings.cfg_scale;
    }
    if (route.sound) {
        body["sound"] = settings.sound;
    }
    if (!settings.voices.empty()) {
        body["voice_list"] = settings.voices;
    }
    for (const ShotPart& part : request.multi_shot) {
        body["shot_type"] = "customize";
        body["multi_prompt"].push_back({{"prompt", part.prompt}, {"duration", static_cast<int>(part.seconds)}});
    }
    return body;
}

Submission wavespeed::submission_of(const Answer& answer)
{
    const std::string id = text_of(member(answer.body, "/data/id"));
    return wavespeed::is_well(answer) && !id.empty() ? Submission(Accepted{{id}}) : wavespeed_no(answer);
}

JobState wavespeed::state_of(const Answer& answer, const std::string& id)
{
    const json& data = member(answer.body, "/data");
    const ApiError complaint = wavespeed::complaint_of(answer.body);
    if (!wavespeed::is_well(answer) || !data.is_object()) {
        return remote::state_of(wavespeed::with_own_status(answer), complaint, {}, k_common_wordings);
    }
    Ready ready;
    ready.url = output_of(data);
    if (ready.url.empty()) { // an address is an end, whatever the word
        return state_without_footage(data, complaint);
    }
    ready.ref = {{"task_id", id}};
    return ready;
}

WavespeedProvider::WavespeedProvider(const ProviderSettings& settings)
    : RemoteProvider("wavespeed", settings,
                     {{"/api/v3/kwaivgi"}, {"/api/v3/predictions"}, {"/api/v3"}, {"/api", false}, {"/v3", false}}),
      key_(key())
{
}

const Route* WavespeedProvider::find_route(const TakeRequest& request) const
{
    return facts().route(request.model, wavespeed_kind(request), request.settings.mode, request.take.seconds,
                         arrives(request));
}

const Route& WavespeedProvider::route_for(const TakeRequest& request) const
{
    const ShotSettings& settings = request.settings;
    const std::string who = "provider wavespeed ";
    require(!settings.camera && !has_masks(request), request,
            who + "takes no camera moves and no motion-brush masks; provider kling does");
    require(!settings.watermark, request, who + "has no watermark to ask for; provider kling has");
    const Route* route = find_route(request);
    require(route != nullptr, request,
            fmt::format("{}has no call for {} with {} in mode {}{}; provider kling has", who,
                        words_for(endpoint_of(request)), request.model, settings.mode,
                        arrives(request) ? " and an end image" : ""));
    require(!settings.sound || route->sound || route->sound_always, request,
            who + "makes no sound with " + request.model + " in mode " + settings.mode + "; kling-v3 does");
    require(request.stills.keyframes.empty() || !route->keyframes.empty(), request,
            who + "passes through no keyframes with " + request.model);
    require(!settings.hdr || !route->hdr.empty(), request, who + "makes no HDR with " + request.model);
    require(settings.voices.empty() || route->voices, request,
            who + "takes no \"voices\" with " + request.model + "; kling-v2-6 in mode pro, from a picture, does");
    return *route;
}

json WavespeedProvider::shape(const TakeRequest& request) const
{
    json shape = RemoteProvider::shape(request);
    if (endpoint_of(request) == Endpoint::extend) {
        shape["seconds"] = request.take.seconds; // its extensions are as long as they are asked for
    }
    return shape;
}

bool WavespeedProvider::sends_cfg(const TakeRequest& request) const
{
    const Route* route = find_route(request);
    return route != nullptr && !route->guidance.empty();
}

WavespeedProvider::File WavespeedProvider::file_of(const Still& still)
{
    return {still.file, still.sha256, content_type_of(still)};
}

WavespeedProvider::File WavespeedProvider::file_of(const std::filesystem::path& path)
{
    return {path, sha256_of_file(path), type_of_file(path)};
}

std::vector<WavespeedProvider::Input> WavespeedProvider::references_for(const TakeRequest& request, const Route& route)
{
    std::map<std::string, std::vector<File>> files;
    auto picture = request.stills.references.begin();
    for (const Reference& reference : request.references) {
        const std::string parameter = parameter_for(route, reference.kind);
        require(
            !parameter.empty(), request,
            fmt::format("provider wavespeed takes no {} as a reference with {}", word(reference.kind), request.model));
        const bool pictured = reference.kind == Reference::Kind::picture;
        files[parameter].push_back(pictured ? file_of(*picture++) : file_of(reference.file));
    }
    std::vector<Input> inputs;
    for (auto& [parameter, list] : files) {
        const bool several = parameter.ends_with('s');
        inputs.push_back({parameter, std::move(list), several});
    }
    return inputs;
}

std::vector<WavespeedProvider::Input> WavespeedProvider::inputs_for(const TakeRequest& request, const Route& route)
{
    std::vector<Input> inputs = references_for(request, route);
    switch (endpoint_of(request)) {
    case Endpoint::images: {
        Input images{"images", {}, true};
        for (const Still& still : request.stills.images) {
            images.files.push_back(file_of(still));
        }
        inputs.push_back(std::move(images));
        break;
    }
    case Endpoint::effect:
        require(request.stills.image.has_value(), request,
                "provider wavespeed plays an effect on one picture, its \"image\"; provider kling takes two");
        [[fallthrough]];
    case Endpoint::image: inputs.push_back({"image", {file_of(*request.stills.image)}}); break;
    case Endpoint::edit: inputs.push_back({"video", {file_of(*request.edit)}}); break;
    case Endpoint::extend:
        require(!request.parent_footage.empty(), request, "an extension needs the film of the take before");
        inputs.push_back({"video", {file_of(request.parent_footage)}});
        break;
    case Endpoint::lip_sync:
        require(!request.parent_footage.empty(), request, "lip-sync needs the film of the take before");
        inputs.push_back({"video", {file_of(request.parent_footage)}});
        if (request.lip_sync->audio) {
            inputs.push_back({"audio", {file_of(*request.lip_sync->audio)}});
        }
        break;
    default: break;
    }
    if (!request.stills.keyframes.empty()) {
        Input between{route.keyframes, {}, true};
        for (const Still& still : request.stills.keyframes) {
            between.files.push_back(file_of(still));
        }
        inputs.push_back(std::move(between));
    }
    if (arrives(request)) {
        inputs.push_back({route.end_frame, {file_of(*request.stills.end_image)}});
    }
    return inputs;
}

Submission WavespeedProvider::submit(const TakeRequest& request, std::stop_token stop)
{
    const Route& route = route_for(request);
    json body = wavespeed::body_of(request, route);
    for (const Input& input : inputs_for(request, route)) {
        for (const File& file : input.files) {
            auto upload = uploaded(file, stop);
            if (auto* failed = std::get_if<Submission>(&upload)) {
                return std::move(*failed);
            }
            if (input.list) {
                body[input.name].push_back(std::get<std::string>(upload));
            } else {
                body[input.name] = std::get<std::string>(upload);
            }
        }
    }
    const std::string& callback = request.settings.callback_url;
    const std::string query = callback.empty() ? "" : "?webhook=" + http::encode(callback);
    return wavespeed::submission_of(submit_json("/api/v3/" + route.slug + query, body, stop));
}

std::variant<std::string, Submission> WavespeedProvider::uploaded(const File& file, const std::stop_token& stop)
{
    {
        const std::lock_guard lock(mutex_);
        if (const auto known = uploads_.find(file.sha256); known != uploads_.end()) {
            return known->second;
        }
    }
    auto result = upload(file, stop);
    if (const auto* url = std::get_if<std::string>(&result)) {
        const std::lock_guard lock(mutex_);
        uploads_.emplace(file.sha256, *url);
    }
    return result;
}

std::variant<std::string, Submission> WavespeedProvider::upload(const File& file, const std::stop_token& stop)
{
    http::Request ask;
    ask.method = "POST";
    ask.url = base() + "/api/v3/media/uploads";
    ask.headers = {{"Content-Type", "application/json"}};
    ask.body = json{{"filename", file.sha256.substr(0, 16) + file.path.extension().string()},
                    {"size", std::filesystem::file_size(file.path)},
                    {"content_type", file.type}}
                   .dump();
    const Answer place = exchange(ask, stop);
    if (place.status == 404) {
        return upload_the_old_way(file, stop);
    }
    const std::string address = text_of(member(place.body, "/data/download_url"));
    http::Request put;
    put.method = first_text(place.body, {"/data/upload/method"});
    put.url = text_of(member(place.body, "/data/upload/url"));
    if (!wavespeed::is_well(place) || address.empty() || put.url.empty()) {
        return upload_failed(place);
    }
    if (http::is_loopback(http::parse_url(put.url).host) && !rehearsal()) {
        return Declined{Declined::Then::give_up, Errc::provider,
                        "uploading: the service names an address on this machine"};
    }
    put.method = put.method.empty() ? "PUT" : put.method;
    for (const auto& [name, value] : member(place.body, "/data/upload/headers").items()) {
        put.headers.emplace_back(name, text_of(value));
    }
    put.upload = file.path;
    put.timeout = k_upload_timeout;
    const Answer stored = answer_of(client().send(put, stop)); // without the key: it is another's address
    if (stored.failure || stored.status >= 300) {
        return upload_failed(stored);
    }
    return address;
}

std::variant<std::string, Submission> WavespeedProvider::upload_the_old_way(const File& file,
                                                                            const std::stop_token& stop)
{
    http::Request request;
    request.method = "POST";
    request.url = base() + "/api/v2/media/upload/binary";
    http::Part part;
    part.name = "file";
    part.file = file.path;
    part.type = file.type;
    request.parts.push_back(std::move(part));
    request.timeout = k_upload_timeout;
    const Answer answer = exchange(request, stop);
    const std::string address = text_of(member(answer.body, "/data/download_url"));
    if (!wavespeed::is_well(answer) || address.empty()) {
        return upload_failed(answer);
    }
    return address;
}

JobState WavespeedProvider::poll(const Job& job, std::stop_token stop)
{
    const std::string path = k_predictions + http::encode(job.id); // data.urls.get may lead elsewhere, key and all
    Answer answer = get(path + "/result", stop);
    if (answer.status == 404) {
        Answer other = get(path, stop);
        answer = other.readable() || !answer.readable() ? std::move(other) : std::move(answer);
    }
    return wavespeed::state_of(answer, job.id);
}

} // namespace longtake::remote
