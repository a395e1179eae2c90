#pragma once

#include "pipeline/flow/film.h"
#include "pipeline/ledger/file_hashes.h"
#include "pipeline/ledger/ledger.h"
#include "stages/deliver/deliver.h"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace longtake {

/// Lossless pictures are of another profile than any clip: the two do not go into one stream.
bool copying(const FilmSettings& settings);

/// Not even when told to is a file overwritten that the film is made of: links and other spellings of its name are it,
/// too. Throws Error(usage).
void refuse_own_sources(const std::vector<stages::Order>& orders, const Plan& plan);

/// Nothing is overwritten without being told to, but what the ledger says this storyboard wrote itself, as it wrote it.
/// Looked at before anything is paid for. Throws Error(usage).
void refuse_strangers(const std::vector<stages::Order>& orders, Ledger& ledger, FileHashes& hashes,
                      const FilmSettings& settings);

/// The delivery of one film: which orders are fulfilled already, and making the rest.
class Delivery {
public:
    Delivery(const Timeline& timeline, std::vector<stages::Order> orders, const std::string& title, Ledger& ledger,
             FileHashes& hashes, const FilmSettings& settings);

    /// Files that are there already, unchanged.
    void find_finished();

    bool complete() const { return finished_.size() == orders_.size(); }

    /// Throws Error(usage) for a stranger's file that came to be in the meantime.
    void make_rest();

    std::vector<Deliverable> deliverables() const;

private:
    bool copies(const std::vector<stages::Order>& orders) const;
    stages::ClipIndexes indexes();
    stages::DeliverSettings deliver_settings();
    void finish(const stages::Order& order, const Deliverable& deliverable);
    std::string key(const stages::Order& order) const;
    void report(Event::Kind kind, const stages::Order& order, std::int64_t done = 0, std::int64_t total = 0) const;

    const Timeline& timeline_;
    std::vector<stages::Order> orders_;
    std::string title_;
    Ledger& ledger_;
    FileHashes& hashes_;
    const FilmSettings& settings_;
    nlohmann::json content_;
    std::map<std::filesystem::path, Deliverable> finished_;
    std::mutex mutex_;
};

} // namespace longtake
