#pragma once

#include "pipeline/base/store.h"
#include "pipeline/ledger/film_parts.h"
#include "pipeline/ledger/row_queue.h"
#include "stages/deliver/segment_share.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace longtake {

/// The segments of one queued film among all workers: rows come first, so they are offered once no row waits, and their
/// files go through the store, by content. Where the store fails, whoever has the film makes them itself.
class SharedSegments final : public stages::SegmentShare {
public:
    enum class Role {
        finisher, ///< has the row, and puts the film together
        helper,   ///< makes what the finisher offers
    };

    /// `queue`: of the same session, outliving this. `scratch`: a folder for files on their way. `worker`: see
    /// RowQueue.
    SharedSegments(Role role, std::shared_ptr<Database> database, RowQueue& queue, std::shared_ptr<Store> store,
                   const QueuedRow& row, const std::string& worker, std::filesystem::path scratch);

    bool helps() const noexcept override { return role_ == Role::helper; }
    bool wants_help() override;
    void offer(const std::vector<std::string>& keys) override;
    bool claim(const std::string& key) override;
    void made(const std::string& key, const stages::StoredSegment& segment) override;
    std::optional<stages::StoredSegment> fetch(const std::string& key, stages::SegmentStore& store) override;

    /// How many a helper has made, or a finisher has fetched.
    std::int64_t passed() const noexcept { return passed_; }

private:
    stages::StoredSegment brought(const std::string& key, const std::string& record, stages::SegmentStore& store);

    const Role role_;
    RowQueue& queue_; ///< one of its own would take the session's own rows for those of one that is gone
    const std::shared_ptr<Store> store_;
    const std::filesystem::path scratch_;
    FilmParts parts_;
    std::mutex mutex_;            ///< held for what follows
    std::set<std::string> begun_; ///< a finisher's own
    std::set<std::string> offered_;
    std::chrono::steady_clock::time_point asked_;
    std::atomic<std::int64_t> passed_ = 0;
};

} // namespace longtake
