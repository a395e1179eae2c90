// New-API gateways: the open-source one, and those that pass Kling's own calls through.
#include "pipeline/sandbox/apis/kling_v1.h"

#include <fmt/format.h>

#include <mutex>

namespace longtake::sandbox {
namespace {

using nlohmann::json;

constexpr double k_refresh_seconds = 0.4; ///< the gateway looks at its upstream only so often

/// What the adaptor forwards; it drops the rest without a word.
constexpr const char* k_forwarded[] = {
    "prompt",     "image",     "image_tail",  "negative_prompt", "mode",           "duration",     "aspect_ratio",
    "model_name", "cfg_scale", "static_mask", "dynamic_masks",   "camera_control", "callback_url", "external_task_id",
};

const char* gateway_word(TaskState phase)
{
    switch (phase) {
    case TaskState::queued: return "SUBMITTED";
    case TaskState::working: return "IN_PROGRESS";
    case TaskState::done: return "SUCCESS";
    case TaskState::failed: return "FAILURE";
    }
    return "";
}

Reply gateway_error(int status, const std::string& message, const std::string& code)
{
    return json_reply(
        {{"error",
          {{"message", message + " (request id: 20261121-sandbox)"}, {"type", "new_api_error"}, {"code", code}}}},
        status);
}

Reply task_error(int status, const std::string& code, const std::string& message)
{
    return json_reply({{"code", code}, {"message", message}, {"data", nullptr}}, status);
}

class NewApiSurface final : public FakeApi {
public:
    explicit NewApiSurface(ServiceState& service) : service_(service) {}

    Reply answer(Call call) override
    {
        try {
            call.account = check_key(call, "newapi", service_.settings);
            return route(call);
        } catch (const Refusal& refusal) {
            service_.note_refusal("newapi", call, refusal.code, refusal.what());
            return refused(refusal);
        }
    }

private:
    Reply route(const Call& call)
    {
        for (const std::string kind : {"text2video", "image2video"}) {
            const std::string path = "/kling/v1/videos/" + kind;
            if (call.method == "POST" && call.path == path) {
                return create(call);
            }
            if (call.method == "GET" && call.path.starts_with(path + "/")) {
                return poll(call, call.path.substr(path.size() + 1));
            }
        }
        const std::string own = "/v1/videos/";
        if (call.method == "GET" && call.path.starts_with(own) && call.path.ends_with("/content")) {
            return content(call, call.path.substr(own.size(), call.path.size() - own.size() - 8));
        }
        throw Refusal(1202, "Invalid URL (" + call.method + " " + call.path + ")");
    }

    /// The gateway's own complaints are its own; the rest is the upstream's body in a string.
    static Reply refused(const Refusal& refusal)
    {
        switch (refusal.code) {
        case 1000:
        case 1001:
        case 1002: return gateway_error(401, "Invalid token", "");
        case 1102: return gateway_error(403, "user quota is not enough", "insufficient_user_quota");
        case 1200: return task_error(400, "invalid_request", refusal.what());
        case 1202: return gateway_error(404, refusal.what(), "");
        default: break;
        }
        const Reply upstream = official_refusal(refusal);
        return task_error(upstream.status, "fail_to_fetch_task", upstream.body);
    }

    /// What the upstream is sent: known members alone, and a text to video call where there is no picture.
    static json rebuilt(const json& body)
    {
        if (!body.is_object()) {
            throw Refusal(1200, "the body must be a JSON object");
        }
        if (body.contains("duration") && !body["duration"].is_string()) {
            throw Refusal(1200, "json: cannot unmarshal number into Go struct field .duration of type string");
        }
        if (body.value("prompt", "").empty()) {
            throw Refusal(1200, "prompt is required");
        }
        json upstream = json::object();
        for (const char* name : k_forwarded) {
            if (body.contains(name)) {
                upstream[name] = body[name];
            }
        }
        if (!upstream.contains("model_name")) {
            upstream["model_name"] = body.value("model", "kling-v1");
        }
        if (upstream.value("image", "").empty()) {
            upstream.erase("image");
            upstream.erase("image_tail");
            upstream["aspect_ratio"] = upstream.value("aspect_ratio", "1:1");
        } else {
            upstream.erase("aspect_ratio");
        }
        return upstream;
    }

    Reply create(const Call& call)
    {
        ServiceState::Words words;
        words.read = [&] {
            const json upstream = rebuilt(json_body(call));
            const std::string kind = upstream.contains("image") ? "image2video" : "text2video";
            return OfficialRequests(service_, {"newapi", call.account}, ExtendBy::either).read(kind, upstream);
        };
        words.created = [](const TaskView& view) {
            const std::string id = "task_" + view.task.id;
            return json_reply({{"id", id},
                               {"task_id", id},
                               {"object", "video"},
                               {"model", view.task.order.model},
                               {"status", "queued"},
                               {"progress", 0},
                               {"created_at", view.created / 1000}});
        };
        words.refused = refused;
        return service_.submit("newapi", call.path.substr(call.path.rfind('/') + 1), call, words);
    }

    Reply poll(const Call& call, const std::string& id)
    {
        service_.count("newapi", "poll");
        const std::string upstream = id.starts_with("task_") ? id.substr(5) : "";
        return service_.poll(
            {"newapi", call.account}, upstream, false,
            [&](const std::optional<TaskView>& fresh) {
                if (!fresh) {
                    return task_error(400, "task_not_exist", "task_not_exist");
                }
                return json_reply({{"code", "success"}, {"message", ""}, {"data", task_json(id, known(id, *fresh))}});
            },
            refused);
    }

    /// The footage itself, passed through by the gateway.
    Reply content(const Call& call, const std::string& id)
    {
        service_.count("newapi", "content");
        const auto reply = service_.content({"newapi", call.account}, id.starts_with("task_") ? id.substr(5) : "");
        return reply ? *reply : task_error(404, "task_not_exist", "task_not_exist");
    }

    /// What the gateway knows of a task: as old as its last own look.
    TaskView known(const std::string& id, const TaskView& fresh)
    {
        const std::lock_guard lock(mutex_);
        auto& [at, view] = seen_[id];
        if (Clock::now() - at > std::chrono::duration<double>(k_refresh_seconds)) {
            at = Clock::now();
            view = fresh;
        }
        return view;
    }

    /// Where the gateway itself serves a task's footage, to who brings its key.
    std::string own_address(const std::string& id) const
    {
        return service_.root + "/newapi/v1/videos/" + id + "/content";
    }

    json task_json(const std::string& id, const TaskView& seen) const
    {
        TaskView view = seen;
        std::string address = view.url;
        const bool own = view.task.faults.has(Fault::Effect::gateway_file);
        if (own || view.task.faults.has(Fault::Effect::gateway_only)) { // the upstream's own address is not passed on
            address = own && !view.url.empty() ? own_address(id) : "";
            view.url.clear();
        }
        const bool over = view.phase == TaskState::failed || (view.phase == TaskState::done && view.word.empty());
        return {{"task_id", id},
                {"platform", "50"},
                {"action", "generate"},
                {"status", view.word.empty() ? gateway_word(view.phase) : view.word},
                {"fail_reason", view.reason},
                {"result_url", address},
                {"progress", over                              ? "100%"
                             : view.phase == TaskState::queued ? "10%"
                                                               : "50%"},
                {"submit_time", view.created / 1000},
                {"start_time", view.phase == TaskState::queued ? 0 : view.created / 1000},
                {"finish_time", over ? view.updated / 1000 : 0},
                {"data", official_envelope(official_task(view))}};
    }

    ServiceState& service_;
    std::mutex mutex_;
    std::map<std::string, std::pair<Clock::time_point, TaskView>> seen_;
};

} // namespace

std::unique_ptr<FakeApi> make_newapi(ServiceState& service)
{
    if (!service.settings.newapi_passthrough) {
        return std::make_unique<NewApiSurface>(service);
    }
    return std::make_unique<KlingV1Api>(service, KlingV1Api::Traits{"newapi",
                                                                    "/kling",
                                                                    false,
                                                                    ExtendBy::either,
                                                                    {"text2video", "image2video", "multi-image2video",
                                                                     "video-extend", "lip-sync", "effects"}});
}

} // namespace longtake::sandbox
