#pragma once

#include "pipeline/model/speech/caption.h"

#include <string>
#include <string_view>

namespace longtake::av {

/// A caption of an ASS event's text: without its override blocks, "\N" and "\n" as line feeds, "\h" as a blank. The
/// words of karaoke blocks (\k, \K, \kf, \ko: hundredths of a second) are timed from `from` on.
Caption caption_of_ass(std::string_view text, double from, double to);

/// A caption of a WebVTT cue's text (https://www.w3.org/TR/webvtt1/#webvtt-cue-text): without its tags, its character
/// references as letters, its timestamps as the times of words.
Caption caption_of_webvtt(std::string_view text, double from, double to);

/// A WebVTT file without its STYLE and REGION blocks, and with line feeds alone: at such a block libavformat 59 (FFmpeg
/// 5.1) takes the file to be over.
std::string webvtt_without_styles(std::string_view file);

/// Without blanks and line feeds around it; several blanks are one.
std::string tidied(std::string_view text);

} // namespace longtake::av
