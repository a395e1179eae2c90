#include "pipeline/app/campaign_text.h"

#include "pipeline/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace longtake::app {
namespace {

using nlohmann::json;

/// A value as it would be typed; of a file its name.
std::string value_text(const Variable& variable, const json& value)
{
    if (variable.file() && value.is_string()) {
        return std::filesystem::path(value.get<std::string>()).filename().string();
    }
    if (value.is_array()) {
        return fmt::format("{} elements", value.size());
    }
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

std::string limits_text(const Variable& variable)
{
    std::vector<std::string> limits;
    for (const auto& [canvas, most] : variable.max_letters) {
        limits.push_back(fmt::format("{} letters{}{}", most, canvas.empty() ? "" : " at ", canvas));
    }
    if (!variable.choices.empty()) {
        limits.push_back(join(variable.choices, " | "));
    }
    if (variable.min || variable.max) {
        const auto bound = [](const std::optional<double>& value) { return value ? fmt::format("{:g}", *value) : ""; };
        limits.push_back(bound(variable.min) + ".." + bound(variable.max));
    }
    for (const Variable& field : variable.fields) {
        limits.push_back(field.name + (field.name.empty() ? "" : ": ") + word(field.type));
    }
    return limits.empty() ? "" : " (" + join(limits) + ")";
}

std::string variable_text(const Variable& variable)
{
    const json& shown = variable.value_default.is_null() ? variable.example : variable.value_default;
    std::string origin = variable.required() ? "needed" : variable.optional ? "optional" : "default";
    if (!shown.is_null()) {
        origin +=
            fmt::format("{} {}", variable.value_default.is_null() ? ", such as" : ":", value_text(variable, shown));
    }
    return fmt::format("  {:<14} {:<8} {}{}; {}\n", variable.name, word(variable.type), variable.description,
                       limits_text(variable), origin);
}

/// What a shot shows, in its template's words.
std::string picture_text(const json& shot)
{
    for (const char* key : {"image", "clip", "edit"}) {
        if (shot.contains(key) && shot.at(key).is_string()) {
            const std::string file = shot.at(key);
            return file.starts_with("${") ? file : std::filesystem::path(file).filename().string();
        }
    }
    return shot.contains("card") ? "card" : "picture";
}

/// The texts in an object, in the order people read them.
void add_texts(const json& object, std::vector<std::string>& texts)
{
    for (const char* key : {"title", "text", "subtitle", "body", "price", "call_to_action"}) {
        if (object.is_object() && object.contains(key) && object.at(key).is_string()) {
            texts.push_back(object.at(key));
        }
    }
}

std::string shot_text(const json& shot)
{
    std::vector<std::string> texts;
    if (shot.contains("card")) {
        add_texts(shot.at("card"), texts);
    }
    const json overlays = shot.value("overlays", json::array());
    for (const json& overlay : overlays) {
        add_texts(overlay, texts);
    }
    std::vector<std::string> terms;
    for (const auto& [key, says] :
         {std::pair("each", "once for each of "), {"when", "if there is "}, {"unless", "if there is no "}}) {
        if (shot.contains(key)) {
            terms.push_back(says + shot.at(key).get<std::string>());
        }
    }
    const json seconds = shot.value("seconds", json("as long as it is"));
    const json transition = shot.value("transition", json::object());
    return fmt::format("  | {:<10} {:<6} {}{}{}\n", transition.is_object() ? transition.value("type", "") : "",
                       seconds.is_string() ? seconds.get<std::string>() : seconds.dump() + " s", picture_text(shot),
                       texts.empty() ? "" : ": " + join(texts, " / "), terms.empty() ? "" : "   [" + join(terms) + "]");
}

} // namespace

std::string campaign_text(const Campaign& campaign)
{
    std::string text = campaign.name + ": " + campaign.description + "\n\nVariables:\n";
    std::string command = "longtake run -p " + campaign.name;
    for (const Variable& variable : campaign.variables) {
        text += variable_text(variable);
        if (variable.required()) {
            command += fmt::format(" --set {}={}", variable.name,
                                   variable.example.is_string() ? "\"" + value_text(variable, variable.example) + "\""
                                                                : "...");
        }
    }
    text += "\nShots:\n";
    const json shots = campaign.storyboard.value("shots", json::array());
    for (const json& shot : shots) {
        text += shot.is_object() ? shot_text(shot) : "";
    }
    const json deliver = campaign.storyboard.value("deliver", json::array());
    text += "\nFiles: " + join(deliver.get<std::vector<std::string>>());
    return text + "\n\nTry it:  longtake run -p " + campaign.name + " --demo -o out\nMake it: " + command + " -o out";
}

} // namespace longtake::app
