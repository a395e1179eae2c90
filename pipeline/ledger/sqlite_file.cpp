#include "pipeline/ledger/sqlite_file.h"

#include "pipeline/ledger/sql/tables.h"
#include "pipeline/ledger/sqlite_schema.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace longtake {
namespace {

constexpr int k_busy_ms = 20'000;

std::unique_ptr<SQLite::Database> open_database(const std::filesystem::path& file, int flags)
{
    return std::make_unique<SQLite::Database>(file.string(), flags, k_busy_ms);
}

/// Whether a file is what make_private() makes.
bool is_private(const std::filesystem::path& file)
{
    struct stat status {};
    return ::lstat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 077) == 0 &&
           ::access(file.c_str(), R_OK | W_OK) == 0;
}

/// SQLite makes its files with its own mode; beside a database they get the database's.
void make_private(const std::filesystem::path& file)
{
    // By POSIX, a process that closes a file loses the locks of all its connections to it.
    if (is_private(file)) {
        return;
    }
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct stat status {};
    const bool plain = descriptor >= 0 && ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
    const int reason = errno;
    if (plain && (status.st_mode & 077) != 0) {
        ::fchmod(descriptor, 0600);
    }
    if (descriptor >= 0) {
        ::close(descriptor);
    }
    if (!plain) {
        throw Error(Errc::storage,
                    fmt::format("ledger '{}': {}", file.string(),
                                descriptor >= 0 || reason == ELOOP
                                    ? "is a link or no plain file; remove it, or choose another --workdir"
                                    : std::strerror(reason)));
    }
}

} // namespace

/// A folder of our own for a copy of the file, gone with it.
class SqliteFile::Copy {
public:
    explicit Copy(const std::filesystem::path& file)
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "longtake-ledger-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) { // readable by its owner alone
            throw Error(Errc::storage, "make '" + pattern + "': " + std::strerror(errno));
        }
        folder_ = pattern;
        for (const char* suffix : {"", "-wal"}) {
            const std::filesystem::path from = file.string() + suffix;
            if (std::filesystem::exists(from)) {
                std::filesystem::copy_file(from, this->file().string() + suffix);
            }
        }
    }
    ~Copy()
    {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;

    std::filesystem::path file() const { return folder_ / "ledger.db"; }

private:
    std::filesystem::path folder_;
};

SqliteFile::SqliteFile(const std::filesystem::path& file, Durability durability) : file_(file)
{
    try {
        if (durability == Durability::read_only) {
            open_to_look();
        } else {
            open_to_write(durability);
        }
        bring_up_to_date();
        read_identity();
    } catch (const SQLite::Exception& error) {
        throw Error(Errc::storage, fmt::format("ledger '{}': {}", file_.string(), error.what()));
    }
}

SqliteFile::~SqliteFile() = default;

void SqliteFile::open_to_write(Durability durability)
{
    make_private(file_);
    database_ = open_database(file_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database_->exec(durability == Durability::ephemeral ? "PRAGMA synchronous=OFF" : "PRAGMA synchronous=FULL");
    database_->exec("PRAGMA journal_mode=WAL");
}

/// The file itself where that writes nothing, else a copy.
void SqliteFile::open_to_look()
{
    std::error_code code;
    if (std::filesystem::is_symlink(file_, code) || !std::filesystem::is_regular_file(file_, code)) {
        throw Error(Errc::usage, fmt::format("ledger '{}': is no plain file", file_.string()));
    }
    try {
        database_ = open_database(file_, SQLite::OPEN_READONLY);
        if (ledger_format(*database_) >= k_ledger_format) {
            return;
        }
    } catch (const SQLite::Exception&) { // WAL wants to write beside the file, and may not
    }
    copy_ = std::make_unique<Copy>(file_);
    database_ = open_database(copy_->file(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
}

void SqliteFile::bring_up_to_date()
{
    const int format = ledger_format(*database_);
    if (format > k_ledger_format) {
        throw Error(Errc::usage, fmt::format("ledger '{}': written by a newer longtake (format {}, this one reads "
                                             "{}); update longtake",
                                             file_.string(), format, k_ledger_format));
    }
    if (format < k_ledger_format) {
        migrate_ledger(*database_);
    }
}

void SqliteFile::read_identity()
{
    SQLite::Statement rows(*database_, "SELECT key, value FROM meta");
    while (rows.executeStep()) {
        (rows.getColumn("key").getString() == "id" ? id_ : salt_) = rows.getColumn("value").getString();
    }
}

} // namespace longtake
