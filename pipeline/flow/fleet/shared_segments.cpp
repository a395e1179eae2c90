#include "pipeline/flow/fleet/shared_segments.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/passing_path.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::chrono::milliseconds k_rows_look{500}; ///< between two looks at whether rows wait

} // namespace

SharedSegments::SharedSegments(Role role, std::shared_ptr<Database> database, RowQueue& queue,
                               std::shared_ptr<Store> store, const QueuedRow& row, const std::string& worker,
                               fs::path scratch)
    : role_(role), queue_(queue), store_(std::move(store)), scratch_(std::move(scratch)),
      parts_(std::move(database), row.batch, row.name, worker)
{
}

bool SharedSegments::wants_help()
{
    {
        const std::lock_guard lock(mutex_);
        const auto now = std::chrono::steady_clock::now();
        if (now - asked_ < k_rows_look) {
            return false;
        }
        asked_ = now;
    }
    return !queue_.has_work("");
}

void SharedSegments::offer(const std::vector<std::string>& keys)
{
    const std::lock_guard lock(mutex_); // nobody begins one meanwhile
    std::vector<std::string> free;
    for (const std::string& key : keys) {
        if (!begun_.contains(key)) {
            free.push_back(key);
        }
    }
    parts_.offer(free);
    offered_.insert(free.begin(), free.end());
}

bool SharedSegments::claim(const std::string& key)
{
    if (role_ == Role::finisher) {
        const std::lock_guard lock(mutex_);
        if (!offered_.contains(key)) {
            begun_.insert(key);
            return true;
        }
    }
    return parts_.claim(key);
}

void SharedSegments::made(const std::string& key, const stages::StoredSegment& segment)
{
    if (role_ == Role::finisher) { // it puts the film together from its own
        return;
    }
    const std::string sha256 = sha256_of_file(segment.file);
    store_->put(segment.file, content_key(sha256));
    const json record = {{"sha256", sha256},
                         {"extension", segment.file.extension().string()},
                         {"frames", segment.frames},
                         {"frame_hashes", segment.frame_hashes}};
    parts_.finish(key, record.dump());
    ++passed_;
}

std::optional<stages::StoredSegment> SharedSegments::fetch(const std::string& key, stages::SegmentStore& store)
{
    const auto record = parts_.made(key);
    if (!record) {
        return std::nullopt;
    }
    try {
        stages::StoredSegment segment = brought(key, *record, store);
        ++passed_;
        return segment;
    } catch (const Error&) { // it is made here then
        parts_.reopen(key);
        return std::nullopt;
    } catch (const json::exception&) {
        parts_.reopen(key);
        return std::nullopt;
    }
}

stages::StoredSegment SharedSegments::brought(const std::string& key, const std::string& record,
                                              stages::SegmentStore& store)
{
    if (auto here = store.find(key)) { // its maker may share this machine's store
        return std::move(*here);
    }
    const json made = json::parse(record);
    const std::string sha256 = made.at("sha256");
    make_folder(scratch_);
    const PassingPath file(scratch_ / ("segment-" + key));
    if (!store_->get(content_key(sha256), file.get()) || sha256_of_file(file.get()) != sha256) {
        throw Error(Errc::storage, "the store '" + store_->name() + "' does not have a segment as it was made");
    }
    PartFile part = store.begin(key, made.at("extension"));
    part.write(read_text(file.get()));
    return store.keep(std::move(part), key, made.at("frames"), made.at("frame_hashes"));
}

} // namespace longtake
