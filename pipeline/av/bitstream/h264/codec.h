#pragma once

#include "pipeline/av/bitstream/codec.h"

namespace longtake::av::h264 {

/// From avcC or Annex B. Throws Error(input).
std::unique_ptr<StreamHeader> read_header(View extradata, View first = {});

std::unique_ptr<StreamSplicer> make_splicer();

} // namespace longtake::av::h264
