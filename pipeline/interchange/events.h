#pragma once

#include "pipeline/interchange/cut.h"

#include <cstdint>
#include <string>
#include <vector>

namespace longtake::interchange {

/// The frames that a dissolve comes from: those that follow on the last clip.
struct Leaving {
    const Item* item = nullptr;
    const Range* range = nullptr;
    std::int64_t first = 0; ///< of the file, where the dissolve begins
};

/// One clip of an edit list. Nothing overlaps: a dissolve lies at the start of its event, and what it comes from goes
/// on under it. Where a transition holds the incoming picture still, an event of its own shows that picture, frozen.
struct EditEvent {
    Piece piece;                               ///< `way` means nothing here
    bool frozen = false;                       ///< the piece's first frame, for all its frames
    std::int64_t dissolve = 0;                 ///< frames at its start; 0: a cut
    TransitionType type = TransitionType::cut; ///< what the film has there
    Leaving from{};                            ///< of a dissolve
};

/// The events of a timeline from its first frame to its last. They refer to the timeline. A transition that is longer
/// than the piece it leads into is as long as that.
std::vector<EditEvent> events_of(const Timeline& timeline);

/// A stretch of the film's music, which begins again where the file ends.
struct MusicLoop {
    std::int64_t at = 0;
    std::int64_t frames = 0;
};

/// In one stretch where the file's length is not known.
std::vector<MusicLoop> music_loops(const Cut& cut);

/// What people call a piece: its take, or its shot.
std::string name_of(const Cut& cut, const Piece& piece);

} // namespace longtake::interchange
