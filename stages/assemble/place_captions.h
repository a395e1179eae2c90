#pragma once

#include "pipeline/model/plan.h"
#include "pipeline/model/timeline.h"

#include <vector>

namespace longtake::stages {

/// A film's captions in order, in seconds of it, none over another: those of the plan's file, and those of its shots,
/// which are spread over the shot or, with a voice, over what is spoken in it. Needs the fonts; `plan.styles` has the
/// film's.
std::vector<Caption> captions_of(const Plan& plan, const std::vector<Voice>& voices);

/// The same as they are burned into a film of the plan's shape: in two lines at most, above where other text stands
/// below.
std::vector<Overlay> burned_captions(const Plan& plan, const std::vector<Caption>& captions,
                                     const std::vector<Overlay>& others);

/// The recordings that are spoken over a plan's film: its own from the start on, and those of shots, each from where
/// its shot is seen alone.
std::vector<Voice> voices_of(const Plan& plan, const std::map<std::filesystem::path, std::string>& sha256);

} // namespace longtake::stages
