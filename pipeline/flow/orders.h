#pragma once

#include "pipeline/flow/film.h"
#include "stages/deliver/deliver.h"
#include "stages/prepare/card.h"

namespace longtake {

/// The files a film is asked for: presets loaded, overrides applied, names given.
/// Throws Error(usage): an unknown preset, one file name for several presets, a name no file can have, a film longer
/// than a platform takes.
std::vector<stages::Order> orders_for(const Storyboard& board, const Plan& plan, const FilmSettings& settings);

/// Where a card's text may stand so that it is inside the safe box of every order that shows the film whole.
stages::TextBox text_box(const std::vector<stages::Order>& orders, Size film);

/// Everything about an order that shapes its file: the whole preset as it was changed, and where it goes.
nlohmann::json shape_of(const stages::Order& order);

} // namespace longtake
