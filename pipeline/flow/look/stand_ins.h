#pragma once

#include "pipeline/flow/canvases.h"
#include "pipeline/flow/options.h"
#include "pipeline/flow/stills.h"
#include "pipeline/model/timeline.h"

#include <cstddef>
#include <filesystem>
#include <set>
#include <vector>

namespace longtake::look {

/// A film on one canvas with pictures in the place of what would be generated.
struct StandIns {
    Timeline timeline;
    std::vector<PicturePart> seen; ///< by shot: the part of its own picture that is seen at its middle
};

/// What stands in for a film's shots. Of what is rendered here three frames stand, each for its part of the shot: that
/// of the middle of the way in, its own middle, and that of the middle of the way out.
class StandInMaker {
public:
    /// All of it must outlive the maker. `folder`: for the frames.
    StandInMaker(const Plan& plan, Stills& stills, FileHashes& hashes, Ledger& ledger, const Observer& observer,
                 std::filesystem::path folder);

    /// The film; frames are rendered for the shots of these indices alone.
    StandIns make(const std::set<std::size_t>& shots);

private:
    stages::ShotMedia media();
    std::vector<Range> ranges(std::size_t index, const ShotStills& stills) const;
    std::vector<Range> rendered(std::size_t index, const ShotStills& stills) const;
    Range shown(const av::Frame& rgb, const std::string& name, std::int64_t frames) const;
    Range unseen(const ShotPlan& shot) const;

    const Plan& plan_;
    Stills& stills_;
    FileHashes& hashes_;
    Ledger& ledger_;
    const Observer& observer_;
    const std::filesystem::path folder_;
};

} // namespace longtake::look
