#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace longtake {

/// Something a person or a script watching a run wants to know.
struct Event {
    enum class Kind {
        started,  ///< a stage began work on something
        progress, ///< `done` of `total` frames, or of what `text` says: "rows, 3.1 films a minute"
        finished, ///< a stage ended its work on something
        reused,   ///< it was finished by an earlier run
        note,     ///< for the user to read
        warning,
    };
    Kind kind = Kind::note;
    std::string stage; ///< "prepare", "generate", "extend", "deliver", ...
    std::string what;  ///< shot id or preset name
    std::int64_t done = 0;
    std::int64_t total = 0;
    std::string text;
};

/// Receives events, from several threads at once; must not throw.
using Listener = std::function<void(const Event&)>;

/// The JSON word of a kind.
std::string word(Event::Kind kind);

} // namespace longtake
