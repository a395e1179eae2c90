#pragma once

#include "pipeline/flow/options.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/model/plan.h"
#include "pipeline/model/timeline.h"

#include <filesystem>
#include <vector>

namespace longtake {

/// The windows of a film's framed footage, as somebody may have put them right by hand (`longtake/framings/1`).
class FramingBook {
public:
    FramingBook() = default;

    /// Reads what an earlier run wrote; a file that is not there is an empty book. Throws Error(input) for another
    /// format, and for windows that are no part of their picture.
    static FramingBook read(const std::filesystem::path& file);

    /// The window of a range of a shot on canvases of this aspect ("9:16"); null: nobody said.
    const FramedWindow* find(const std::string& shot, const std::string& aspect, const Range& range) const;

    void note(const std::string& shot, const std::string& aspect, const Range& range, const FramedWindow& window);

    void write(const std::filesystem::path& file) const;

private:
    struct Entry {
        std::string shot, aspect, sha256;
        std::int64_t first = 0; ///< of the range
        FramedWindow window;
    };

    const Entry* entry(const std::string& shot, const std::string& aspect, const Range& range) const;

    std::vector<Entry> entries_;
};

/// Finds which part of footage of another shape a timeline shows, where it is to fill the canvas: faces or what else
/// stands out are followed, as the shot's focus says. Looked for once for each content; what was found is told. What
/// the book has is believed, what it has not is noted in it. Throws Error(input) for a clip that cannot be read.
Timeline framed(Timeline timeline, const Plan& plan, Ledger& ledger, const Observer& observer, FramingBook& book);

} // namespace longtake
