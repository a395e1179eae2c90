#pragma once

#include "pipeline/render/rendition.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>

namespace longtake::render {

/// Raise it when composing changes, so that films and pieces of an older look are made again.
constexpr int k_render_version = 2;

/// The same of what is drawn over pictures; only frames under an overlay are made again.
constexpr int k_overlay_version = 1;

/// Everything that shapes the frames [first, first + frames) of a rendition: what is seen of which files (by SHA-256),
/// grades, LUTs, framing, transitions and overlays and where in them it lies, canvas and rate; its safe box if text
/// stands in it. Neither the frames' place in the film nor names of shots and files are in it: the same pictures
/// elsewhere have the same recipe.
nlohmann::json recipe_of(const Rendition& rendition, std::int64_t first, std::int64_t frames);

} // namespace longtake::render
