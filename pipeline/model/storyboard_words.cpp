#include "pipeline/model/storyboard.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

namespace longtake {
namespace {

template <class Word, std::size_t n>
using Words = std::array<std::pair<Word, const char*>, n>;

constexpr Words<TransitionType, 11> k_transitions = {{{TransitionType::cut, "cut"},
                                                      {TransitionType::dissolve, "dissolve"},
                                                      {TransitionType::fade_black, "fade_black"},
                                                      {TransitionType::fade_white, "fade_white"},
                                                      {TransitionType::wipe_left, "wipe_left"},
                                                      {TransitionType::wipe_right, "wipe_right"},
                                                      {TransitionType::wipe_up, "wipe_up"},
                                                      {TransitionType::wipe_down, "wipe_down"},
                                                      {TransitionType::slide_left, "slide_left"},
                                                      {TransitionType::slide_right, "slide_right"},
                                                      {TransitionType::morph, "morph"}}};
constexpr Words<Timing, 3> k_timings = {
    {{Timing::automatic, "auto"}, {Timing::hold, "hold"}, {Timing::overlap, "overlap"}}};
constexpr Words<Fit, 4> k_fits = {
    {{Fit::blur, "blur"}, {Fit::pad, "pad"}, {Fit::crop, "crop"}, {Fit::reject, "reject"}}};
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

constexpr double k_default_seconds = 0.5;

template <class Word, std::size_t n>
std::string name_of(Word word, const Words<Word, n>& words)
{
    for (const auto& [value, name] : words) {
        if (value == word) {
            return name;
        }
    }
    return {};
}

template <class Word, std::size_t n>
Word find(std::string_view kind, std::string_view text, const Words<Word, n>& words)
{
    std::vector<std::string> known;
    for (const auto& [value, name] : words) {
        if (text == name) {
            return value;
        }
        known.emplace_back(name);
    }
    throw Error(Errc::usage, unknown_name(kind, text, known));
}

double transition_seconds(std::string_view whole, std::string_view text)
{
    double seconds = 0;
    const auto [end, problem] =
        std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
    if (problem != std::errc{} || end != text.data() + text.size() || !(seconds > 0) || seconds > 3600) {
        throw Error(
            Errc::usage,
            fmt::format("transition '{}': '{}' must be a number of seconds > 0, as in dissolve:0.5", whole, text));
    }
    return seconds;
}

} // namespace

std::string word(TransitionType type)
{
    return name_of(type, k_transitions);
}

std::string word(Timing timing)
{
    return name_of(timing, k_timings);
}

std::string word(MatchColour match)
{
    return name_of(match, k_matches);
}

std::string word(Fit fit)
{
    return name_of(fit, k_fits);
}

std::string word(Reference::Kind kind)
{
    return name_of(kind, k_references);
}

std::string word(Continuation continuation)
{
    return name_of(continuation, k_continuations);
}

Transition parse_transition(std::string_view text)
{
    const auto colon = text.find(':');
    Transition transition{.type = find("transition", text.substr(0, colon), k_transitions)};
    if (transition.type == TransitionType::cut) {
        if (colon != std::string_view::npos) {
            throw Error(Errc::usage, fmt::format("transition '{}': a cut has no length; write cut", text));
        }
        return transition;
    }
    transition.seconds =
        colon == std::string_view::npos ? k_default_seconds : transition_seconds(text, text.substr(colon + 1));
    return transition;
}

Timing parse_timing(std::string_view text)
{
    return find("timing", text, k_timings);
}

Fit parse_fit(std::string_view text)
{
    return find("fit", text, k_fits);
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
    json = {{"text", card.text}, {"background", card.background}, {"colour", card.colour}, {"font", card.font}};
}

} // namespace longtake
