// The official service: its legacy API, API 2.0 and the account's balance.
#include "pipeline/sandbox/apis/kling_v1.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake::sandbox {
namespace {

using nlohmann::json;

struct NewModel {
    const char* path;
    const char* canonical;
    std::size_t prompt;
    bool image_only_start; ///< takes no last frame
};

constexpr NewModel k_new_models[] = {
    {"kling-2.5-turbo", "kling-v2-5-turbo", 2500, false},
    {"kling-2.6", "kling-v2-6", 2500, false},
    {"kling-3.0", "kling-v3", 3072, false},
    {"kling-3.0-turbo", "kling-3.0-turbo", 2500, true},
    {"kling-3.0-omni", "kling-v3-omni", 3072, false},
};

const char* new_word(TaskState phase)
{
    switch (phase) {
    case TaskState::queued: return "submitted";
    case TaskState::working: return "processing";
    case TaskState::done: return "succeeded";
    case TaskState::failed: return "failed";
    }
    return "";
}

json new_task(const TaskView& view)
{
    const Task& task = view.task;
    json data = {{"id", task.id},
                 {"status", view.word.empty() ? new_word(view.phase) : view.word},
                 {"message", view.reason},
                 {"external_id", task.order.own_id},
                 {"create_time", view.created},
                 {"update_time", view.updated}};
    if (view.phase == TaskState::done) {
        data["outputs"] = json::array();
    }
    if (!view.url.empty()) {
        data["outputs"] = {{{"type", "video"},
                            {"id", task.video_id},
                            {"url", view.url},
                            {"watermark_url", task.order.watermark ? view.url + "&watermark=1" : ""},
                            {"duration", fmt::format("{:.3f}", task.footage.seconds())}}};
    }
    if ((view.phase == TaskState::done || view.phase == TaskState::failed) && view.says_charge) {
        data["billing"] = {{{"charge_type", "unit"},
                            {"cash_type", ""},
                            {"amount", fmt::format("{:.2f}", view.charged / 0.14)},
                            {"currency", "USD"},
                            {"package_type", "video"},
                            {"list_price", fmt::format("{:.4g}", task.price)}}};
    }
    return data;
}

std::vector<std::string> split_list(const std::string& text)
{
    std::vector<std::string> items;
    std::size_t start = 0;
    while (start <= text.size()) {
        const auto comma = std::min(text.find(',', start), text.size());
        if (comma > start) {
            items.push_back(text.substr(start, comma - start));
        }
        start = comma + 1;
    }
    return items;
}

/// API 2.0's requests: the model in the path, typed contents, numbers as numbers.
class NewRequest {
public:
    NewRequest(ServiceState& service, const NewModel& model, bool from_image)
        : service_(service), row_(model), model_(service.catalog.models.at(model.canonical)), from_image_(from_image)
    {
        order_.model = model.canonical;
        order_.kind = from_image ? "image-to-video" : "text-to-video";
    }

    Order read(const json& body)
    {
        Fields fields(body);
        if (from_image_) {
            read_contents(fields);
        } else {
            order_.prompt = fields.needed_text("prompt", row_.prompt);
        }
        static const json k_none = json::object();
        const json* settings = fields.object("settings");
        const json* options = fields.object("options");
        read_settings(settings == nullptr ? k_none : *settings);
        read_options(options == nullptr ? k_none : *options);
        fields.finish();
        return order_;
    }

private:
    void read_contents(Fields& fields)
    {
        const json* contents = fields.array("contents", 1, 15);
        if (contents == nullptr) {
            refuse("contents is required");
        }
        for (std::size_t i = 0; i < contents->size(); ++i) {
            Fields item((*contents)[i], fmt::format("contents[{}].", i));
            read_item(item);
            item.finish();
        }
        if (order_.pictures.empty()) {
            refuse("contents: a first_frame is required; a last_frame alone is not supported");
        }
    }

    void read_item(Fields& item)
    {
        const std::string type = item.needed_text("type");
        if (type == "prompt") {
            order_.prompt = item.needed_text("text", row_.prompt);
        } else if (type == "first_frame" && order_.pictures.empty()) {
            order_.pictures.push_back(frame(item));
        } else if (type == "last_frame" && !row_.image_only_start && model_.end_frame && !order_.end) {
            order_.end = frame(item);
        } else if (type == "element" && std::string(row_.path).starts_with("kling-3.0")) {
            item.needed_text("element_id");
            item.text("id");
            if (++elements_ > 3) {
                refuse("contents: at most 3 elements");
            }
        } else {
            refuse(fmt::format("{} '{}' is not supported by {}, or given twice", item.full("type"), type, row_.path));
        }
    }

    Picture frame(Fields& item)
    {
        return picture_from(service_, item.needed_text("url"), item.full("url"), 50'000'000);
    }

    void read_settings(const json& object)
    {
        Fields settings(object, "settings.");
        const bool may_4k = std::find(model_.modes.begin(), model_.modes.end(), "4k") != model_.modes.end();
        std::vector<std::string> resolutions = {"720p", "1080p"};
        if (may_4k) {
            resolutions.push_back("4k");
        }
        const std::string resolution = settings.one_of("resolution", resolutions);
        order_.mode = resolution == "720p" ? "std" : resolution == "1080p" ? "pro" : "4k";
        order_.seconds = static_cast<double>(settings.integer("duration", 1, 60).value_or(5));
        if (!has_length(model_, order_.seconds)) {
            refuse(fmt::format("settings.duration is {}; {} does not make that", order_.seconds, row_.path));
        }
        if (!from_image_) {
            order_.aspect = settings.one_of("aspect_ratio", {"16:9", "9:16", "1:1"});
        }
        const bool native =
            model_.sound_always || settings.one_of("audio", {"off", "native"}) == "native"; // the turbo is not asked
        order_.sound = native ? Sound::on : Sound::silent;
        const bool silent_mode =
            !model_.sound_modes.empty() &&
            std::find(model_.sound_modes.begin(), model_.sound_modes.end(), order_.mode) == model_.sound_modes.end();
        if (native && !model_.sound_always && (!model_.sound || silent_mode)) {
            refuse(fmt::format("settings.audio: native is not supported by {} at {}", row_.path, resolution));
        }
        const bool takes_parts = std::string(row_.path).starts_with("kling-3.0");
        if (!row_.image_only_start && settings.flag("multi_shot").value_or(false) && !takes_parts) {
            refuse(std::string("settings.multi_shot is not supported by ") + row_.path);
        }
        if (order_.end && !model_.end_frame->allows(order_.mode, order_.seconds, "image")) {
            refuse(fmt::format("contents: last_frame is not supported by {} at {}", row_.path, resolution));
        }
        if (order_.end && model_.end_frame->silent_only && native) {
            refuse(std::string("contents: last_frame is not supported with sound by ") + row_.path);
        }
        settings.finish();
    }

    void read_options(const json& object)
    {
        Fields options(object, "options.");
        order_.own_id = options.text("external_task_id").value_or("");
        options.text("callback_url");
        if (const json* info = options.object("watermark_info")) {
            Fields watermark(*info, "options.watermark_info.");
            order_.watermark = watermark.flag("enabled").value_or(false);
            watermark.finish();
        }
        options.finish();
    }

    ServiceState& service_;
    const NewModel& row_;
    const Model& model_;
    bool from_image_;
    Order order_;
    int elements_ = 0;
};

class KlingSurface final : public KlingV1Api {
public:
    explicit KlingSurface(ServiceState& service)
        : KlingV1Api(service, {"kling",
                               "",
                               true,
                               ExtendBy::video,
                               {"text2video", "image2video", "multi-image2video", "omni-video", "video-extend",
                                "lip-sync", "effects"}})
    {
    }

private:
    Reply elsewhere(const Call& call) override
    {
        if (call.method == "GET" && call.path == "/account/costs") {
            return costs(call);
        }
        check_key(call, traits_.name, service_.settings); // a signed token opens the legacy calls alone
        if (call.method == "GET" && call.path == "/tasks") {
            return tasks(call);
        }
        for (const bool from_image : {false, true}) {
            const std::string base = from_image ? "/image-to-video/" : "/text-to-video/";
            if (call.method == "POST" && call.path.starts_with(base)) {
                return create(call, call.path.substr(base.size()), from_image);
            }
        }
        return KlingV1Api::elsewhere(call);
    }

    Reply create(const Call& call, const std::string& path, bool from_image)
    {
        ServiceState::Words words;
        words.read = [&] {
            const auto* row = std::find_if(std::begin(k_new_models), std::end(k_new_models),
                                           [&](const NewModel& model) { return model.path == path; });
            if (row == std::end(k_new_models)) {
                throw Refusal(1203, "model '" + path + "' does not exist");
            }
            return NewRequest(service_, *row, from_image).read(json_body(call));
        };
        words.created = [](const TaskView& view) { return json_reply(official_envelope(new_task(view))); };
        words.refused = [this](const Refusal& refusal) { return refused(refusal); };
        return service_.submit(traits_.name, from_image ? "image-to-video" : "text-to-video", call, words);
    }

    Reply tasks(const Call& call)
    {
        service_.count(traits_.name, "poll");
        const auto ids = call.query.find("task_ids");
        const auto own_ids = call.query.find("external_task_ids");
        if ((ids == call.query.end()) == (own_ids == call.query.end())) {
            throw Refusal(1201, "exactly one of task_ids and external_task_ids is required");
        }
        const bool own = own_ids != call.query.end();
        double delay = 0;
        json rows = json::array();
        for (const std::string& id : split_list(own ? own_ids->second : ids->second)) {
            Reply reply = service_.poll(
                account(call), id, own,
                [&](const std::optional<TaskView>& view) {
                    if (view) {
                        rows.push_back(new_task(*view));
                    }
                    Reply none;
                    none.status = 0;
                    return none;
                },
                official_refusal);
            if (reply.status != 0 || reply.ending != Reply::Ending::answer) {
                return reply;
            }
            delay = std::max(delay, reply.delay);
        }
        Reply reply = json_reply(official_envelope(rows));
        reply.delay = delay;
        return reply;
    }

    Reply costs(const Call& call)
    {
        service_.count(traits_.name, "costs");
        const auto start = query_number(call, "start_time", 0, INT64_MAX, {});
        query_number(call, "end_time", start, INT64_MAX, {});
        const double units = service_.settings.balance.value_or(100 * 0.14) / 0.14;
        const double left = std::max(0.0, units - service_.spent(account(call)) / 0.14);
        const auto now =
            std::chrono::duration_cast<std::chrono::milliseconds>(service_.now().time_since_epoch()).count();
        return json_reply(official_envelope({{"code", 0},
                                             {"msg", "success"},
                                             {"resource_pack_subscribe_infos",
                                              {{{"resource_pack_name", "Sandbox pack"},
                                                {"resource_pack_id", "5a9d"},
                                                {"resource_pack_type", "decreasing_total"},
                                                {"total_quantity", units},
                                                {"remaining_quantity", left},
                                                {"purchase_time", start},
                                                {"effective_time", start},
                                                {"invalid_time", now + 2'592'000'000},
                                                {"status", left > 0 ? "online" : "runOut"}}}}}));
    }
};

} // namespace

std::unique_ptr<FakeApi> make_kling(ServiceState& service)
{
    return std::make_unique<KlingSurface>(service);
}

} // namespace longtake::sandbox
