#pragma once

#include "pipeline/av/bitstream/codec.h"

/// Streams whose pieces were all encoded by one encoder with the same settings, so that they share one header byte for
/// byte: nothing has to be renumbered, and pictures are copied as they are.
namespace longtake::av::uniform {

std::unique_ptr<StreamHeader> read_header(View extradata, View first = {});

/// Its sources have to have equal headers: add_source() throws Error(input) otherwise.
std::unique_ptr<StreamSplicer> make_splicer();

} // namespace longtake::av::uniform
