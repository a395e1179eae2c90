#pragma once

#include "pipeline/model/rate.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace longtake::interchange {

/// How a rate is counted in hours, minutes, seconds and frames (SMPTE ST 12-1). 23.976, 29.97, 59.94 and 119.88 frames
/// a second are counted as the whole number above them; of those that are multiples of 29.97 the first numbers of each
/// minute but every tenth are left out, so that the count keeps up with the clock ("drop frame").
struct TimecodeBase {
    int nominal = 30; ///< numbers a second
    bool drop = false;
};

/// Throws Error(usage) for a rate that timecode cannot count: neither whole nor a whole number times 1000/1001.
TimecodeBase timecode_base(const Rate& rate);

/// "01:00:00:00", with drop frame "01:00:00;00", of a count of frames from 00:00:00:00. Beyond 24 hours it starts
/// again.
std::string timecode(std::int64_t frame, const Rate& rate);

/// The count of frames that a timecode stands for; either separator is read, and the rate says how it is counted.
/// Throws Error(input) for another text, for fields out of their range, and for a number that drop frame leaves out.
std::int64_t frame_at(std::string_view timecode, const Rate& rate);

/// As above with the base said, where a file says it otherwise than the rate does ("FCM: NON-DROP FRAME").
std::int64_t frame_at(std::string_view timecode, const TimecodeBase& base);

} // namespace longtake::interchange
