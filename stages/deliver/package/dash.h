#pragma once

#include "stages/deliver/package/contents.h"

#include <string>

namespace longtake::stages {

/// The manifest of a stream (MPD, ISO/IEC 23009-1, on-demand profile): every track one file whose segment index tells
/// players where to begin; captions a WebVTT file; small pictures as DASH-IF's guidelines tile them (Interoperability
/// Points, part 6.2.6).
std::string dash_manifest(const StreamContents& contents);

} // namespace longtake::stages
