#include "pipeline/interchange/events.h"

#include <algorithm>

namespace longtake::interchange {
namespace {

/// Takes the last `frames` off what is there, and says what is seen in them.
Leaving give_up_tail(std::vector<EditEvent>& events, std::int64_t frames)
{
    const std::int64_t cut = events.back().piece.end() - frames;
    while (events.size() > 1 && events.back().piece.at >= cut) {
        events.pop_back();
    }
    Piece& last = events.back().piece;
    last.frames = std::max<std::int64_t>(1, cut - last.at);
    return {last.item, last.range, last.first + last.frames};
}

Leaving after(const EditEvent& event)
{
    return {event.piece.item, event.piece.range, event.piece.first + event.piece.frames};
}

} // namespace

std::vector<EditEvent> events_of(const Timeline& timeline)
{
    std::vector<EditEvent> events;
    for (const Piece& piece : pieces_of(timeline)) {
        EditEvent event{piece};
        if (piece.way.frames > 0 && !events.empty()) {
            event.type = piece.way.type;
            if (piece.way.held) {
                EditEvent still{piece, true, piece.way.frames, piece.way.type};
                still.from = give_up_tail(events, piece.way.frames);
                still.piece.at = events.back().piece.end();
                still.piece.frames = piece.at - still.piece.at;
                still.dissolve = still.piece.frames;
                events.push_back(still);
                event.type = TransitionType::cut;
            } else {
                event.dissolve = std::min(piece.way.frames, piece.frames);
                event.from = after(events.back());
            }
        }
        events.push_back(event);
    }
    return events;
}

std::vector<MusicLoop> music_loops(const Cut& cut)
{
    std::vector<MusicLoop> loops;
    if (cut.timeline.music) {
        const std::int64_t film = cut.timeline.frames();
        const auto known = cut.media_frames.find(cut.timeline.music->file);
        const std::int64_t length = known == cut.media_frames.end() || known->second <= 0 ? film : known->second;
        for (std::int64_t at = 0; at < film; at += length) {
            loops.push_back({at, std::min(length, film - at)});
        }
    }
    return loops;
}

std::string name_of(const Cut& cut, const Piece& piece)
{
    const Origin* origin = cut.origin(*piece.range);
    return origin != nullptr ? origin->take : piece.item->shot;
}

} // namespace longtake::interchange
