#pragma once

#include "pipeline/interchange/cut.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace longtake::interchange {

/// OpenTimelineIO's JSON (as 0.15 and later read it): a track of clips with transitions between them, one of music, one
/// of voices. Our own data is under metadata "longtake".
nlohmann::json to_otio(const Cut& cut);

/// A CMX 3600 edit decision list: one event a clip, two lines for a dissolve. Where a transition holds the incoming
/// picture still, an event of its own shows that picture at speed 0 ("M2"). What other transitions are is said in
/// comments; they are dissolves. Throws Error(usage) for a rate timecode cannot count, and beyond 999 events.
std::string to_edl(const Cut& cut);

/// Final Cut Pro's XML, version 1.10: times are exact fractions of seconds.
std::string to_fcpxml(const Cut& cut);

/// MLT's XML, as `melt`, Shotcut and Kdenlive open it: the film's frames at the film's rate. Transitions are dissolves;
/// grades, texts and windows are not in it.
std::string to_mlt(const Cut& cut);

/// A format that cuts are exported in.
struct Format {
    const char* name;      ///< as the command line says it
    const char* extension; ///< with its dot
    std::string (*write)(const Cut& cut);
};

/// Every format, in the order of help.
const std::vector<Format>& formats();

/// Throws Error(usage) with the nearest name.
const Format& format_named(std::string_view name);

} // namespace longtake::interchange
