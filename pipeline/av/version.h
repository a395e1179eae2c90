#pragma once

#include <string>
#include <vector>

namespace longtake::av {

/// Quietens libav's own logging to fatal faults; failures come as errors instead. Call once at start-up.
void quiet_log();

/// "libavcodec 59.37.100" and so on, of the libraries running now.
std::vector<std::string> library_versions();

/// The widest vector instructions of this processor that libav* and its encoders may use, "avx2": with others they can
/// come to other bits. "none" where there are none.
std::string vector_instructions();

/// libavformat's licence words: Debian's build is GPL.
std::string library_licence();

/// Whether an encoder of this libavcodec name exists in this build.
bool has_encoder(const std::string& name);

} // namespace longtake::av
