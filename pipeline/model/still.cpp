#include "pipeline/model/still.h"

#include <nlohmann/json.hpp>

namespace longtake {
namespace {

nlohmann::json list_of(const PicturePart& part)
{
    return {part.x, part.y, part.width, part.height};
}

/// Ledgers of before have none.
PicturePart part_in(const nlohmann::json& json, const char* key)
{
    if (!json.contains(key)) {
        return {};
    }
    const nlohmann::json& list = json.at(key);
    return {list.at(0).get<double>(), list.at(1).get<double>(), list.at(2).get<double>(), list.at(3).get<double>()};
}

} // namespace

void to_json(nlohmann::json& json, const ImageRules& rules)
{
    json = {rules.min_side, rules.max_side, rules.max_aspect, rules.max_bytes, rules.formats};
}

void to_json(nlohmann::json& json, const Still& still)
{
    json = {{"file", still.file.string()},     {"sha256", still.sha256},        {"size", still.size},
            {"format", still.format},          {"actions", still.actions},      {"warnings", still.warnings},
            {"source", list_of(still.source)}, {"place", list_of(still.place)}, {"blurred_bars", still.blurred_bars}};
}

void from_json(const nlohmann::json& json, Still& still)
{
    still.file = json.at("file").get<std::string>();
    json.at("sha256").get_to(still.sha256);
    json.at("size").get_to(still.size);
    json.at("format").get_to(still.format);
    json.at("actions").get_to(still.actions);
    json.at("warnings").get_to(still.warnings);
    still.source = part_in(json, "source");
    still.place = part_in(json, "place");
    still.blurred_bars = json.value("blurred_bars", false);
}

} // namespace longtake
