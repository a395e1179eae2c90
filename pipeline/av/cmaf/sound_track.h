#pragma once

#include "pipeline/av/media_writer.h"

#include <filesystem>
#include <span>

namespace longtake::av::cmaf {

/// Writes the sound of a film as a track of a stream, with an index of its segments. It is advanced by the encoder's
/// priming, so that it plays in time where edit lists are not known. `starts`: when segments of the picture begin, in
/// seconds from 0, ascending; one of the sound begins with the packet that plays then. `spec.audio` must be set. Throws
/// Error(usage) for an encoder that is not there, Error(storage).
void write_sound_track(const std::filesystem::path& part, const MediaSpec& spec, SoundSource sound,
                       std::span<const double> starts);

} // namespace longtake::av::cmaf
