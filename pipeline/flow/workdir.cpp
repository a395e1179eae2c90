#include "pipeline/flow/workdir.h"

#include "pipeline/base/error.h"
#include "pipeline/flow/live/control_file.h"
#include "pipeline/flow/live/event_log.h"

namespace longtake {
namespace {

namespace fs = std::filesystem;

/// For its owner alone. False if it is there already.
bool make_private_folder(const fs::path& folder)
{
    const bool made = fs::create_directory(folder);
    fs::permissions(folder, fs::perms::owner_all);
    return made;
}

} // namespace

Workdir Workdir::beside(const fs::path& storyboard)
{
    fs::path root = storyboard;
    root.replace_extension(".longtake");
    return {root};
}

Workdir Workdir::of(const fs::path& path)
{
    Workdir workdir = fs::is_directory(path) ? Workdir{path} : beside(path);
    if (!fs::exists(workdir.ledger())) {
        throw Error(Errc::usage, path.string() + ": no run was made here (there is no ledger.db in '" +
                                     workdir.root.string() + "')");
    }
    return workdir;
}

HeldWorkdir::HeldWorkdir(const Workdir& workdir) : workdir_(workdir)
{
    lock();
    first_run_ = !fs::exists(workdir_.ledger());
    try {
        check_folders();
        made_stills_ = make_private_folder(workdir_.stills());
        make_private_folder(workdir_.takes());
    } catch (const fs::filesystem_error& error) {
        remove_what_was_made();
        throw Error(Errc::storage, "working directory '" + workdir_.root.string() + "': " + error.code().message() +
                                       "; choose another with --workdir");
    } catch (const Error&) {
        remove_what_was_made();
        throw;
    }
}

/// Makes the folder and locks it. A holder that removes its folder and lets go may do so between the two: then again.
void HeldWorkdir::lock()
{
    while (!lock_) {
        std::error_code code;
        made_root_ = fs::create_directories(workdir_.root, code) || made_root_;
        if (code || !fs::is_directory(workdir_.root)) {
            if (code == std::errc::no_such_file_or_directory) {
                continue; // a parent went while it was made
            }
            throw Error(Errc::usage, "working directory '" + workdir_.root.string() + "': " +
                                         (code ? code.message() : "is no folder") + "; choose another with --workdir");
        }
        lock_ = DirectoryLock::try_lock(workdir_.root);
    }
}

/// A working directory may come with a project of somebody else's: nothing in it leads out of it.
void HeldWorkdir::check_folders() const
{
    for (const fs::path& folder : {workdir_.stills(), workdir_.takes(), workdir_.takes() / "rejected",
                                   workdir_.segments(), workdir_.out(), workdir_.scratch()}) {
        const auto status = fs::symlink_status(folder);
        if (fs::exists(status) && !fs::is_directory(status)) {
            throw Error(Errc::usage, "'" + folder.string() +
                                         "' is a link or no folder, and a run writes there; remove it, "
                                         "or choose another --workdir");
        }
    }
}

void HeldWorkdir::remove_what_was_made() const
{
    std::error_code ignored;
    if (first_run_) {
        for (const char* suffix : {"", "-wal", "-shm"}) {
            fs::remove(workdir_.ledger().string() + suffix, ignored);
        }
        fs::remove(workdir_.takes(), ignored); // if it is empty
        fs::remove(workdir_.root / k_events_file, ignored);
        fs::remove(workdir_.root / k_control_file, ignored);
    }
    if (made_stills_) {
        fs::remove_all(workdir_.stills(), ignored);
    }
    if (made_root_) {
        lock_->remove();
        fs::remove(workdir_.root, ignored); // if it is empty
    }
}

HeldWorkdir::~HeldWorkdir()
{
    if (!kept_) {
        remove_what_was_made();
    }
}

} // namespace longtake
