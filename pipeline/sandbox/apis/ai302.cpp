// 302.AI: one operation a model, mode and length; multipart forms; numbers for statuses.
#include "pipeline/sandbox/apis/kling_v1.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace longtake::sandbox {
namespace {

using nlohmann::json;

struct CodeOf302 {
    int business;
    int err_code;
    int http;
};

/// The nearest of 302's own codes for what Kling would answer.
constexpr CodeOf302 k_302_codes[] = {
    {1000, -10005, 401}, {1001, -10001, 401}, {1002, -10002, 401}, {1003, -10005, 401}, {1004, -10005, 401},
    {1100, -10006, 403}, {1101, -10004, 402}, {1102, -10004, 402}, {1103, -10009, 403}, {1200, -10011, 400},
    {1201, -10011, 400}, {1202, -10009, 404}, {1203, -10010, 404}, {1300, -10011, 400}, {1301, -10011, 400},
    {1302, -10012, 429}, {1303, -10008, 503}, {1304, -10002, 403}, {5000, -10003, 500}, {5001, -10003, 503},
    {5002, -1024, 504},
};

Reply refusal_302(const Refusal& refusal)
{
    const auto* row = std::find_if(std::begin(k_302_codes), std::end(k_302_codes),
                                   [&](const CodeOf302& code) { return code.business == refusal.code; });
    return json_reply({{"error", {{"err_code", row->err_code}, {"message", refusal.what()}, {"type", "api_error"}}}},
                      row->http);
}

/// 50 says that a task failed and was given back, 9 only that it failed.
int status_302(const TaskView& view)
{
    if (!view.word.empty()) {
        return view.phase == TaskState::failed ? -1 : 7; // numbers nobody documented
    }
    switch (view.phase) {
    case TaskState::queued: return 5;
    case TaskState::working: return 10;
    case TaskState::done: return 99;
    case TaskState::failed: break;
    }
    return view.charged == 0 ? 50 : 9;
}

json task_302(const TaskView& view)
{
    json data = {{"status", status_302(view)},
                 {"type", view.task.order.extra.value("operation", "")},
                 {"task", {{"id", "kling_" + view.task.id}}},
                 {"works", json::array()},
                 {"message", view.reason},
                 {"etaTime", 0}};
    if (!view.url.empty()) {
        const Size size = view.task.footage.takes.front().size;
        data["works"] = {{{"status", 99},
                          {"resource",
                           {{"resource", view.url},
                            {"width", size.width},
                            {"height", size.height},
                            {"duration", static_cast<int>(view.task.footage.seconds() * 1000)}}}}};
    }
    return data;
}

/// A multipart form read part by part; what nobody asked for is refused.
class Form {
public:
    explicit Form(const Call& call) : call_(call)
    {
        if (!call.multipart) {
            throw Refusal(1200, "the body must be multipart/form-data");
        }
    }

    std::optional<std::string> text(const std::string& name)
    {
        const Call::Part* part = find(name);
        if (part != nullptr && part->is_file) {
            refuse(name + " must be plain text");
        }
        return part == nullptr ? std::nullopt : std::optional(part->content);
    }

    /// The first part of this name; null: none.
    const Call::Part* find(const std::string& name)
    {
        const auto parts = all(name);
        return parts.empty() ? nullptr : parts.front();
    }

    std::vector<const Call::Part*> all(const std::string& name)
    {
        asked_.insert(name);
        std::vector<const Call::Part*> parts;
        const auto [first, last] = call_.form.equal_range(name);
        for (auto part = first; part != last; ++part) {
            parts.push_back(&part->second);
        }
        return parts;
    }

    void finish() const
    {
        for (const auto& [name, part] : call_.form) {
            if (!asked_.contains(name)) {
                refuse(name + " is not a parameter here");
            }
        }
    }

private:
    const Call& call_;
    std::set<std::string> asked_;
};

class Surface302 final : public FakeApi {
public:
    explicit Surface302(ServiceState& service) : service_(service), relayed_(make_wavespeed(service, "302ai")) {}

    Reply answer(Call call) override
    {
        if (call.path.starts_with("/ws/")) { // another service's calls, relayed
            call.path = call.path.substr(3);
            return relayed_->answer(std::move(call));
        }
        try {
            call.account = check_key(call, "302ai", service_.settings);
            return route(call);
        } catch (const Refusal& refusal) {
            service_.note_refusal("302ai", call, refusal.code, refusal.what());
            return refusal_302(refusal);
        }
    }

private:
    Reply route(const Call& call)
    {
        const std::string base = "/klingai/";
        const std::string fetch = base + "task/";
        if (call.method == "GET" && call.path.starts_with(fetch) && call.path.ends_with("/fetch")) {
            return poll(call, call.path.substr(fetch.size(), call.path.size() - fetch.size() - 6));
        }
        if (call.method == "POST" && call.path.starts_with(base + "m2v_")) {
            return create(call, call.path.substr(base.size()));
        }
        throw Refusal(1202, "there is no " + call.method + " " + call.path);
    }

    Reply create(const Call& call, const std::string& operation)
    {
        ServiceState::Words words;
        words.read = [&] { return read(call, operation); };
        words.created = [](const TaskView& view) {
            json data = task_302(view);
            data["queuingEtaTime"] = 180;
            return json_reply({{"result", 1}, {"status", 200}, {"message", ""}, {"data", data}});
        };
        words.refused = refusal_302;
        return service_.submit("302ai", operation, call, words);
    }

    Reply poll(const Call& call, const std::string& id)
    {
        service_.count("302ai", "poll");
        const std::string own = id.starts_with("kling_") ? id.substr(6) : "";
        return service_.poll(
            {"302ai", call.account}, own, false,
            [&](const std::optional<TaskView>& view) {
                if (!view) {
                    throw Refusal(1203, "task '" + id + "' does not exist");
                }
                return json_reply({{"result", 1}, {"message", ""}, {"data", task_302(*view)}});
            },
            refusal_302);
    }

    Order read(const Call& call, const std::string& operation)
    {
        const auto& routes = service_.catalog.provider("302ai").routes;
        const auto route = std::find_if(routes.begin(), routes.end(),
                                        [&](const Route& candidate) { return candidate.slug == operation; });
        if (route == routes.end()) {
            throw Refusal(1202, "there is no operation " + operation);
        }
        if (route->dialect == "json") {
            return read_json(call, operation);
        }
        Form form(call);
        Order order;
        order.model = route->model;
        order.mode = route->mode.empty() ? "std" : route->mode;
        order.seconds = route->seconds.value_or(5);
        order.extra = {{"operation", operation}};
        order.prompt = form.text("prompt").value_or("");
        if (route->kind == "extend") {
            read_parent(form, order, call);
        } else {
            read_generation(form, order, *route);
        }
        form.finish();
        return order;
    }

    /// An operation that takes JSON: the catalog has a row for each of its modes.
    Order read_json(const Call& call, const std::string& operation)
    {
        const json body = json_body(call);
        Fields fields(body);
        const std::string mode = fields.text("mode").value_or("std");
        const auto& routes = service_.catalog.provider("302ai").routes;
        const auto route = std::find_if(routes.begin(), routes.end(), [&](const Route& candidate) {
            return candidate.slug == operation && candidate.mode == mode;
        });
        if (route == routes.end()) {
            refuse("mode is '" + mode + "', which " + operation + " does not know");
        }
        const Model& model = service_.catalog.models.at(route->model);
        Order order;
        order.kind = "text2video";
        order.model = model.name;
        order.mode = mode;
        order.extra = {{"operation", operation}};
        order.prompt = fields.needed_text("prompt", static_cast<std::size_t>(model.max_prompt));
        order.seconds = static_cast<double>(fields.integer("duration", 1, 60).value_or(5));
        if (!has_length(model, order.seconds) || !model.durations.allows("text", order.seconds, false)) {
            refuse(fmt::format("duration is {}; {} does not make that", order.seconds, model.name));
        }
        order.aspect = fields.one_of("aspect_ratio", {"16:9", "9:16", "1:1"});
        if (route->sound) {
            order.sound = fields.flag("enable_audio").value_or(false) ? Sound::on : Sound::silent;
        }
        fields.finish();
        return order;
    }

    void read_generation(Form& form, Order& order, const Route& route)
    {
        order.kind = route.kind == "image" ? "image2video" : "text2video";
        form.text("negative_prompt");
        read_strictness(form);
        order.aspect = form.text("aspect_ratio").value_or("1:1");
        if (order.aspect != "1:1" && order.aspect != "16:9" && order.aspect != "9:16") {
            refuse("aspect_ratio is '" + order.aspect + "'; allowed: 1:1, 16:9, 9:16");
        }
        if (route.sound) {
            read_sound(form, order);
        }
        if (order.mode == "std") {
            form.text("callback");
        }
        if (route.kind == "image") {
            order.pictures.push_back(needed_picture(form, "input_image"));
            if (!route.end_frame.empty() && form.find(route.end_frame) != nullptr) {
                order.end = needed_picture(form, route.end_frame);
            }
            read_references(form, order, route);
        } else if (order.prompt.empty()) {
            refuse("prompt is required");
        }
    }

    static void read_sound(Form& form, Order& order)
    {
        const std::string sound = form.text("enable_audio").value_or("false");
        if (sound != "true" && sound != "false") {
            refuse("enable_audio must be true or false");
        }
        order.sound = sound == "true" ? Sound::on : Sound::silent;
    }

    /// Reference pictures, where another row of the catalog says the operation takes them.
    void read_references(Form& form, Order& order, const Route& route)
    {
        const auto& routes = service_.catalog.provider("302ai").routes;
        const bool takes = std::any_of(routes.begin(), routes.end(), [&](const Route& other) {
            return other.slug == route.slug && other.kind == "multi";
        });
        const auto parts = takes ? form.all("image_list") : std::vector<const Call::Part*>{};
        if (parts.size() > 4) {
            refuse("image_list: at most 4 pictures");
        }
        for (const Call::Part* part : parts) {
            order.kind = "multi-image2video";
            order.pictures.push_back(picture(*part, "image_list"));
        }
    }

    static void read_strictness(Form& form)
    {
        const auto text = form.text("cfg");
        if (!text) {
            return;
        }
        double value = -1;
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
        if (error != std::errc() || end != text->data() + text->size() || value < 0 || value > 1) {
            refuse("cfg is '" + *text + "'; it must be a number from 0 to 1");
        }
    }

    Picture needed_picture(Form& form, const std::string& name)
    {
        const Call::Part* part = form.find(name);
        if (part == nullptr || part->content.empty()) {
            refuse(name + " is required");
        }
        return picture(*part, name);
    }

    Picture picture(const Call::Part& part, const std::string& name)
    {
        return part.is_file ? service_.pictures.keep(part.content, name) : picture_from(service_, part.content, name);
    }

    void read_parent(Form& form, Order& order, const Call& call)
    {
        order.kind = "video-extend";
        const std::string id = form.text("task_id").value_or("");
        const auto source =
            id.starts_with("kling_") ? service_.result({"302ai", call.account}, id.substr(6)) : std::nullopt;
        if (!source) {
            throw Refusal(1203, "task_id: task '" + id + "' does not exist or is not done");
        }
        if (source->task.order.model != order.model || source->task.order.mode != "std") {
            refuse("task_id: only results of " + order.model + " in standard mode can be extended");
        }
        order.parent = source->task.video_id;
    }

    ServiceState& service_;
    const std::unique_ptr<FakeApi> relayed_;
};

} // namespace

std::unique_ptr<FakeApi> make_302ai(ServiceState& service)
{
    return std::make_unique<Surface302>(service);
}

} // namespace longtake::sandbox
