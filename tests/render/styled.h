#pragma once

#include "pipeline/model/brand/overlay.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace longtake::test {

inline Style style(const std::string& name = "studio")
{
    return load_style({std::filesystem::path(LONGTAKE_SOURCE_DIR) / "presets"}, name);
}

/// Texts over frames [from, to), or on a card.
inline Overlay overlay(std::vector<RoleText> texts, std::int64_t from = 0, std::int64_t to = 100,
                       const Style& look = style())
{
    Overlay overlay;
    overlay.from = from;
    overlay.to = to;
    overlay.texts = std::move(texts);
    overlay.at = Place::lower;
    overlay.in = look.entrance;
    overlay.out = look.exit;
    overlay.style = look;
    return overlay;
}

inline Overlay card(std::vector<RoleText> texts, const Style& look = style())
{
    Overlay made = overlay(std::move(texts), 0, 100, look);
    made.card = true;
    return made;
}

} // namespace longtake::test
