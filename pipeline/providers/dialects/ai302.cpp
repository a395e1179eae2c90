#include "pipeline/providers/dialects/ai302.h"

#include "pipeline/http/url.h"
#include "pipeline/providers/dialects/request_shape.h"
#include "pipeline/providers/dialects/wavespeed.h"

#include <fmt/format.h>

#include <string_view>

namespace longtake::remote {
namespace {

using nlohmann::json;

const Classifications k_ai302_codes = {
    {"-10001", {Reaction::stop, Errc::credentials}},
    {"-10002", {Reaction::stop, Errc::credentials}},
    {"-10003", {Reaction::unclear, Errc::pending}},
    {"-10004", {Reaction::stop, Errc::budget}},
    {"-10005", {Reaction::stop, Errc::credentials}},
    {"-10006", {Reaction::stop, Errc::budget}},
    {"-10007", {Reaction::stop, Errc::budget}},
    {"-10008", {Reaction::back_off, Errc::pending}},
    {"-10009", {Reaction::give_up}},
    {"-10010", {Reaction::missing}},
    {"-10011", {Reaction::give_up}},
    {"-10012", {Reaction::back_off, Errc::pending}},
    {"-10018", {Reaction::stop, Errc::budget}},
    {"-1024", {Reaction::unclear, Errc::pending}},
};

ApiError ai302_complaint(const json& body)
{
    return {first_text(body, {"/error/err_code", "/error/code", "/err_code"}),
            first_text(body, {"/error/message", "/error/message_en", "/message"}),
            first_text(body, {"/request_id", "/error/request_id"})};
}

http::Part text_part(const std::string& name, const std::string& text)
{
    http::Part part;
    part.name = name;
    part.text = text;
    return part;
}

http::Part picture_part(const std::string& name, const Still& still)
{
    http::Part part;
    part.name = name;
    part.file = still.file;
    part.filename = name + (still.format == "jpeg" ? ".jpg" : ".png");
    part.type = content_type_of(still);
    return part;
}

constexpr double k_failed_and_refunded = 50;
constexpr const char* k_relayed = "wavespeed"; ///< the dialect of its calls under /ws
constexpr const char* k_relay = "/ws/api/v3/";
constexpr const char* k_relayed_job = "ws/";

/// Operations that take JSON, from words alone: how pictures get an address there was not read.
json json_body(const TakeRequest& request, const Route& route)
{
    json body = route.fields;
    body["prompt"] = request.take.prompt;
    body["duration"] = whole_seconds(request);
    body["aspect_ratio"] = aspect_ratio_of(request);
    if (route.sound) {
        body["enable_audio"] = request.settings.sound;
    }
    return body;
}

/// The numbers of the web application behind it; words as everywhere.
Phase phase_of_status(const json& status)
{
    const auto number = number_of(status);
    if (!number) {
        return phase_of(text_of(status));
    }
    if (*number >= 90) {
        return Phase::done;
    }
    return *number == k_failed_and_refunded || *number == 9 || *number < 0 ? Phase::failed : Phase::running;
}

Running running_by(const json& status)
{
    const auto number = number_of(status);
    if (!number) {
        return running(text_of(status));
    }
    return *number == 5 || *number == 10 ? Running{} : running("status " + text_of(status));
}

const char* ai302_kind(Endpoint call)
{
    switch (call) {
    case Endpoint::text: return "text";
    case Endpoint::image: return "image";
    case Endpoint::images: return "multi";
    case Endpoint::reference: return "reference";
    case Endpoint::extend: return "extend";
    default: return "none";
    }
}

} // namespace

Ai302Provider::Ai302Provider(const ProviderSettings& settings)
    : RemoteProvider("302ai", settings, {{"/klingai/task"}, {"/klingai", false}, {"/v1", false}}), key_(key())
{
}

bool Ai302Provider::sends_cfg(const TakeRequest& request) const
{
    const Route* route = facts().route(request.model, ai302_kind(endpoint_of(request)), request.settings.mode,
                                       request.take.seconds, arrives(request));
    return route != nullptr && !route->guidance.empty();
}

const Route& Ai302Provider::route_for(const TakeRequest& request) const
{
    const Endpoint call = endpoint_of(request);
    const ShotSettings& settings = request.settings;
    const std::string who = "provider 302ai ";
    require(!settings.camera && !has_masks(request), request,
            who + "takes no camera moves and no motion-brush masks; provider kling does");
    require(settings.voices.empty(), request, who + "knows no \"voices\"; provider kling does");
    require(!settings.watermark, request, who + "has no watermark to ask for");
    require(settings.callback_url.empty() || settings.mode == "std", request,
            who + "calls back in mode std only; leave \"callback_url\" out");
    const Route* route =
        facts().route(request.model, ai302_kind(call), settings.mode, request.take.seconds, arrives(request));
    require(route != nullptr, request,
            fmt::format("{}has no call for {} with {} in mode {}{}, {:.0f} s; provider kling has", who, words_for(call),
                        request.model, settings.mode, arrives(request) ? " and an end image" : "",
                        request.take.seconds));
    require(!settings.sound || route->sound || route->sound_always, request,
            who + "makes no sound with this call; provider kling does");
    require(request.multi_shot.empty() || route->dialect == k_relayed, request,
            who + "knows no \"multi_shot\" with this call; provider kling does");
    require(settings.callback_url.empty() || route->dialect.empty(), request,
            who + "calls nobody back with this call; leave \"callback_url\" out");
    return *route;
}

std::vector<http::Part> Ai302Provider::form_for(const TakeRequest& request, const Route& route) const
{
    std::vector<http::Part> form;
    const Endpoint call = endpoint_of(request);
    if (call == Endpoint::image) {
        form.push_back(picture_part("input_image", *request.stills.image));
    }
    if (call == Endpoint::images) {
        form.push_back(picture_part("input_image", request.stills.images.front()));
        for (const Still& still : request.stills.images) {
            form.push_back(picture_part("image_list", still));
        }
    }
    if (arrives(request)) {
        form.push_back(picture_part(route.end_frame, *request.stills.end_image));
    }
    form.push_back(text_part("prompt", request.take.prompt));
    if (call == Endpoint::extend) {
        const std::string parent = text_of(member(request.parent, "/task_id"));
        require(!parent.empty(), request, "an extension needs the task id of the take before, which is not known");
        form.push_back(text_part("task_id", parent));
    } else {
        form.push_back(text_part("negative_prompt", request.settings.negative_prompt));
        form.push_back(text_part("aspect_ratio", aspect_ratio_of(request)));
    }
    if (!route.guidance.empty()) {
        form.push_back(text_part(route.guidance, fmt::format("{}", request.settings.cfg_scale)));
    }
    if (route.sound) {
        form.push_back(text_part("enable_audio", request.settings.sound ? "true" : "false"));
    }
    if (!request.settings.callback_url.empty()) {
        form.push_back(text_part("callback", request.settings.callback_url));
    }
    for (const auto& [name, value] : route.fields.items()) {
        form.push_back(text_part(name, text_of(value)));
    }
    return form;
}

Submission Ai302Provider::submit(const TakeRequest& request, std::stop_token stop)
{
    const Route& route = route_for(request);
    if (route.dialect == k_relayed) {
        Submission submission =
            wavespeed::submission_of(submit_json(k_relay + route.slug, wavespeed::body_of(request, route), stop));
        if (auto* accepted = std::get_if<Accepted>(&submission)) {
            accepted->job.id = k_relayed_job + accepted->job.id;
        }
        return submission;
    }
    const std::string path = "/klingai/" + route.slug;
    const Answer answer = route.dialect == "json" ? submit_json(path, json_body(request, route), stop)
                                                  : submit_parts(path, form_for(request, route), stop);
    if (answer.failure) {
        return submission_of(*answer.failure);
    }
    if (const std::string id = text_of(member(answer.body, "/data/task/id")); !id.empty()) {
        return Accepted{{id}};
    }
    const ApiError complaint = ai302_complaint(answer.body);
    return submission_of(answer, complaint, k_ai302_codes, k_common_wordings);
}

Job Ai302Provider::adopt(const TakeRequest& request, const std::string& task) const
{
    const bool relayed = route_for(request).dialect == k_relayed && !task.starts_with(k_relayed_job);
    return {relayed ? k_relayed_job + task : task};
}

JobState Ai302Provider::poll(const Job& job, std::stop_token stop)
{
    if (job.id.starts_with(k_relayed_job)) {
        const std::string id = job.id.substr(std::string_view(k_relayed_job).size());
        return wavespeed::state_of(get(k_relay + ("predictions/" + http::encode(id)) + "/result", stop), id);
    }
    const Answer answer = get("/klingai/task/" + http::encode(job.id) + "/fetch?geo=global", stop);
    const json& data = member(answer.body, "/data");
    const json& status = member(data, "/status");
    const ApiError complaint = ai302_complaint(answer.body);
    Ready ready;
    ready.url = address_in(data, {"/works/0/resource/resource", "/taskWorks/0/resource/resource",
                                  "/works/0/resource/url", "/works/0/resource", "/taskWorks/0/resource"});
    if (answer.failure || (text_of(status).empty() && ready.url.empty())) {
        return state_of(answer, complaint, k_ai302_codes, k_common_wordings);
    }
    if (ready.url.empty()) { // an address is an end, whatever the number
        switch (phase_of_status(status)) {
        case Phase::running: return running_by(status);
        case Phase::failed:
            return failed_task(failure_reason(data, {"/message", "/task/message"}), complaint,
                               number_of(status) == k_failed_and_refunded ? std::optional(0.0) : std::nullopt);
        case Phase::done: return names_no_footage();
        }
    }
    ready.ref = {{"task_id", job.id}};
    if (const auto duration = number_of(member(data, "/works/0/resource/duration"))) {
        ready.ref["seconds"] = *duration / 1000;
    }
    return ready;
}

} // namespace longtake::remote
