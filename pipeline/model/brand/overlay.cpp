#include "pipeline/model/brand/overlay.h"

namespace longtake {
std::vector<RoleText> role_texts(const nlohmann::json& object)
{
    std::vector<RoleText> texts;
    for (const TextRole role :
         {TextRole::title, TextRole::subtitle, TextRole::body, TextRole::price, TextRole::call_to_action}) {
        if (const auto found = object.find(word(role)); found != object.end()) {
            texts.push_back({role, found->get<std::string>()});
        }
    }
    return texts;
}

nlohmann::json shape_of(const Overlay& overlay)
{
    nlohmann::json shape = overlay;
    for (const char* key : {"from", "to", "fonts"}) {
        shape.erase(key);
    }
    shape["style"] = shape_of(overlay.style);
    if (overlay.logo && !overlay.logo->sha256.empty()) {
        shape["logo"].erase("file");
    }
    return shape;
}

void to_json(nlohmann::json& json, const RoleText& text)
{
    json = {{"role", word(text.role)}, {"text", text.text}};
}

void from_json(const nlohmann::json& json, RoleText& text)
{
    text = {parse_text_role(json.at("role").get<std::string>()), json.at("text").get<std::string>()};
}

void to_json(nlohmann::json& json, const Overlay& overlay)
{
    json = {{"from", overlay.from},     {"to", overlay.to},
            {"texts", overlay.texts},   {"card", overlay.card},
            {"at", word(overlay.at)},   {"in", word(overlay.in)},
            {"out", word(overlay.out)}, {"style", overlay.style.resolved}};
    for (const StyleFile& font : overlay.style.fonts) {
        json["fonts"].push_back(style_file_json(font));
    }
    if (overlay.logo) {
        json["logo"] = logo_json(*overlay.logo);
    }
    if (!overlay.words.empty()) {
        json["words"] = overlay.words;
    }
    if (overlay.curtain) {
        json["curtain"] = true;
    }
}

void from_json(const nlohmann::json& json, Overlay& overlay)
{
    overlay = {};
    json.at("from").get_to(overlay.from);
    json.at("to").get_to(overlay.to);
    json.at("texts").get_to(overlay.texts);
    json.at("card").get_to(overlay.card);
    overlay.at = parse_place(json.at("at").get<std::string>());
    overlay.in = parse_motion(json.at("in").get<std::string>());
    overlay.out = parse_motion(json.at("out").get<std::string>());
    overlay.curtain = json.value("curtain", false);
    if (!overlay.curtain) { // which has no text
        overlay.style = style_of(json.at("style"));
    }
    if (json.contains("fonts")) { // with what is in them
        overlay.style.fonts.clear();
        for (const nlohmann::json& font : json.at("fonts")) {
            overlay.style.fonts.push_back(style_file_of(font));
        }
    }
    if (json.contains("logo")) {
        overlay.logo = logo_of(json.at("logo"));
    }
    overlay.words = json.value("words", std::vector<TimedWord>{});
}

} // namespace longtake
