#include "pipeline/model/storyboard.h"

#include "pipeline/model/words.h"

#include <array>
#include <utility>

namespace longtake {
namespace {

constexpr Words<Fit, 5> k_fits = {
    {{Fit::automatic, "auto"}, {Fit::blur, "blur"}, {Fit::pad, "pad"}, {Fit::crop, "crop"}, {Fit::reject, "reject"}}};
constexpr Words<Continuation, 3> k_continuations = {
    {{Continuation::automatic, "auto"}, {Continuation::extend, "extend"}, {Continuation::last_frame, "last-frame"}}};
constexpr Words<Reference::Kind, 3> k_references = {
    {{Reference::Kind::picture, "picture"}, {Reference::Kind::film, "film"}, {Reference::Kind::sound, "sound"}}};
constexpr Words<MatchColour, 3> k_matches = {
    {{MatchColour::handoff, "handoff"}, {MatchColour::anchor, "anchor"}, {MatchColour::off, "off"}}};
constexpr std::array<std::pair<const char*, double CameraMove::*>, 6> k_axes = {
    {{"horizontal", &CameraMove::horizontal},
     {"vertical", &CameraMove::vertical},
     {"pan", &CameraMove::pan},
     {"tilt", &CameraMove::tilt},
     {"roll", &CameraMove::roll},
     {"zoom", &CameraMove::zoom}}};

} // namespace

std::string word(MatchColour match)
{
    return name_in(k_matches, match);
}

std::string word(Fit fit)
{
    return name_in(k_fits, fit);
}

std::string word(Reference::Kind kind)
{
    return name_in(k_references, kind);
}

std::string word(Continuation continuation)
{
    return name_in(k_continuations, continuation);
}

Fit parse_fit(std::string_view text)
{
    return value_in(k_fits, "fit", text);
}

void to_json(nlohmann::json& json, const CameraMove& move)
{
    json = {{"type", move.type}};
    for (const auto& [name, axis] : k_axes) {
        if (move.*axis != 0) {
            json[name] = move.*axis;
        }
    }
}

void from_json(const nlohmann::json& json, CameraMove& move)
{
    move = {};
    move.type = json.value("type", move.type);
    for (const auto& [name, axis] : k_axes) {
        move.*axis = json.value(name, 0.0);
    }
}

void to_json(nlohmann::json& json, const Card& card)
{
    if (card.styled()) {
        json = {{"texts", card.texts}, {"style", card.style}};
        return;
    }
    json = {{"text", card.text}, {"background", card.background}, {"colour", card.colour}, {"font", card.font}};
}

} // namespace longtake
