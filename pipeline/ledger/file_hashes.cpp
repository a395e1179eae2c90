#include "pipeline/ledger/file_hashes.h"

#include "pipeline/base/hash.h"
#include "pipeline/ledger/sqlite_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>

namespace longtake {
namespace {

/// What tells one state of a file from another without reading it.
struct Stamp {
    std::string path;
    std::int64_t bytes = 0;
    std::int64_t mtime_ns = 0;
};

Stamp stamp_of(const std::filesystem::path& file)
{
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) {
        throw Error(Errc::input, file.string() + ": " + std::strerror(errno));
    }
    return {std::filesystem::absolute(file).lexically_normal().string(), static_cast<std::int64_t>(status.st_size),
            std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

} // namespace

FileHashes::FileHashes(const std::filesystem::path& file, Durability durability, std::shared_ptr<Store> store)
    : durability_(durability), store_(std::move(store))
{
    if (durability_ != Durability::ephemeral) {
        remembered_ = std::make_unique<SqliteFile>(file, durability_);
    }
}

FileHashes::~FileHashes() = default;

std::string FileHashes::of(const std::filesystem::path& file)
{
    const Stamp stamp = stamp_of(file);
    if (!remembered_) {
        return sha256_of(stamp.path + '\n' + std::to_string(stamp.bytes) + '\n' + std::to_string(stamp.mtime_ns));
    }
    const auto known = remembered_->guarded("read", [&](SQLite::Database& db) -> std::optional<std::string> {
        SQLite::Statement row(db, "SELECT sha256 FROM files WHERE path = ? AND bytes = ? AND mtime_ns = ?");
        row.bind(1, stamp.path);
        row.bind(2, stamp.bytes);
        row.bind(3, stamp.mtime_ns);
        return row.executeStep() ? std::optional(row.getColumn("sha256").getString()) : std::nullopt;
    });
    if (known) {
        return *known;
    }
    std::string hash = sha256_of_file(file);
    remember(file, hash);
    return hash;
}

bool FileHashes::is_here(const std::filesystem::path& file, const std::string& sha256)
{
    std::error_code code;
    const auto status = std::filesystem::symlink_status(file, code);
    return std::filesystem::is_regular_file(status) && (!remembered_ || of(file) == sha256);
}

bool FileHashes::holds(const std::filesystem::path& file, const std::string& sha256)
{
    return is_here(file, sha256) ||
           (store_ && store_->get(content_key(sha256), file) && is_here(file, sha256)); // by its bytes, not its name
}

void FileHashes::keep(const std::filesystem::path& file, const std::string& sha256)
{
    remember(file, sha256);
    if (store_ && !store_->has(content_key(sha256))) {
        store_->put(file, content_key(sha256));
    }
}

void FileHashes::need_store()
{
    constexpr std::chrono::seconds k_fresh{30};
    const std::lock_guard lock(checking_);
    const auto now = std::chrono::steady_clock::now();
    if (!store_ || (checked_ != decltype(checked_){} && now - checked_ < k_fresh)) {
        return;
    }
    check_store(*store_);
    checked_ = now;
}

void FileHashes::remember(const std::filesystem::path& file, const std::string& sha256)
{
    if (durability_ != Durability::lasting) {
        return;
    }
    const Stamp stamp = stamp_of(file);
    remembered_->guarded("written", [&](SQLite::Database& db) {
        SQLite::Statement insert(db,
                                 "INSERT OR REPLACE INTO files (path, bytes, mtime_ns, sha256) VALUES (?, ?, ?, ?)");
        insert.bind(1, stamp.path);
        insert.bind(2, stamp.bytes);
        insert.bind(3, stamp.mtime_ns);
        insert.bind(4, sha256);
        insert.exec();
    });
}

} // namespace longtake
