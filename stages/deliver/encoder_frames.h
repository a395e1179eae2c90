#pragma once

#include "pipeline/model/preset.h"
#include "pipeline/render/rendition.h"

#include <cstdint>
#include <string>

namespace longtake::stages {

/// The frames of an output as its encoder takes them: two moments in one where it is interlaced, in 256 colours or in
/// RGB where its format wants that, and no more than the preset wants.
struct EncoderFrames {
    Rate rate;
    std::int64_t count = 0;
    bool plain = true; ///< they are the rendition's own, all of them
};

EncoderFrames encoder_frames_of(const render::Rendition& rendition, const Preset& preset);

/// Why an output is encoded in one go; empty: it can be made of pieces.
std::string whole_because(const render::Rendition& rendition, const Preset& preset);

/// The frames themselves, in order; nullopt after the last. `rendition` must outlive it. Frames in 256 colours are all
/// kept in memory before the first is given. Throws as Rendition::Reader::next().
render::FrameSource read_encoder_frames(const render::Rendition& rendition, const Preset& preset);

} // namespace longtake::stages
