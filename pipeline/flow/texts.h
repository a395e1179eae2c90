#pragma once

#include "pipeline/flow/canvases.h"
#include "pipeline/model/plan.h"
#include "pipeline/model/preset.h"

#include <vector>

namespace longtake {

/// Reads the styles a plan's texts are set in. Throws Error(usage) for one that is not there or breaks the schema, and
/// for a logo that cannot be read.
void load_styles(Plan& plan, const PresetDirs& dirs);

/// Sets every text as it will stand in each output: what is wrong with it is known, and noted, before anything is made
/// or paid for. Throws Error(input) for a text that cannot be made to fit, Error(usage) for an overlay that is never
/// seen.
void note_texts(Plan& plan, const std::vector<CanvasFilm>& canvases);

} // namespace longtake
