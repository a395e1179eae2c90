#include "pipeline/providers/dialects/kling_v2.h"

#include "pipeline/base/base64.h"
#include "pipeline/providers/dialects/kling_v1.h"

#include <fmt/format.h>

namespace longtake::remote::kling_v2 {
namespace {

using nlohmann::json;

const std::map<std::string, std::string> k_resolutions = {{"std", "720p"}, {"pro", "1080p"}, {"4k", "4k"}};

/// Makes sound always and several shots where the prompt names them, and is asked for neither.
bool has_no_choices(const std::string& model)
{
    return model.ends_with("-turbo");
}

/// "shot 1, 3, a lighthouse at dusk; shot 2, 5, the keeper lights the lamp"
std::string script_of(const TakeRequest& request)
{
    if (request.multi_shot.empty()) {
        return request.take.prompt;
    }
    std::string script;
    int index = 0;
    for (const ShotPart& part : request.multi_shot) {
        script += fmt::format("{}shot {}, {:.0f}, {}", index > 0 ? "; " : "", index + 1, part.seconds, part.prompt);
        ++index;
    }
    return script;
}

json contents_of(const TakeRequest& request)
{
    json contents = json::array();
    if (const std::string script = script_of(request); !script.empty()) {
        contents.push_back({{"type", "prompt"}, {"text", script}});
    }
    contents.push_back({{"type", "first_frame"}, {"url", base64_of_file(request.stills.image->file)}});
    if (arrives(request)) {
        contents.push_back({{"type", "last_frame"}, {"url", base64_of_file(request.stills.end_image->file)}});
    }
    return contents;
}

json settings_of(const TakeRequest& request, const std::string& model)
{
    const auto resolution = k_resolutions.find(request.settings.mode);
    require(resolution != k_resolutions.end(), request, "mode '" + request.settings.mode + "' is not known here");
    json settings = {{"resolution", resolution->second}, {"duration", whole_seconds(request)}};
    if (endpoint_of(request) == Endpoint::text) {
        settings["aspect_ratio"] = aspect_ratio_of(request);
    }
    if (!has_no_choices(model)) {
        settings["audio"] = request.settings.sound ? "native" : "off";
        settings["multi_shot"] = !request.multi_shot.empty(); // its default is true
    }
    return settings;
}

json options_of(const TakeRequest& request)
{
    json options = {{"watermark_info", {{"enabled", request.settings.watermark}}}};
    if (!request.own_id.empty()) {
        options["external_task_id"] = request.own_id;
    }
    if (!request.settings.callback_url.empty()) {
        options["callback_url"] = request.settings.callback_url;
    }
    return options;
}

void check_expressible(const TakeRequest& request, const std::string& model)
{
    const ShotSettings& settings = request.settings;
    const auto refuse = [&](bool asked, const char* what) {
        require(!asked, request, model + " cannot take " + what + "; " + "kling-v1 and kling-v1-5 can");
    };
    refuse(settings.camera.has_value(), "a camera move");
    refuse(has_masks(request), "motion-brush masks");
    require(settings.negative_prompt.empty(), request,
            model + " takes no \"negative_prompt\"; say it in the prompt, or use kling-v2-6");
    require(settings.voices.empty(), request, model + " takes no \"voices\"; kling-v2-6 does");
    require(!arrives(request) || !has_no_choices(model), request, model + " takes no end image; kling-v3 does");
    require(endpoint_of(request) == Endpoint::image || !script_of(request).empty(), request,
            "a take from text needs a prompt");
}

/// Units at their list price, cash as it is; nothing where it is another currency.
std::optional<double> charged_for(const json& task)
{
    std::optional<double> sum;
    for (const json& item : member(task, "/billing")) {
        const auto amount = number_of(member(item, "/amount"));
        const bool units = text_of(member(item, "/charge_type")) == "unit";
        if (!amount || (!units && text_of(member(item, "/currency")) != "USD")) {
            continue;
        }
        sum = sum.value_or(0) + *amount * (units ? kling_v1::k_usd_a_unit : 1);
    }
    return sum;
}

JobState state_of_item(const json& task, const ApiError& envelope)
{
    for (const json& output : member(task, "/outputs")) { // an address is an end, whatever the word
        const std::string type = text_of(member(output, "/type"));
        std::string url = address_in(output, {"/url"});
        if ((type == "video" || type.empty()) && !url.empty()) {
            Ready ready;
            ready.url = std::move(url);
            ready.ref = kling_v1::ref_of(text_of(member(task, "/id")), output);
            ready.charged = charged_for(task);
            ready.expires = expiry_of(member(task, "/create_time"));
            return ready;
        }
    }
    const std::string word = text_of(member(task, "/status"));
    switch (phase_of(word)) {
    case Phase::running: return running(word);
    case Phase::failed: return failed_task(failure_reason(task, {"/message"}), envelope, charged_for(task));
    case Phase::done: break;
    }
    return names_no_footage();
}

} // namespace

std::string path_of(const TakeRequest& request, const std::string& model)
{
    return (endpoint_of(request) == Endpoint::text ? "/text-to-video/" : "/image-to-video/") + model;
}

json body_of(const TakeRequest& request, const std::string& model)
{
    check_expressible(request, model);
    json body = {{"settings", settings_of(request, model)}, {"options", options_of(request)}};
    if (endpoint_of(request) == Endpoint::text) {
        body["prompt"] = script_of(request);
    } else {
        body["contents"] = contents_of(request);
    }
    return body;
}

Submission submission_of(const Answer& answer)
{
    if (answer.failure) {
        return remote::submission_of(*answer.failure);
    }
    const ApiError envelope = kling_v1::complaint_of(answer.body);
    if (envelope.code != "0") {
        return remote::submission_of(answer, envelope, kling_v1::codes());
    }
    const std::string id = text_of(member(answer.body, "/data/id"));
    if (id.empty()) {
        return Unclear{reason_of({"0", "the service accepted, but named no task", envelope.request_id}, answer.status)};
    }
    return Accepted{{"tasks/" + id}};
}

JobState state_of(const Answer& answer, const std::string& task_id)
{
    const ApiError envelope = kling_v1::complaint_of(answer.body);
    const json& tasks = member(answer.body, "/data");
    if (envelope.code != "0" || !tasks.is_array()) {
        return remote::state_of(answer, envelope, kling_v1::codes());
    }
    for (const json& task : tasks) {
        if (text_of(member(task, "/id")) == task_id) {
            return state_of_item(task, envelope);
        }
    }
    return Missing{reason_of({"0", "the service knows no task " + task_id, envelope.request_id}, answer.status)};
}

Search search_of(const Answer& answer, const std::string& own_id)
{
    if (answer.failure) {
        return {false, std::nullopt, reason_of(*answer.failure)};
    }
    const ApiError envelope = kling_v1::complaint_of(answer.body);
    const json& tasks = member(answer.body, "/data");
    if (envelope.code != "0" || !tasks.is_array()) {
        return {false, std::nullopt, reason_of(answer, envelope), answer.retry_after};
    }
    for (const json& task : tasks) {
        const std::string theirs = text_of(member(task, "/external_id"));
        const std::string id = text_of(member(task, "/id"));
        if (!id.empty() && (theirs.empty() || theirs == own_id)) {
            return {true, Job{"tasks/" + id}, {}};
        }
    }
    return {tasks.empty(), std::nullopt, "no task of ours is known there"};
}

} // namespace longtake::remote::kling_v2
