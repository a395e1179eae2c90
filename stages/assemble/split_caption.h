#pragma once

#include "pipeline/model/brand/style.h"
#include "pipeline/model/speech/caption.h"

#include <vector>

namespace longtake::stages {

/// Splits a caption into such as take at most two lines of `measure` ems in the style's caption font: as few and as
/// even as can be, where sentences, clauses or words end. Each has the time of its words where that is known, else its
/// letters' share of the whole. Needs the fonts.
std::vector<Caption> split_caption(const Caption& caption, const Style& style, double measure);

/// A text that is spoken in `spoken` (seconds in order; a recording without its pauses), as one caption whose words are
/// timed by their letters' share of it.
Caption spoken_text(const std::string& text, const std::vector<std::pair<double, double>>& spoken);

} // namespace longtake::stages
