#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace longtake {

/// Files that many machines have together, found by key: lower-case words of [a-z0-9._-] parted by "/". One that is
/// there is whole, and what its key names by its content is never changed. Safe to share between threads.
/// Everything throws Error(pending) where the store cannot be reached now, Error(storage) where it refuses.
class Store {
public:
    Store() = default;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    virtual ~Store() = default;

    /// What it is called by `--store`.
    virtual std::string name() const = 0;

    /// Puts a copy of a file there, in place of what had its key.
    virtual void put(const std::filesystem::path& file, const std::string& key) = 0;

    /// Brings a file from there; false where it is not there. `into` appears whole or not at all.
    virtual bool get(const std::string& key, const std::filesystem::path& into) = 0;

    virtual bool has(const std::string& key) = 0;

    /// Takes away what is there, if it is.
    virtual void remove(const std::string& key) = 0;
};

/// The key of a file that is named by its content: "sha256/ab/abcdef...".
std::string content_key(const std::string& sha256);

/// Whether a key can be used in every store.
bool is_store_key(const std::string& key);

/// Throws unless the store takes a file now and gives the same one back.
void check_store(Store& store);

/// A folder that all machines see, of this machine or the network's.
class FolderStore final : public Store {
public:
    /// Makes the folder. Throws Error(usage) for a name that is no folder's.
    explicit FolderStore(std::filesystem::path folder);

    std::string name() const override { return folder_.string(); }
    void put(const std::filesystem::path& file, const std::string& key) override;
    bool get(const std::string& key, const std::filesystem::path& into) override;
    bool has(const std::string& key) override;
    void remove(const std::string& key) override;

private:
    std::filesystem::path place(const std::string& key) const;

    const std::filesystem::path folder_;
};

} // namespace longtake
