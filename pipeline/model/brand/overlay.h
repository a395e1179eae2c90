#pragma once

#include "pipeline/model/brand/style.h"
#include "pipeline/model/speech/caption.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// One text and what it is for.
struct RoleText {
    TextRole role = TextRole::title;
    std::string text; ///< UTF-8; line feeds break lines

    friend bool operator==(const RoleText&, const RoleText&) = default;
};

/// An overlay in the author's words: text over a shot or over the film.
struct OverlayWords {
    std::vector<RoleText> texts;
    std::optional<double> from, to; ///< seconds of the shot, or of the film; empty: its start, its end
    std::optional<Motion> in, out;  ///< empty: the style's
    Place at = Place::lower;
};

/// Text, or a logo, or both, over frames [from, to) of the timeline: set and drawn for each output, at its size and
/// inside its safe box.
struct Overlay {
    std::int64_t from = 0, to = 0; ///< of the timeline; to > from
    std::vector<RoleText> texts{}; ///< below each other
    std::optional<Logo> logo{};    ///< above the texts, or alone in its corner
    bool card = false;             ///< stands on the style's own ground; else over a picture, with a scrim behind it
    Place at = Place::centre;      ///< unless `card`
    Motion in = Motion::rise;
    Motion out = Motion::fade;
    Style style{};
    std::vector<TimedWord> words{}; ///< of its text; seconds from its first frame; the one that is spoken stands out
    bool curtain = false; ///< nothing but black that comes over the picture, from none at `from` to all at `to`
};

/// The texts an object has under the names of roles ("title", "subtitle", "body", "price", "call_to_action").
std::vector<RoleText> role_texts(const nlohmann::json& object);

/// All of an overlay but when it stands: what its look depends on. Of files the SHA-256.
nlohmann::json shape_of(const Overlay& overlay);

void to_json(nlohmann::json& json, const RoleText& text);
void from_json(const nlohmann::json& json, RoleText& text);
void to_json(nlohmann::json& json, const Overlay& overlay);
void from_json(const nlohmann::json& json, Overlay& overlay);

} // namespace longtake
