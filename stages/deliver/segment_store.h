#pragma once

#include "pipeline/base/files.h"
#include "stages/deliver/segment_record.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace longtake::stages {

/// A folder of encoded segments, each found by the hash of all that shapes it. Processes share it, and so do threads
/// one object. Its size is bounded: what was used longest ago goes first, but never what a live object has found or
/// kept. Everything throws Error(storage) where the folder cannot be written or locked, and Error(internal) for a key
/// that is not a SHA-256 in lower-case hex. The files are described in docs/formats.md.
class SegmentStore {
public:
    struct Limits {
        /// Of all files together. Empty: 8 GB, or a tenth of what the disk would have free without the store, whichever
        /// is less.
        std::optional<std::int64_t> max_bytes;
    };

    /// Makes the folder. `damaged` is told, in words and once, of each segment that is not what was written; from the
    /// threads that look for them. Throws Error(usage) if that name is no folder's.
    explicit SegmentStore(const std::filesystem::path& folder, Limits limits = {},
                          std::function<void(const std::string&)> damaged = {});

    /// The segment of that key if it is there and whole, by its size and SHA-256: costs reading it once. A damaged one
    /// is removed. What is found may be read until this object ends.
    std::optional<StoredSegment> find(const std::string& key);

    /// A new file to write the segment of that key into. `extension` is that of its final name, such as ".mp4".
    PartFile begin(const std::string& key, const std::string& extension);

    /// Gives what begin() began its name and records it; then trims the store. Where a whole segment of that key has
    /// been put there meanwhile, that one stays, as it may be being read, and is returned. Where it fails, nothing is
    /// left of it.
    StoredSegment keep(PartFile file, const std::string& key, std::int64_t frames,
                       std::vector<std::string> frame_hashes);

    /// Removes what was used longest ago until the bound is kept, and what killed runs have left. What live objects
    /// have found or kept stays, even if it alone is beyond the bound.
    void trim();

    /// Of all files that are kept.
    std::int64_t bytes() const;

private:
    void need(const std::string& key);
    bool claim(const std::string& key);
    std::optional<StoredSegment> look_again(const std::string& key);
    void tell_once(const std::string& key, const std::string& fault);

    const std::filesystem::path folder_;
    const Limits limits_;
    const std::function<void(const std::string&)> damaged_;
    std::mutex mutex_; ///< held for what follows
    PartFile run_;     ///< the keys that this object has found or kept: there and locked for as long as it lives
    std::set<std::string> needed_;
    std::set<std::string> told_;
};

/// What a folder of segments takes.
struct StoreSize {
    std::int64_t segments = 0;
    std::int64_t bytes = 0; ///< of all files that are kept
};

/// Looks without making or locking anything; nothing if the folder is not there. Throws Error(usage) if it is no
/// folder.
StoreSize size_of_store(const std::filesystem::path& folder);

/// Empties a store but for what live objects have found or kept, and what they are writing; whatever is not a store's
/// stays. Returns what was freed. Throws as size_of_store() and SegmentStore do.
StoreSize clear_store(const std::filesystem::path& folder);

} // namespace longtake::stages
