#include "pipeline/flow/workdir.h"

#include "pipeline/base/error.h"

namespace longtake {

Workdir Workdir::beside(const std::filesystem::path& storyboard)
{
    std::filesystem::path root = storyboard;
    root.replace_extension(".longtake");
    return {root};
}

FreshWorkdir::FreshWorkdir(const Workdir& workdir) : root_(workdir.root)
{
    std::error_code code;
    created_ = std::filesystem::create_directories(root_, code);
    if (code) {
        throw Error(Errc::usage, "working directory '" + root_.string() + "': " + code.message() +
                                     "; choose another with --workdir");
    }
    for (const auto& folder : {workdir.stills(), workdir.takes()}) {
        std::filesystem::create_directories(folder);
    }
}

FreshWorkdir::~FreshWorkdir()
{
    if (created_) {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
}

} // namespace longtake
