#pragma once

#include "pipeline/base/files.h"

#include <filesystem>
#include <memory>

namespace longtake {

/// One run's folder: ledger.db, stills/, takes/, segments/, timeline.json, run.json, out/. Films of a batch have each
/// their own, and the first four together, so that what several of them need is paid, made and encoded once.
struct Workdir {
    std::filesystem::path root;
    std::filesystem::path shared{}; ///< the folder of what many films have together; empty: nothing is shared

    bool shares() const { return !shared.empty(); }
    const std::filesystem::path& store() const { return shares() ? shared : root; }

    std::filesystem::path ledger() const { return store() / "ledger.db"; }
    std::filesystem::path stills() const { return store() / "stills"; }
    std::filesystem::path takes() const { return store() / "takes"; }
    std::filesystem::path segments() const { return store() / "segments"; }
    /// Of those who share it; empty: nobody does.
    std::filesystem::path locks() const { return shares() ? shared / "locks" : std::filesystem::path(); }
    std::filesystem::path out() const { return root / "out"; }
    std::filesystem::path scratch() const { return root / "scratch"; }
    std::filesystem::path record() const { return root / "run.json"; }

    /// `<storyboard without .json>.longtake` beside it.
    static Workdir beside(const std::filesystem::path& storyboard);

    /// The working directory of that name, or the one beside a storyboard of that name. Throws Error(usage) where no
    /// run was made.
    static Workdir of(const std::filesystem::path& path);
};

/// A working directory held by one run: made if it is not there, locked before anything in it is opened. A first run
/// that fails on its input leaves nothing behind: what it made is removed, by the holder alone and before it lets go,
/// unless something worth keeping came to be.
class HeldWorkdir {
public:
    /// Throws Error(pending) if another run holds it, Error(usage) if it cannot be made or is no plain folder of ours.
    explicit HeldWorkdir(const Workdir& workdir);
    ~HeldWorkdir();
    HeldWorkdir(const HeldWorkdir&) = delete;
    HeldWorkdir& operator=(const HeldWorkdir&) = delete;

    /// Whether no run was made here before.
    bool first_run() const noexcept { return first_run_; }

    void keep() noexcept { kept_ = true; }

private:
    void lock();
    void check_folders() const;
    void remove_what_was_made() const;

    const Workdir workdir_;
    bool made_root_ = false;
    bool made_stills_ = false;
    bool first_run_ = false;
    bool kept_ = false;
    std::unique_ptr<DirectoryLock> lock_;
};

} // namespace longtake
