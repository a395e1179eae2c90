#pragma once

#include "pipeline/base/files.h"
#include "pipeline/model/deliverable.h"
#include "pipeline/render/rendition.h"
#include "stages/deliver/output_spec.h"

#include <cstdint>
#include <vector>

namespace longtake::stages {

/// Writes what is to stand beside an output, to be named with it, and lists it in `deliverable`. In the order of
/// `spec.beside`. Throws Error(storage), and as Rendition::Reader::next().
std::vector<PartFile> write_companions(const OutputSpec& spec, const render::Rendition& rendition,
                                       Deliverable& deliverable);

/// The poster: the frame that stands for the whole, as a JPEG. Throws as Rendition::Reader::next().
std::string poster(const render::Rendition& rendition);

/// The frame that stands for the whole: the sharpest of the middles of up to 12 shots, each where it is seen alone, of
/// few shots of three places in each; cards only where there is nothing else.
std::int64_t poster_frame(const render::Rendition& rendition);

} // namespace longtake::stages
