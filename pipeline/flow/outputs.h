#pragma once

#include "pipeline/flow/account.h"
#include "pipeline/flow/options.h"
#include "pipeline/model/canvas.h"
#include "stages/deliver/output_spec.h"

namespace longtake {

/// Whether footage is copied at all. Lossless pictures are of another profile than any clip: the two do not go into one
/// stream.
bool copying(const FilmOptions& options);

/// The files a film is asked for: presets loaded, overrides applied, names given. Without a preset it is a master: HEVC
/// or AV1 where every shot is a clip of that, all of one kind and of the film's size and rate; H.264 otherwise.
/// Throws Error(usage): an unknown preset, one file name for several presets, a name no file can have, a film longer
/// than a platform takes.
std::vector<stages::OutputSpec> outputs_for(const Storyboard& board, const Plan& plan, const FilmOptions& options,
                                            const Account& account);

/// Where a card's text may stand so that it is inside the safe box of every output that shows the film whole.
SafeBox safe_box(const std::vector<stages::OutputSpec>& outputs, Size film);

/// Everything about an output that shapes its file: the whole preset as it was changed, and where it goes.
nlohmann::json shape_of(const stages::OutputSpec& output);

} // namespace longtake
