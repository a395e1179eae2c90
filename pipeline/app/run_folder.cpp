#include "pipeline/app/run_folder.h"

#include "pipeline/base/error.h"
#include "pipeline/flow/workdir.h"

namespace longtake::app {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(const fs::path& where)
{
    if (where.filename() == "run.json") {
        return where.has_parent_path() ? where.parent_path() : fs::path(".");
    }
    return fs::exists(where / "run.json") ? where : Workdir::of(where).root;
}

} // namespace

MadeRun made_run(const fs::path& where)
{
    const Workdir workdir{folder_of(where)};
    if (!fs::exists(workdir.record())) {
        throw Error(Errc::usage, where.string() + ": no run has ended here yet (there is no run.json in '" +
                                     workdir.root.string() + "'); `longtake run` makes one");
    }
    return {workdir.root, read_run_record(workdir.record())};
}

} // namespace longtake::app
