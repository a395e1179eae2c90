#include "pipeline/model/still.h"

#include <nlohmann/json.hpp>

namespace longtake {

void to_json(nlohmann::json& json, const ImageRules& rules)
{
    json = {rules.min_side, rules.max_side, rules.max_aspect, rules.max_bytes, rules.formats};
}

void to_json(nlohmann::json& json, const Still& still)
{
    json = {{"file", still.file.string()}, {"sha256", still.sha256},   {"size", still.size},
            {"format", still.format},      {"actions", still.actions}, {"warnings", still.warnings}};
}

void from_json(const nlohmann::json& json, Still& still)
{
    still.file = json.at("file").get<std::string>();
    json.at("sha256").get_to(still.sha256);
    json.at("size").get_to(still.size);
    json.at("format").get_to(still.format);
    json.at("actions").get_to(still.actions);
    json.at("warnings").get_to(still.warnings);
}

} // namespace longtake
