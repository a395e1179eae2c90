#include "pipeline/model/deliverable.h"

namespace longtake {
namespace {

nlohmann::json or_null(const std::optional<double>& value)
{
    return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

std::optional<double> number_or_nothing(const nlohmann::json& json, const char* key)
{
    const auto found = json.find(key);
    return found == json.end() || found->is_null() ? std::nullopt : std::optional(found->get<double>());
}

} // namespace

void to_json(nlohmann::json& json, const Deliverable& deliverable)
{
    json = {{"file", deliverable.file.string()},
            {"preset", deliverable.preset},
            {"sha256", deliverable.sha256},
            {"bytes", deliverable.bytes},
            {"frames", deliverable.frames},
            {"size", deliverable.size},
            {"rate", deliverable.rate},
            {"video_codec", deliverable.video_codec},
            {"audio_codec", deliverable.audio_codec},
            {"loudness", or_null(deliverable.loudness)},
            {"true_peak", or_null(deliverable.true_peak)},
            {"out_of_reach", or_null(deliverable.out_of_reach)},
            {"limited_db", deliverable.limited_db},
            {"copied", deliverable.copied},
            {"rendered_because", deliverable.rendered_because}};
}

void from_json(const nlohmann::json& json, Deliverable& deliverable)
{
    deliverable.file = json.at("file").get<std::string>();
    json.at("preset").get_to(deliverable.preset);
    json.at("sha256").get_to(deliverable.sha256);
    json.at("bytes").get_to(deliverable.bytes);
    json.at("frames").get_to(deliverable.frames);
    json.at("size").get_to(deliverable.size);
    json.at("rate").get_to(deliverable.rate);
    json.at("video_codec").get_to(deliverable.video_codec);
    json.at("audio_codec").get_to(deliverable.audio_codec);
    deliverable.loudness = number_or_nothing(json, "loudness");
    deliverable.true_peak = number_or_nothing(json, "true_peak");
    deliverable.out_of_reach = number_or_nothing(json, "out_of_reach");
    deliverable.limited_db = json.value("limited_db", 0.0);
    deliverable.copied = json.value("copied", std::int64_t{0});
    deliverable.rendered_because = json.value("rendered_because", "");
}

} // namespace longtake
