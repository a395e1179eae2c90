#include "pipeline/model/clip.h"

#include <algorithm>

namespace longtake {

Grade grade_at(const GradeCurve& curve, std::int64_t frame)
{
    const auto after = std::find_if(curve.begin(), curve.end(), [&](const GradeKey& key) { return key.frame > frame; });
    if (after == curve.begin() || after == curve.end()) {
        return after == curve.begin() ? curve.front().grade : curve.back().grade;
    }
    const GradeKey& from = *(after - 1);
    const double weight = static_cast<double>(frame - from.frame) / static_cast<double>(after->frame - from.frame);
    Grade grade;
    for (std::size_t i = 0; i < 3; ++i) {
        grade.gain[i] = from.grade.gain[i] + weight * (after->grade.gain[i] - from.grade.gain[i]);
        grade.offset[i] = from.grade.offset[i] + weight * (after->grade.offset[i] - from.grade.offset[i]);
    }
    return grade;
}

double Clip::seconds() const noexcept
{
    double total = 0;
    for (const Footage& piece : footage) {
        total += piece.rate.seconds(piece.frames);
    }
    return total;
}

void to_json(nlohmann::json& json, const GradeKey& key)
{
    json = {{"frame", key.frame}, {"gain", key.grade.gain}, {"offset", key.grade.offset}};
}

void from_json(const nlohmann::json& json, GradeKey& key)
{
    json.at("frame").get_to(key.frame);
    json.at("gain").get_to(key.grade.gain);
    json.at("offset").get_to(key.grade.offset);
}

void to_json(nlohmann::json& json, const Footage& footage)
{
    json = {{"file", footage.file.string()}, {"sha256", footage.sha256}, {"size", footage.size},
            {"rate", footage.rate},          {"first", footage.first},   {"frames", footage.frames},
            {"sound", footage.sound}};
    if (!footage.grade.empty()) {
        json["grade"] = footage.grade;
    }
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
    footage.grade = json.value("grade", GradeCurve{});
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
