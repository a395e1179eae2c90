#pragma once

#include "pipeline/base/files.h"
#include "pipeline/model/deliverable.h"
#include "pipeline/render/rendition.h"
#include "stages/deliver/output_spec.h"

#include <stop_token>
#include <vector>

namespace longtake::stages {

/// Whether a preset wants a picture of the film instead of the film.
bool is_picture(const Preset& preset);

/// Writes a poster, or a sheet of small pictures with a WebVTT file that says where each is, into `part`; what stands
/// beside it is added to `beside`, to be named with it. A film with more pictures than the sheet has room for has them
/// at longer intervals. Throws Error(storage), Error(interrupted), and as Rendition::Reader::next().
Deliverable write_picture(const OutputSpec& spec, const render::Rendition& rendition, PartFile& part,
                          std::vector<PartFile>& beside, std::stop_token stop);

} // namespace longtake::stages
