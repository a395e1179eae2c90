#pragma once

#include "pipeline/base/store.h"
#include "pipeline/ledger/durability.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

namespace longtake {

class SqliteFile;

/// What the files of this machine contain, remembered so that an unchanged one is read once: by path, size and
/// modification time, which say nothing on another machine. So whichever database keeps a ledger, this is in the SQLite
/// file of the working directory. Safe to share between threads and processes.
/// Throws Error(input) naming a file that cannot be read, Error(storage) where what is remembered cannot.
class FileHashes {
public:
    /// Opens or creates the file, as open_ledger() does. Ephemeral: nothing is opened, as nothing need be remembered.
    /// `store`: where other machines put what they keep, and find what this one keeps; null: there are none.
    FileHashes(const std::filesystem::path& file, Durability durability, std::shared_ptr<Store> store = nullptr);
    ~FileHashes();

    /// SHA-256 of a file. Ephemeral: of path, size and modification time alone, which is enough for as long as the
    /// program runs and reads nothing.
    std::string of(const std::filesystem::path& file);

    /// Whether `file` is a plain file of this content (SHA-256); no link, wherever it leads. Ephemeral: only whether it
    /// is there. What is not here is brought from the store.
    bool holds(const std::filesystem::path& file, const std::string& sha256);

    /// Remembers the SHA-256 of a file as it is now, for who has read it already.
    void remember(const std::filesystem::path& file, const std::string& sha256);

    /// The same for a file that a ledger is about to name: from then on every machine finds it.
    void keep(const std::filesystem::path& file, const std::string& sha256);

    /// Throws unless the store can take a file now: money is spent only on footage that can be kept.
    void need_store();

private:
    bool is_here(const std::filesystem::path& file, const std::string& sha256);

    const Durability durability_;
    std::unique_ptr<SqliteFile> remembered_; ///< none where nobody asks again
    const std::shared_ptr<Store> store_;
    std::mutex checking_;
    std::chrono::steady_clock::time_point checked_{}; ///< when the store last took a file
};

} // namespace longtake
