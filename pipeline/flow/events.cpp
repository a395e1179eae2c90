#include "pipeline/flow/events.h"

namespace longtake {

std::string word(Event::Kind kind)
{
    switch (kind) {
    case Event::Kind::started: return "started";
    case Event::Kind::progress: return "progress";
    case Event::Kind::finished: return "finished";
    case Event::Kind::reused: return "reused";
    case Event::Kind::note: return "note";
    case Event::Kind::warning: return "warning";
    }
    return "note";
}

} // namespace longtake
