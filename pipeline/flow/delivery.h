#pragma once

#include "pipeline/flow/options.h"
#include "pipeline/ledger/file_hashes.h"
#include "pipeline/ledger/ledger.h"
#include "stages/deliver/deliver.h"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace longtake {

/// Nothing is overwritten without being told to, but what the ledger says this storyboard wrote itself, as it wrote it.
/// Looked at before anything is paid for. Throws Error(usage).
void refuse_strangers(const std::vector<stages::OutputSpec>& outputs, Ledger& ledger, FileHashes& hashes,
                      const FilmOptions& options);

/// The delivery of one film: which outputs are there already, and making the rest.
class Delivery {
public:
    Delivery(const Timeline& timeline, std::vector<stages::OutputSpec> outputs, const std::string& title,
             Ledger& ledger, FileHashes& hashes, const FilmOptions& options, const Observer& observer);

    /// Files that are there already, unchanged.
    void find_finished();

    bool complete() const { return finished_.size() == outputs_.size(); }

    /// Throws Error(usage) for a stranger's file that came to be in the meantime.
    void make_rest();

    std::vector<Deliverable> deliverables() const;

private:
    bool copies(const std::vector<stages::OutputSpec>& outputs) const;
    stages::ClipIndexes indexes();
    stages::DeliverSettings deliver_settings();
    void finish(const stages::OutputSpec& output, const Deliverable& deliverable);
    std::string key(const stages::OutputSpec& output) const;
    void report(Event::Kind kind, const stages::OutputSpec& output, std::int64_t done = 0,
                std::int64_t total = 0) const;

    const Timeline& timeline_;
    std::vector<stages::OutputSpec> outputs_;
    std::string title_;
    Ledger& ledger_;
    FileHashes& hashes_;
    const FilmOptions& options_;
    const Observer& observer_;
    nlohmann::json content_;
    std::map<std::filesystem::path, Deliverable> finished_;
    std::mutex mutex_;
};

} // namespace longtake
