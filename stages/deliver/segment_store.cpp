#include "stages/deliver/segment_store.h"

#include "pipeline/base/hash.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <map>
#include <sstream>
#include <string_view>
#include <utility>

namespace longtake::stages {
namespace {

using Path = std::filesystem::path;

constexpr std::int64_t k_most_bytes = 8'000'000'000;
constexpr std::int64_t k_share_of_disk = 10; ///< one in so many

Path lock_of(const Path& store)
{
    return store / ".lock";
}

/// Where each live store object has the list of what it needs.
Path runs_of(const Path& store)
{
    return store / "runs";
}

void need_key(const std::string& key)
{
    if (!is_segment_key(key)) {
        throw Error(Errc::internal, "the key of a segment is a SHA-256 in lower-case hex, not '" + key + "'");
    }
}

[[noreturn]] void refuse_store(const Path& folder)
{
    throw Error(Errc::usage, "'" + folder.string() +
                                 "' is not a folder, and encoded segments are kept in one; remove what has that name, "
                                 "or choose another folder");
}

/// Whether a store can be there. What bears its name and is none is refused.
bool is_store(const Path& store)
{
    std::error_code code;
    const auto status = std::filesystem::status(store, code);
    if (status.type() == std::filesystem::file_type::not_found) {
        return false;
    }
    if (status.type() == std::filesystem::file_type::none) {
        throw storage_error("open", store, code.value());
    }
    if (!std::filesystem::is_directory(status)) {
        refuse_store(store);
    }
    const auto runs = std::filesystem::symlink_status(runs_of(store), code);
    if (std::filesystem::exists(runs) && !std::filesystem::is_directory(runs)) {
        refuse_store(runs_of(store));
    }
    return true;
}

Path made_store(const Path& folder)
{
    Path store = std::filesystem::absolute(folder).lexically_normal();
    is_store(store);
    make_folder(runs_of(store));
    return store;
}

/// Beginning, a run clears away the lists of dead ones: a store that is never full is not tidied otherwise.
PartFile begin_run(const Path& store)
{
    {
        const FileLock alone(lock_of(store), FileLock::Kind::exclusive);
        sweep_parts(runs_of(store));
    }
    const FileLock lock(lock_of(store), FileLock::Kind::shared); // who removes dead runs does not see it unlocked
    return PartFile(runs_of(store) / "run");
}

/// Marks a segment as used now. Where the system does not let us, it only goes sooner.
void mark_used(const Path& record)
{
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now); // the kernel's own stamp is some milliseconds old
    const std::array<timespec, 2> both{now, now};
    ::utimensat(AT_FDCWD, record.c_str(), both.data(), AT_SYMLINK_NOFOLLOW);
}

/// What is in a folder; of one that cannot be read, what was read before `code`.
std::vector<Path> entries_of(const Path& folder, std::error_code& code)
{
    std::vector<Path> entries;
    for (std::filesystem::directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
        entries.push_back(at->path());
    }
    return entries;
}

std::vector<Path> entries_of(const Path& folder)
{
    std::error_code ignored;
    return entries_of(folder, ignored);
}

std::vector<Path> key_folders(const Path& store)
{
    std::vector<Path> folders = entries_of(store);
    std::erase_if(folders, [](const Path& folder) { return !is_segment_folder(folder); });
    return folders;
}

/// The files of one key: a segment or, without a record, what nobody finds.
struct Kept {
    std::string key;
    std::vector<Path> files; ///< the record first
    bool recorded = false;
    std::int64_t bytes = 0;
    std::int64_t used_ns = 0; ///< since 1970; 0 without a record
};

/// Counts a file in, be it a link to elsewhere; what else has such a name is let alone.
void add_file(Kept& kept, const Path& file, bool record)
{
    struct stat facts {};
    if (::lstat(file.c_str(), &facts) != 0 || !(S_ISREG(facts.st_mode) || S_ISLNK(facts.st_mode))) {
        return;
    }
    kept.files.insert(record ? kept.files.begin() : kept.files.end(), file);
    kept.bytes += facts.st_size;
    if (record) {
        kept.recorded = true;
        kept.used_ns = std::int64_t{facts.st_mtim.tv_sec} * 1'000'000'000 + facts.st_mtim.tv_nsec;
    }
}

/// All that is kept: what nobody finds first, then what was used longest ago.
std::vector<Kept> kept_in(const Path& store)
{
    std::map<std::string, Kept> by_key;
    for (const Path& folder : key_folders(store)) {
        for (const Path& file : entries_of(folder)) {
            const std::string key = file.stem().string();
            const bool record = is_record(file);
            if (is_segment_key(key) && segment_folder(store, key) == folder &&
                (record || is_media_extension(file.extension().string()))) {
                add_file(by_key[key], file, record);
            }
        }
    }
    std::vector<Kept> all;
    for (auto& [key, kept] : by_key) {
        kept.key = key;
        all.push_back(std::move(kept));
    }
    std::stable_sort(all.begin(), all.end(), [](const Kept& a, const Kept& b) {
        return std::pair(a.recorded, a.used_ns) < std::pair(b.recorded, b.used_ns);
    });
    return all;
}

StoreSize size_of(const std::vector<Kept>& all)
{
    StoreSize size;
    for (const Kept& kept : all) {
        size.segments += kept.recorded ? 1 : 0;
        size.bytes += kept.bytes;
    }
    return size;
}

/// The record goes first: what is left of a removal that was cut short is found by nobody and swept.
bool remove_kept(const Kept& kept)
{
    return std::all_of(kept.files.begin(), kept.files.end(),
                       [](const Path& file) { return ::unlink(file.c_str()) == 0 || errno == ENOENT; });
}

/// What live runs have found or kept; removes the lists of dead ones. Empty if that cannot be known.
std::optional<std::set<std::string>> needed_in(const Path& store)
{
    std::set<std::string> needed;
    sweep_parts(runs_of(store));
    std::error_code code;
    const std::vector<Path> runs = entries_of(runs_of(store), code);
    if (code && code != std::errc::no_such_file_or_directory) {
        return std::nullopt;
    }
    for (const Path& run : runs) {
        const auto list = text_if_readable(run);
        if (!list && is_own_file(run)) { // else it has just ended
            return std::nullopt;
        }
        std::istringstream lines(list.value_or(""));
        for (std::string line; std::getline(lines, line);) {
            needed.insert(line);
        }
    }
    return needed;
}

std::int64_t bound_of(const Path& store, const SegmentStore::Limits& limits, std::int64_t bytes)
{
    if (limits.max_bytes) {
        return *limits.max_bytes;
    }
    std::error_code code;
    const std::filesystem::space_info disk = std::filesystem::space(store, code);
    if (code) {
        return k_most_bytes;
    }
    return std::min(k_most_bytes, (static_cast<std::int64_t>(disk.available) + bytes) / k_share_of_disk);
}

/// Returns what was freed. The caller has the store's lock alone.
StoreSize remove_unneeded(const Path& store, const SegmentStore::Limits& limits)
{
    const auto needed = needed_in(store);
    if (!needed) {
        return {};
    }
    const std::vector<Kept> all = kept_in(store);
    std::int64_t bytes = size_of(all).bytes;
    const std::int64_t bound = bound_of(store, limits, bytes);
    std::vector<Kept> freed;
    for (const Kept& kept : all) {
        const bool stays = needed->contains(kept.key) || (kept.recorded && bytes <= bound);
        if (!stays && remove_kept(kept)) {
            freed.push_back(kept);
            bytes -= kept.bytes;
        }
    }
    for (const Path& folder : key_folders(store)) {
        sweep_parts(folder);
        ::rmdir(folder.c_str()); // nothing happens to one that is not empty
    }
    return size_of(freed);
}

/// Takes away what is there of a key, whatever it is. The caller has the store's lock alone.
void remove_key(const Path& store, const std::string& key)
{
    std::error_code ignored;
    std::filesystem::remove(record_path(store, key), ignored);
    for (const Path& file : entries_of(segment_folder(store, key))) {
        if (is_media_name(file.filename().string(), key)) {
            std::filesystem::remove(file, ignored);
        }
    }
}

/// Synced already, so that nobody waits for that under the lock.
SegmentRecord record_of_written(const PartFile& file, std::int64_t frames, std::vector<std::string> frame_hashes)
{
    struct stat facts {};
    if (::fsync(file.descriptor()) != 0 || ::fstat(file.descriptor(), &facts) != 0) {
        throw storage_error("sync", file.part(), errno);
    }
    return {{file.final_name(), frames, std::move(frame_hashes), facts.st_size}, sha256_of_file(file.part())};
}

/// Puts a written file and its record in their places, or neither. The caller has the store's lock alone.
void put(PartFile& file, const Path& store, const std::string& key, const SegmentRecord& record)
{
    try {
        file.commit_as(record.segment.file);
        write_atomic(record_path(store, key), text_of(record, key));
    } catch (...) {
        remove_key(store, key);
        throw;
    }
}

} // namespace

SegmentStore::SegmentStore(const Path& folder, Limits limits, std::function<void(const std::string&)> damaged)
    : folder_(made_store(folder)), limits_(limits), damaged_(std::move(damaged)), run_(begin_run(folder_))
{
}

/// Writes down that this object needs a key. The caller has the store's lock.
void SegmentStore::need(const std::string& key)
{
    const std::lock_guard guard(mutex_);
    if (!needed_.contains(key)) {
        run_.write("\n" + key + "\n"); // on a line of its own even after one that a full disk has cut
        needed_.insert(key);
    }
}

/// Whether there is something of that key; if so, nobody trims it away from here on.
bool SegmentStore::claim(const std::string& key)
{
    std::error_code code;
    const FileLock lock(lock_of(folder_), FileLock::Kind::shared);
    if (!is_own_folder(segment_folder(folder_, key)) ||
        !std::filesystem::exists(std::filesystem::symlink_status(record_path(folder_, key), code))) {
        return false;
    }
    need(key);
    return true;
}

void SegmentStore::tell_once(const std::string& key, const std::string& fault)
{
    {
        const std::lock_guard guard(mutex_);
        if (!told_.insert(key).second) {
            return;
        }
    }
    if (damaged_) {
        damaged_("a kept segment is damaged: " + fault + "; it is made again");
    }
}

/// While nobody changes anything: another process may have removed or made again what looked damaged.
std::optional<StoredSegment> SegmentStore::look_again(const std::string& key)
{
    SegmentLook look;
    {
        const FileLock lock(lock_of(folder_), FileLock::Kind::exclusive);
        look = look_at_segment(folder_, key);
        if (!look.fault.empty()) {
            remove_key(folder_, key);
        }
    }
    if (!look.fault.empty()) {
        tell_once(key, look.fault);
    }
    return look.segment;
}

std::optional<StoredSegment> SegmentStore::find(const std::string& key)
{
    need_key(key);
    if (!claim(key)) {
        return std::nullopt;
    }
    auto found = look_at_segment(folder_, key).segment; // not under the lock: reading takes its time
    if (!found) {
        found = look_again(key);
    }
    if (found) {
        mark_used(record_path(folder_, key));
    }
    return found;
}

PartFile SegmentStore::begin(const std::string& key, const std::string& extension)
{
    need_key(key);
    if (!is_media_extension(extension)) {
        throw Error(Errc::internal, "a segment's file cannot be called '" + extension + "'");
    }
    const Path folder = segment_folder(folder_, key);
    const FileLock lock(lock_of(folder_), FileLock::Kind::shared); // nobody removes the folder while it is empty
    make_folder(folder);
    if (!is_own_folder(folder)) {
        refuse_store(folder);
    }
    return PartFile(folder / (key + extension));
}

StoredSegment SegmentStore::keep(PartFile file, const std::string& key, std::int64_t frames,
                                 std::vector<std::string> frame_hashes)
{
    need_key(key);
    if (file.final_name().parent_path() != segment_folder(folder_, key) ||
        !is_media_name(file.final_name().filename().string(), key)) {
        throw Error(Errc::internal, "'" + file.final_name().string() + "' is not the file of the segment " + key);
    }
    const SegmentRecord record = record_of_written(file, frames, std::move(frame_hashes));
    const FileLock lock(lock_of(folder_), FileLock::Kind::exclusive);
    need(key);
    std::optional<StoredSegment> kept = look_at_segment(folder_, key).segment;
    if (!kept) {
        put(file, folder_, key, record);
        kept = record.segment;
    }
    mark_used(record_path(folder_, key));
    remove_unneeded(folder_, limits_);
    return *kept;
}

void SegmentStore::trim()
{
    const FileLock lock(lock_of(folder_), FileLock::Kind::exclusive);
    remove_unneeded(folder_, limits_);
}

std::int64_t SegmentStore::bytes() const
{
    return size_of(kept_in(folder_)).bytes;
}

StoreSize size_of_store(const Path& folder)
{
    return is_store(folder) ? size_of(kept_in(folder)) : StoreSize{};
}

StoreSize clear_store(const Path& folder)
{
    if (!is_store(folder)) {
        return {};
    }
    const FileLock lock(lock_of(folder), FileLock::Kind::exclusive);
    return remove_unneeded(folder, {0});
}

} // namespace longtake::stages
