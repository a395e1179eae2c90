#pragma once

#include "pipeline/av/bitstream/codec.h"

namespace longtake::av::av1 {

/// The payload of the first sequence header among OBUs; empty: there is none. Throws Error(input) for damage before it.
Bytes sequence_header_in(View obus);

/// The same of what a container holds: av1C, the decoder configuration record of the AV1 Codec ISO Media File Format
/// Binding, 2.3, or OBUs alone.
Bytes sequence_header_of(View extradata);

/// av1C with this sequence header. Throws Error(input) when that is damaged.
Bytes build_config(View sequence_header);

} // namespace longtake::av::av1
