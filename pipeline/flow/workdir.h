#pragma once

#include <filesystem>

namespace longtake {

/// One run's folder: ledger.db, stills/, takes/, timeline.json, out/.
struct Workdir {
    std::filesystem::path root;

    std::filesystem::path ledger() const { return root / "ledger.db"; }
    std::filesystem::path stills() const { return root / "stills"; }
    std::filesystem::path takes() const { return root / "takes"; }
    std::filesystem::path out() const { return root / "out"; }
    std::filesystem::path scratch() const { return root / "scratch"; }

    /// `<storyboard without .json>.longtake` beside it.
    static Workdir beside(const std::filesystem::path& storyboard);
};

/// Creates a working directory, and takes it away again unless something worth keeping came to be in it: a run that
/// fails on its input leaves nothing behind.
class FreshWorkdir {
public:
    explicit FreshWorkdir(const Workdir& workdir);
    ~FreshWorkdir();
    FreshWorkdir(const FreshWorkdir&) = delete;
    FreshWorkdir& operator=(const FreshWorkdir&) = delete;

    void keep() noexcept { created_ = false; }

private:
    std::filesystem::path root_;
    bool created_ = false;
};

} // namespace longtake
