#include "pipeline/model/deliverable.h"

#include "pipeline/model/optional_number.h"

#include <numeric>

namespace longtake {

std::int64_t Deliverable::bytes() const noexcept
{
    return std::accumulate(files.begin(), files.end(), std::int64_t{0},
                           [](std::int64_t sum, const DeliveredFile& file) { return sum + file.bytes; });
}

void to_json(nlohmann::json& json, const DeliveredFile& file)
{
    json = {{"file", file.file.string()}, {"sha256", file.sha256}, {"bytes", file.bytes}};
}

void from_json(const nlohmann::json& json, DeliveredFile& file)
{
    file.file = json.at("file").get<std::string>();
    json.at("sha256").get_to(file.sha256);
    json.at("bytes").get_to(file.bytes);
}

void to_json(nlohmann::json& json, const DeliveredRung& rung)
{
    json = {{"name", rung.name},
            {"size", rung.size},
            {"codec", rung.codec},
            {"bandwidth", rung.bandwidth},
            {"average_bandwidth", rung.average_bandwidth}};
}

void from_json(const nlohmann::json& json, DeliveredRung& rung)
{
    json.at("name").get_to(rung.name);
    json.at("size").get_to(rung.size);
    json.at("codec").get_to(rung.codec);
    json.at("bandwidth").get_to(rung.bandwidth);
    json.at("average_bandwidth").get_to(rung.average_bandwidth);
}

void to_json(nlohmann::json& json, const Deliverable& deliverable)
{
    const DeliveredFile& first = deliverable.files.front();
    json = {{"file", first.file.string()},
            {"files", deliverable.files},
            {"preset", deliverable.preset},
            {"sha256", first.sha256},
            {"bytes", deliverable.bytes()},
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
            {"reused", deliverable.reused},
            {"rendered_because", deliverable.rendered_because},
            {"spans", deliverable.spans}};
    if (!deliverable.rungs.empty()) {
        json["rungs"] = deliverable.rungs;
    }
}

void from_json(const nlohmann::json& json, Deliverable& deliverable)
{
    deliverable.files = json.contains("files") ? json.at("files").get<std::vector<DeliveredFile>>()
                                               : std::vector<DeliveredFile>{json.get<DeliveredFile>()};
    json.at("preset").get_to(deliverable.preset);
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
    deliverable.reused = json.value("reused", std::int64_t{0});
    deliverable.rendered_because = json.value("rendered_because", "");
    deliverable.spans = json.value("spans", std::vector<Span>{});
    deliverable.rungs = json.value("rungs", std::vector<DeliveredRung>{});
}

} // namespace longtake
