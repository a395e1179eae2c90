// `omni-video`: pictures by their part in the take, named in the prompt.
#include "pipeline/sandbox/apis/kling_v1_requests.h"

#include <fmt/format.h>

namespace longtake::sandbox {

namespace {

using nlohmann::json;

constexpr std::size_t k_omni_prompt = 2500;

} // namespace

bool is_omni(const std::string& model)
{
    return model == "kling-video-o1" || model == "kling-v3-omni";
}

/// Pictures are the first frame, the end frame, or references to be named in the prompt.
void OfficialRequests::read_omni_images(Fields& fields, Order& order)
{
    const json* list = fields.array("image_list", 1, 7);
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        const std::string path = fmt::format("image_list[{}].", i);
        Fields item((*list)[i], path);
        const Picture shown = picture(item.needed_text("image_url"), path + "image_url");
        const auto type = item.text("type").value_or("");
        item.finish();
        if (type == "end_frame") {
            order.end = shown;
        } else if (type == "first_frame") {
            order.pictures.insert(order.pictures.begin(), shown);
            order.extra["first_frame"] = true;
        } else if (type.empty()) {
            order.pictures.push_back(shown);
        } else {
            refuse(path + "type is '" + type + "'; allowed: first_frame, end_frame");
        }
    }
    if (order.end && (!order.extra.value("first_frame", false) || list->size() > 2)) {
        refuse("image_list: an end_frame needs a first_frame, and no other picture");
    }
}

Order OfficialRequests::omni_video(Fields& fields)
{
    Order order;
    order.kind = "omni-video";
    order.extra = json::object();
    order.model = fields.text("model_name").value_or("kling-video-o1");
    const Model& model = model_of(order.model);
    if (!is_omni(order.model)) {
        throw Refusal(1203, "model_name: model '" + order.model + "' does not exist");
    }
    order.mode = fields.one_of("mode", model.modes);
    order.seconds = whole_seconds(fields.text("duration").value_or("5"), "duration");
    const bool parts = read_multi_shot(fields, order);
    const std::string told = order.prompt;
    order.prompt = fields.text("prompt", k_omni_prompt).value_or("");
    if (parts) {
        order.prompt = told;
    } else if (order.prompt.empty()) {
        refuse("prompt is required");
    }
    read_omni_images(fields, order);
    const bool first = order.extra.value("first_frame", false);
    const bool plain = order.pictures.size() <= (first ? 1U : 0U);
    if (!has_length(model, order.seconds) ||
        !model.durations.allows(first ? "image" : "text", order.seconds, order.end.has_value() || !plain)) {
        refuse(fmt::format("duration is '{}'; {} does not make that here", order.seconds, order.model));
    }
    const auto aspect = fields.text("aspect_ratio");
    if (!aspect && !first) {
        refuse("aspect_ratio is required without a first_frame");
    }
    order.aspect = fields.one_of("aspect_ratio", {"16:9", "9:16", "1:1"});
    const bool on = fields.one_of("sound", {"off", "on"}) == "on";
    if (on && !model.sound) {
        refuse("sound is not supported by " + order.model);
    }
    order.sound = on ? Sound::on : Sound::silent;
    return order;
}

} // namespace longtake::sandbox
