#pragma once

#include "pipeline/av/bitstream/hevc/nal.h"

namespace longtake::av::hevc {

/// A NAL unit of supplemental enhancement information (ITU-T H.265, 7.3.5) without the messages that would not hold in
/// another stream: ids of parameter sets, and when pictures enter and leave a buffer. The unit itself where there are
/// none; empty where nothing else is in it. What cannot be read is left out, too.
Bytes transferable(View sei);

} // namespace longtake::av::hevc
