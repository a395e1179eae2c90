#pragma once

#include "pipeline/av/bitstream/codec.h"

namespace longtake::av::av1 {

/// From av1C or from OBUs, and from the sequence header of the `first` packet before either. Throws Error(input).
std::unique_ptr<StreamHeader> read_header(View extradata, View first = {});

/// A stream that has the sequence header of each source in front of every entry: decoders begin anew there, so that
/// there may be any number of them.
std::unique_ptr<StreamSplicer> make_splicer();

} // namespace longtake::av::av1
