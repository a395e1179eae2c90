#include "pipeline/sandbox/apis/kling_v1_requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace longtake::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t k_prompt = 2500;

std::string lengths(const Model& model)
{
    return model.durations.slots.empty()
               ? fmt::format("{} to {}", model.durations.min.value_or(0), model.durations.max.value_or(0))
               : fmt::format("{}", fmt::join(model.durations.slots, ", "));
}

/// Takes both an end frame alone; the others want a start frame with it.
bool takes_end_alone(const Order& order)
{
    return (order.model == "kling-v1-5" || order.model == "kling-v1-6") && order.mode == "pro";
}

/// The models of the legacy API; newer ones have addresses of their own.
constexpr const char* k_legacy_models[] = {"kling-v1",         "kling-v1-5", "kling-v1-6",
                                           "kling-v2-master",  "kling-v2-1", "kling-v2-1-master",
                                           "kling-v2-5-turbo", "kling-v2-6", "kling-v3"};

} // namespace

double whole_seconds(const std::string& text, const std::string& field)
{
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 1) {
        refuse(field + " is '" + text + "'; it must be whole seconds in a string");
    }
    return value;
}

bool has_length(const Model& model, double seconds)
{
    const Model::Durations& may = model.durations;
    if (!may.slots.empty()) {
        return std::any_of(may.slots.begin(), may.slots.end(),
                           [&](double slot) { return std::abs(slot - seconds) < 1e-6; });
    }
    return seconds >= may.min.value_or(0) && seconds <= may.max.value_or(1e9);
}

Picture picture_from(ServiceState& service, const std::string& value, const std::string& field, std::int64_t max_bytes)
{
    if (value.starts_with("http://") || value.starts_with("https://")) {
        return service.pictures.at(value);
    }
    return service.pictures.keep(decode_base64(value, field), field, max_bytes);
}

Order OfficialRequests::read(const std::string& kind, const json& body)
{
    Fields fields(body);
    Order order;
    if (kind == "text2video") {
        order = text2video(fields);
    } else if (kind == "image2video") {
        order = image2video(fields);
    } else if (kind == "multi-image2video") {
        order = multi_image2video(fields);
    } else if (kind == "omni-video") {
        order = omni_video(fields);
    } else if (kind == "video-extend") {
        order = video_extend(fields);
    } else if (kind == "lip-sync") {
        order = lip_sync(fields);
    } else {
        order = effects(fields);
    }
    order.kind = kind;
    read_common(fields, order);
    fields.finish();
    return order;
}

Picture OfficialRequests::picture(const std::string& value, const std::string& field)
{
    if (value.empty()) {
        refuse(field + " is empty");
    }
    return picture_from(service_, value, field);
}

std::vector<Picture> OfficialRequests::picture_list(Fields& fields, const std::string& name)
{
    const json* list = fields.array(name, 1, 4);
    if (list == nullptr) {
        refuse(name + " is required");
    }
    std::vector<Picture> pictures;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const std::string path = fmt::format("{}[{}]", name, i);
        Fields item((*list)[i], path + ".");
        pictures.push_back(picture(item.needed_text("image"), path + ".image"));
        item.finish();
    }
    return pictures;
}

const Model& OfficialRequests::model_of(const std::string& name) const
{
    const ProviderFacts& seller = service_.catalog.provider(account_.surface);
    const auto found = service_.catalog.models.find(name);
    const bool legacy =
        std::find(std::begin(k_legacy_models), std::end(k_legacy_models), name) != std::end(k_legacy_models);
    const auto asked_elsewhere = [&](const Route& route) { return route.model == name && !route.query.empty(); };
    if (!(legacy || is_omni(name)) || found == service_.catalog.models.end() || !seller.sells(name) ||
        std::any_of(seller.routes.begin(), seller.routes.end(), asked_elsewhere)) {
        throw Refusal(1203, "model_name: model '" + name + "' does not exist");
    }
    return found->second;
}

/// model_name, mode, duration and what the capability table says of them. `what` is "text" or "image".
void OfficialRequests::read_generation(Fields& fields, Order& order, const std::string& what)
{
    order.model = fields.text("model_name").value_or("kling-v1");
    const Model& model = model_of(order.model);
    if (!model.makes(what) || is_omni(order.model)) {
        refuse(order.model + " does not support " + order.kind);
    }
    order.mode = fields.one_of("mode", model.modes);
    const std::string duration = fields.text("duration").value_or("5");
    order.seconds = whole_seconds(duration, "duration");
    if (!has_length(model, order.seconds)) {
        refuse(fmt::format("duration is '{}'; {} makes {} s", duration, order.model, lengths(model)));
    }
    if (const auto scale = fields.number("cfg_scale", 0, 1); scale && !model.cfg_scale) {
        refuse("cfg_scale is not supported by " + order.model);
    }
}

void OfficialRequests::read_prompts(Fields& fields, Order& order, const Model& model, bool needed)
{
    const std::size_t most = model.max_prompt > 0 ? static_cast<std::size_t>(model.max_prompt) : k_prompt;
    order.prompt = needed ? fields.needed_text("prompt", most) : fields.text("prompt", most).value_or("");
    fields.text("negative_prompt", k_prompt);
}

void OfficialRequests::read_sound(Fields& fields, Order& order, const Model& model)
{
    const bool on = fields.one_of("sound", {"off", "on"}) == "on";
    order.sound = on ? Sound::on : Sound::silent;
    const bool may =
        model.sound && (model.sound_modes.empty() || std::find(model.sound_modes.begin(), model.sound_modes.end(),
                                                               order.mode) != model.sound_modes.end());
    if (on && !may) {
        refuse(fmt::format("sound is not supported by {} in mode {}", order.model, order.mode));
    }
    const json* voices = fields.array("voice_list", 1, 2);
    if (voices == nullptr) {
        return;
    }
    if (!on) {
        refuse("voice_list needs sound to be on");
    }
    if (fields.has("element_list")) {
        refuse("voice_list and element_list exclude each other");
    }
    for (std::size_t i = 0; i < voices->size(); ++i) {
        Fields voice((*voices)[i], fmt::format("voice_list[{}].", i));
        voice.needed_text("voice_id");
        voice.finish();
    }
    if (!model.voices ||
        !model.voices->allows(order.mode, order.seconds, order.kind == "text2video" ? "text" : "image")) {
        refuse(fmt::format("voice_list is not supported by {} {} {}", order.model, order.mode, order.kind));
    }
    if (order.prompt.find("<<<voice_") != std::string::npos) {
        order.sound = Sound::voices; // naming one moves the whole call to the dearer rate
    }
}

/// Whether the take is made of parts; the prompt is not needed then.
bool OfficialRequests::read_multi_shot(Fields& fields, Order& order)
{
    const bool wanted = fields.flag("multi_shot").value_or(false);
    if (!wanted) {
        for (const char* name : {"shot_type", "multi_prompt"}) {
            if (fields.has(name)) {
                refuse(std::string(name) + " needs multi_shot to be true");
            }
        }
        return false;
    }
    const Model& model = model_of(order.model);
    if (!model.multi_shot || !model.multi_shot->allows(order.mode, order.seconds)) {
        refuse("multi_shot is not supported by " + order.model);
    }
    if (fields.has("image_tail")) {
        refuse("multi_shot and image_tail exclude each other");
    }
    fields.needed_text("shot_type");
    if (fields.one_of("shot_type", {"customize", "intelligence"}) == "intelligence") {
        return false;
    }
    const json* parts = fields.array("multi_prompt", 1, 6);
    if (parts == nullptr) {
        refuse("multi_prompt is required when shot_type is customize");
    }
    double sum = 0;
    for (std::size_t i = 0; i < parts->size(); ++i) {
        Fields part((*parts)[i], fmt::format("multi_prompt[{}].", i));
        if (part.integer("index", 1, 6) != static_cast<std::int64_t>(i + 1)) {
            refuse(fmt::format("multi_prompt[{}].index must be {}", i, i + 1));
        }
        order.prompt += (i == 0 ? "" : " / ") + part.needed_text("prompt", 512);
        sum += whole_seconds(part.needed_text("duration"), part.full("duration"));
        part.finish();
    }
    if (std::abs(sum - order.seconds) > 1e-6) {
        refuse(fmt::format("multi_prompt: the durations sum to {}, duration is {}", sum, order.seconds));
    }
    return true;
}

void OfficialRequests::read_elements(Fields& fields, const Order& order)
{
    const json* elements = fields.array("element_list", 1, 3);
    if (elements == nullptr) {
        return;
    }
    if (order.model != "kling-v3") {
        refuse("element_list is not supported by " + order.model);
    }
    for (std::size_t i = 0; i < elements->size(); ++i) {
        Fields element((*elements)[i], fmt::format("element_list[{}].", i));
        if (!element.integer("element_id", 1, INT64_MAX)) {
            refuse(element.full("element_id") + " is required");
        }
        element.finish();
    }
}

void OfficialRequests::read_camera(Fields& fields, Order& order, const Model& model, const std::string& what)
{
    const json* control = fields.object("camera_control");
    if (control == nullptr) {
        return;
    }
    Fields camera(*control, "camera_control.");
    CameraMove move;
    camera.needed_text("type");
    move.type = camera.one_of("type", {"simple", "down_back", "forward_up", "right_turn_forward", "left_turn_forward"});
    const bool type_known =
        model.camera_types.empty() ||
        std::find(model.camera_types.begin(), model.camera_types.end(), move.type) != model.camera_types.end();
    if (!model.camera || !model.camera->allows(order.mode, order.seconds, what) || !type_known) {
        refuse(fmt::format("camera_control '{}' is not supported by {} {} {} s {}", move.type, order.model, order.mode,
                           order.seconds, order.kind));
    }
    const json* config = camera.object("config");
    if ((config != nullptr) != (move.type == "simple")) {
        refuse("camera_control.config goes with type simple, and only with it");
    }
    if (config != nullptr) {
        Fields axes(*config, "camera_control.config.");
        int moving = 0;
        const auto axis = [&](const char* name, double& value) {
            value = axes.number(name, -10, 10).value_or(0);
            moving += value != 0 ? 1 : 0;
        };
        axis("horizontal", move.horizontal);
        axis("vertical", move.vertical);
        axis("pan", move.pan);
        axis("tilt", move.tilt);
        axis("roll", move.roll);
        axis("zoom", move.zoom);
        axes.finish();
        if (moving != 1) {
            refuse(fmt::format("camera_control.config: {} members are not zero; exactly one must be", moving));
        }
    }
    camera.finish();
    order.camera = move;
}

/// The motion brush; true if there is one.
bool OfficialRequests::read_brush(Fields& fields, Order& order, const Model& model)
{
    const auto still = fields.text("static_mask");
    const json* moving = fields.array("dynamic_masks", 1, 6);
    if (!still && moving == nullptr) {
        return false;
    }
    if (!model.motion_brush || !model.motion_brush->allows(order.mode, order.seconds, "image")) {
        refuse(fmt::format("static_mask and dynamic_masks are not supported by {} {} {} s", order.model, order.mode,
                           order.seconds));
    }
    std::vector<Picture> masks;
    if (still) {
        masks.push_back(picture(*still, "static_mask"));
    }
    for (std::size_t i = 0; moving != nullptr && i < moving->size(); ++i) {
        const std::string path = fmt::format("dynamic_masks[{}].", i);
        Fields mask((*moving)[i], path);
        masks.push_back(picture(mask.needed_text("mask"), path + "mask"));
        const json* points = mask.array("trajectories", 2, 77);
        if (points == nullptr) {
            refuse(path + "trajectories is required");
        }
        for (std::size_t k = 0; k < points->size(); ++k) {
            Fields point((*points)[k], fmt::format("{}trajectories[{}].", path, k));
            if (!point.integer("x", INT32_MIN, INT32_MAX) || !point.integer("y", INT32_MIN, INT32_MAX)) {
                refuse(fmt::format("{}trajectories[{}]: x and y are required", path, k));
            }
            point.finish();
        }
        mask.finish();
    }
    // Not refused but failed, says the reference.
    for (const Picture& mask : masks) {
        const double aspect = order.pictures.empty() ? mask.size.aspect() : order.pictures.front().size.aspect();
        if (mask.size != masks.front().size || std::abs(mask.size.aspect() / aspect - 1) > 0.01) {
            order.spoils = "The masks must be of one size and have the aspect of the image";
        }
    }
    return true;
}

void OfficialRequests::read_frames(Fields& fields, Order& order, const Model& model)
{
    const auto start = fields.text("image");
    const auto tail = fields.text("image_tail");
    if (!start && !tail) {
        refuse("image or image_tail is required");
    }
    if (start) {
        order.pictures.push_back(picture(*start, "image"));
    }
    if (!tail) {
        return;
    }
    const Picture end = picture(*tail, "image_tail");
    const bool may = model.end_frame && model.end_frame->allows(order.mode, order.seconds, "image") &&
                     !(model.end_frame->silent_only && order.sound != Sound::silent);
    if (!may) {
        refuse(fmt::format("image_tail is not supported by {} {} {} s{}", order.model, order.mode, order.seconds,
                           order.sound == Sound::silent ? "" : " with sound"));
    }
    if (start) {
        order.end = end;
    } else if (takes_end_alone(order)) {
        order.pictures.push_back(end);
    } else {
        refuse(fmt::format("image is required by {} {}", order.model, order.mode));
    }
}

void OfficialRequests::read_callback(Fields& fields)
{
    const auto callback = fields.text("callback_url").value_or("");
    if (!callback.empty() && !callback.starts_with("http://") && !callback.starts_with("https://")) {
        refuse("callback_url is no URL");
    }
}

/// Lip-sync knows no own id, and neither it nor effects a watermark.
void OfficialRequests::read_common(Fields& fields, Order& order)
{
    read_callback(fields);
    if (order.kind == "lip-sync") {
        return;
    }
    order.own_id = fields.text("external_task_id").value_or("");
    if (order.kind == "effects") {
        return;
    }
    if (const json* info = fields.object("watermark_info")) {
        Fields watermark(*info, "watermark_info.");
        order.watermark = watermark.flag("enabled").value_or(false);
        watermark.finish();
    }
}

Order OfficialRequests::text2video(Fields& fields)
{
    Order order;
    order.kind = "text2video";
    read_generation(fields, order, "text");
    const Model& model = model_of(order.model);
    const bool parts = read_multi_shot(fields, order);
    const std::string told = order.prompt;
    read_prompts(fields, order, model, !parts);
    order.prompt = parts ? told : order.prompt;
    order.aspect = fields.one_of("aspect_ratio", {"16:9", "9:16", "1:1"});
    read_sound(fields, order, model);
    read_elements(fields, order);
    read_camera(fields, order, model, "text");
    return order;
}

Order OfficialRequests::image2video(Fields& fields)
{
    Order order;
    order.kind = "image2video";
    read_generation(fields, order, "image");
    const Model& model = model_of(order.model);
    const bool parts = read_multi_shot(fields, order);
    const std::string told = order.prompt;
    read_prompts(fields, order, model, false);
    order.prompt = parts ? told : order.prompt;
    read_sound(fields, order, model);
    read_elements(fields, order);
    read_frames(fields, order, model);
    const bool brush = read_brush(fields, order, model);
    read_camera(fields, order, model, "image");
    if (order.end.has_value() + brush + order.camera.has_value() > 1) {
        refuse("image_tail, static_mask/dynamic_masks and camera_control exclude each other");
    }
    return order;
}

Order OfficialRequests::multi_image2video(Fields& fields)
{
    Order order;
    order.kind = "multi-image2video";
    order.model = fields.one_of("model_name", {"kling-v1-6"});
    order.pictures = picture_list(fields, "image_list");
    read_prompts(fields, order, model_of(order.model), true);
    order.mode = fields.one_of("mode", {"std", "pro"});
    order.seconds = whole_seconds(fields.one_of("duration", {"5", "10"}), "duration");
    order.aspect = fields.one_of("aspect_ratio", {"16:9", "9:16", "1:1"});
    return order;
}

} // namespace longtake::sandbox
