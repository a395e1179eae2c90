#include "pipeline/model/clip.h"

namespace longtake {

double Clip::seconds() const noexcept
{
    double total = 0;
    for (const Footage& piece : footage) {
        total += piece.rate.seconds(piece.frames);
    }
    return total;
}

void to_json(nlohmann::json& json, const Footage& footage)
{
    json = {{"file", footage.file.string()}, {"sha256", footage.sha256}, {"size", footage.size},
            {"rate", footage.rate},          {"first", footage.first},   {"frames", footage.frames},
            {"sound", footage.sound}};
}

void from_json(const nlohmann::json& json, Footage& footage)
{
    footage.file = json.at("file").get<std::string>();
    json.at("sha256").get_to(footage.sha256);
    json.at("size").get_to(footage.size);
    json.at("rate").get_to(footage.rate);
    json.at("first").get_to(footage.first);
    json.at("frames").get_to(footage.frames);
    json.at("sound").get_to(footage.sound);
}

void to_json(nlohmann::json& json, const Clip& clip)
{
    json = {{"shot", clip.shot}, {"footage", clip.footage}};
}

void from_json(const nlohmann::json& json, Clip& clip)
{
    json.at("shot").get_to(clip.shot);
    json.at("footage").get_to(clip.footage);
}

} // namespace longtake
