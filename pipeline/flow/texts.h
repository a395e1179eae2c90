#pragma once

#include "pipeline/flow/canvases.h"
#include "pipeline/model/plan.h"
#include "pipeline/model/preset.h"

#include <vector>

namespace longtake {

/// Reads the styles a plan's texts are set in, its captions' file, and where in its voices something is spoken. Throws
/// Error(usage) for a style that is not there or breaks the schema, Error(input) for a logo, a font, a LUT,
/// captions or a voice that cannot be read.
void load_texts(Plan& plan, const PresetDirs& dirs);

/// Sets every text as it will stand in each output: what is wrong with it is known, and noted, before anything is made
/// or paid for. Throws Error(input) for a text that cannot be made to fit, Error(usage) for an overlay that is never
/// seen.
void note_texts(Plan& plan, const std::vector<CanvasFilm>& canvases);

} // namespace longtake
