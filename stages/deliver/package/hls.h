#pragma once

#include "stages/deliver/package/contents.h"

#include <string>
#include <vector>

namespace longtake::stages {

/// A file of a stream that is text.
struct Manifest {
    std::string file; ///< its name
    std::string text;
};

/// The playlists of a stream (RFC 8216 and its second edition, draft-pantos-hls-rfc8216bis): the one that players open
/// first, then those it names. Tracks are single files that playlists refer to by ranges of bytes; the one for fast
/// search names the keyframes alone. `image` playlists are those of Roku's and JW Player's "HLS image media playlist"
/// specification.
std::vector<Manifest> hls_playlists(const StreamContents& contents);

/// The chapters as Apple's players read them (HLS session data com.apple.hls.chapters).
std::string chapters_json(const StreamContents& contents);

} // namespace longtake::stages
