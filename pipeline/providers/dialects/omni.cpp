#include "pipeline/base/base64.h"
#include "pipeline/providers/dialects/kling_v1.h"

#include <fmt/format.h>

namespace longtake::remote::kling_v1 {
namespace {

using nlohmann::json;

std::string name_at_kling(Reference::Kind kind, int place)
{
    return fmt::format("<<<{}_{}>>>", kind == Reference::Kind::picture ? "image" : "video", place);
}

json omni_image(const Still& still, const char* type)
{
    json image = {{"image_url", base64_of_file(still.file)}};
    if (type != nullptr) {
        image["type"] = type;
    }
    return image;
}

void add_images(json& body, const TakeRequest& request)
{
    if (endpoint_of(request) == Endpoint::image) {
        body["image_list"].push_back(omni_image(*request.stills.image, "first_frame"));
    }
    if (arrives(request)) {
        body["image_list"].push_back(omni_image(*request.stills.end_image, "end_frame"));
    }
    for (const Still& still : request.stills.references) {
        body["image_list"].push_back(omni_image(still, nullptr));
    }
}

} // namespace

json omni_body_of(const TakeRequest& request)
{
    const Endpoint call = endpoint_of(request);
    const ShotSettings& settings = request.settings;
    const std::string who = request.model;
    require(call == Endpoint::text || call == Endpoint::image || call == Endpoint::reference, request,
            who + " cannot make " + words_for(call) + " here");
    require(!settings.camera && !has_masks(request) && settings.voices.empty() && settings.negative_prompt.empty(),
            request, who + " takes no camera moves, masks, voices or negative_prompt");
    require(!request.take.prompt.empty() || !request.multi_shot.empty(), request, who + " needs a prompt");
    json body = {
        {"model_name", request.model}, {"mode", settings.mode}, {"duration", std::to_string(whole_seconds(request))}};
    TakeRequest named = request;
    named.take.prompt = named_prompt(request, name_at_kling);
    body.update(script_of(named));
    add_images(body, request);
    if (call != Endpoint::image) {
        body["aspect_ratio"] = aspect_ratio_of(request);
    }
    if (settings.sound) {
        body["sound"] = "on";
    }
    if (!settings.callback_url.empty()) {
        body["callback_url"] = settings.callback_url;
    }
    if (!request.own_id.empty()) {
        body["external_task_id"] = request.own_id;
    }
    if (settings.watermark) {
        body["watermark_info"] = {{"enabled", true}};
    }
    return body;
}

} // namespace longtake::remote::kling_v1
