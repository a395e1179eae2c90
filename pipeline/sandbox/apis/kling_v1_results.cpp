// Calls that take a result further: extensions, lips and effects.
#include "pipeline/sandbox/apis/kling_v1_requests.h"

#include <fmt/format.h>

#include <cmath>

namespace longtake::sandbox {
namespace {

constexpr double k_longest_film = 180; ///< seconds an extended film may have

} // namespace

TaskView OfficialRequests::parent(const std::string& video_id) const
{
    const auto found = service_.result(account_, video_id);
    if (!found || found->task.video_id != video_id) {
        throw Refusal(1203, "video_id: video '" + video_id + "' does not exist");
    }
    return *found;
}

Order OfficialRequests::video_extend(Fields& fields)
{
    Order order;
    order.kind = "video-extend";
    order.parent = fields.needed_text("video_id");
    if (extend_by_ == ExtendBy::video_and_task) {
        fields.needed_text("task_id");
    }
    const TaskView source = parent(order.parent);
    const auto task = extend_by_ == ExtendBy::video ? std::nullopt : fields.text("task_id");
    if (task && *task != source.task.id) {
        throw Refusal(1203, "task_id: video '" + order.parent + "' is not task '" + *task + "'s");
    }
    order.model = source.task.order.model;
    order.mode = source.task.order.mode;
    const Model& model = model_of(order.model);
    if (!model.extend || !service_.catalog.models.at(order.model).extend ||
        (extend_by_ == ExtendBy::video_and_task && order.model == "kling-v1-5")) {
        refuse("video_id: results of " + order.model + " cannot be extended");
    }
    if (source.task.order.kind != "text2video" && source.task.order.kind != "image2video" &&
        source.task.order.kind != "video-extend") {
        refuse("video_id: results of " + source.task.order.kind + " cannot be extended");
    }
    if (source.task.footage.seconds() + 4 > k_longest_film) {
        refuse(
            fmt::format("video_id: {:.1f} s already; the whole may not exceed 180 s", source.task.footage.seconds()));
    }
    if (order.model == "kling-v1" && (fields.has("negative_prompt") || fields.has("cfg_scale"))) {
        refuse("negative_prompt and cfg_scale are not for results of kling-v1");
    }
    read_prompts(fields, order, model, extend_by_ == ExtendBy::either);
    fields.number("cfg_scale", 0, 1);
    return order;
}

Order OfficialRequests::lip_sync(Fields& fields)
{
    const nlohmann::json* input = fields.object("input");
    if (input == nullptr) {
        refuse("input is required");
    }
    Fields in(*input, "input.");
    Order order;
    order.kind = "lip-sync";
    const auto id = in.text("video_id");
    const auto url = in.text("video_url");
    if (id.has_value() == url.has_value()) {
        refuse("input: exactly one of video_id and video_url is required");
    }
    if (in.needed_text("mode") == "text2video") {
        order.prompt = in.needed_text("text", 120);
        in.needed_text("voice_id");
        in.one_of("voice_language", {"zh", "en"});
        in.number("voice_speed", 0.8, 2);
    } else if (in.one_of("mode", {"text2video", "audio2video"}) == "audio2video") {
        in.needed_text("audio_type");
        if (in.one_of("audio_type", {"file", "url"}) == "file") {
            if (decode_base64(in.needed_text("audio_file"), "input.audio_file").size() > 5'000'000) {
                refuse("input.audio_file: more than 5 MB");
            }
        } else if (!in.needed_text("audio_url").starts_with("http")) {
            refuse("input.audio_url is no URL");
        }
    }
    in.finish();
    order.model = service_.catalog.provider(account_.surface).default_model;
    double seconds = 5;
    if (id) {
        const TaskView source = parent(*id);
        order.parent = *id;
        order.model = source.task.order.model;
        order.mode = source.task.order.mode;
        seconds = source.task.footage.seconds();
        if (seconds > 10.5) {
            refuse(fmt::format("input.video_id: {:.1f} s; 2 to 10 s are allowed", seconds));
        }
    } else {
        order.pictures.push_back(service_.pictures.at(*url));
        order.sound = Sound::on;
    }
    order.price = service_.catalog.provider(account_.surface)
                      .lip_sync_price(seconds)
                      .value_or(0.07 * std::ceil((seconds - 0.2) / 5));
    return order;
}

Order OfficialRequests::effects(Fields& fields)
{
    if (account_.surface == "dmxapi") {
        throw Refusal(1202, "effects are not connected yet");
    }
    Order order;
    order.kind = "effects";
    order.prompt = fields.needed_text("effect_scene");
    for (const char* gone : {"hug", "kiss", "fight", "3d_cartoon_1", "magic_match_tree"}) {
        if (order.prompt == gone) {
            refuse("effect_scene: '" + order.prompt + "' has been withdrawn");
        }
    }
    const nlohmann::json* input = fields.object("input");
    if (input == nullptr) {
        refuse("input is required");
    }
    Fields in(*input, "input.");
    order.model = in.one_of("model_name", {"kling-v1-6", "kling-v1", "kling-v1-5"});
    order.mode = in.one_of("mode", {"std", "pro"});
    order.seconds = in.one_of("duration", {"5", "10"}) == "5" ? 5 : 10;
    const auto image = in.text("image");
    const nlohmann::json* images = in.array("images", 2, 2);
    if (image.has_value() == (images != nullptr)) {
        refuse("input: exactly one of image and images is required");
    }
    if (image) {
        order.pictures.push_back(picture(*image, "input.image"));
    }
    for (std::size_t i = 0; images != nullptr && i < images->size(); ++i) {
        if (!(*images)[i].is_string()) {
            refuse(fmt::format("input.images[{}] must be a string", i));
        }
        order.pictures.push_back(picture((*images)[i].get<std::string>(), fmt::format("input.images[{}]", i)));
    }
    in.finish();
    order.price = service_.catalog.provider(account_.surface).effect_price(order.prompt);
    return order;
}

} // namespace longtake::sandbox
