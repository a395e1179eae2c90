#pragma once

#include "pipeline/model/speech/caption.h"

#include <filesystem>
#include <vector>

namespace longtake::av {

/// The captions of a SubRip (.srt), WebVTT (.vtt) or ASS (.ass, .ssa) file, or of the JSON that Whisper writes (.json:
/// "segments" of "start", "end", "text" and perhaps "words"), in order of their start, in seconds. Markup, styles and
/// places are left out; times of words (WebVTT's timestamps, ASS's karaoke, Whisper's words) are kept. Captions that
/// last no time or say nothing are left out. UTF-8, or UTF-16 with a byte order mark.
/// Throws Error(input) "name: reason" for another format, for letters in another encoding, for more than 8 MB or 20000
/// captions, and if nothing is left.
std::vector<Caption> read_captions(const std::filesystem::path& file);

} // namespace longtake::av
