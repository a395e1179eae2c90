#pragma once

#include "pipeline/model/run_record.h"
#include "pipeline/model/timeline.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace longtake::interchange {

/// Where footage came from: what editing programs carry along with it.
struct Origin {
    std::string take; ///< "cup+2"
    std::string provider;
    std::string model;
    std::string task; ///< the service's id
    std::string prompt;
    std::optional<double> cost; ///< USD, charged or else estimated
};

/// A film as it is handed to editing programs.
struct Cut {
    std::string title;
    Timeline timeline;
    std::map<std::string, Origin> origins{};                      ///< by the SHA-256 of the footage
    std::map<std::filesystem::path, std::int64_t> media_frames{}; ///< length of files at the film's rate, where known

    /// What is known of a range's footage; null: it was not generated.
    const Origin* origin(const Range& range) const;
};

/// The cut of a run that was made in the working directory `folder`, which may have been moved: files that lie there
/// are named there, all by absolute paths. Throws Error(usage) if the run came to no film.
Cut cut_of(const RunRecord& record, const std::filesystem::path& folder);

/// Part of a range, in the place it has when the clips of a track stand end to end, as editors have them: an item is
/// cut where the next one starts. A transition into it lies after that place (`overlap`) or, if it is held, before it.
struct Piece {
    const Item* item = nullptr;
    const Range* range = nullptr;
    std::int64_t at = 0;      ///< in the film
    std::int64_t first = 0;   ///< of the file
    std::int64_t frames = 0;  ///< > 0
    TimelineTransition way{}; ///< into it; of an item's first piece only

    std::int64_t end() const noexcept { return at + frames; }
};

/// The pieces of a timeline from its first frame to its last. They refer to the timeline.
std::vector<Piece> pieces_of(const Timeline& timeline);

/// What a piece's own data is, for formats that carry JSON.
nlohmann::json metadata_of(const Cut& cut, const Piece& piece);

/// A file: URL for an absolute path (RFC 8089), a relative reference otherwise; both percent-encoded.
std::string url_of(const std::filesystem::path& file);

/// The path a file: URL or a relative reference stands for; empty for another URL.
std::filesystem::path path_of(std::string_view url);

} // namespace longtake::interchange
