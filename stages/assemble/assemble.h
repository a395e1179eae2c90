#pragma once

#include "pipeline/model/clip.h"
#include "pipeline/model/plan.h"
#include "pipeline/model/still.h"
#include "pipeline/model/timeline.h"

#include <map>
#include <string>

namespace longtake::stages {

/// What the shots of a plan became, by shot id.
struct ShotMedia {
    std::map<std::string, Clip> clips;                           ///< generated shots and existing clips
    std::map<std::string, Still> cards;                          ///< card shots
    std::string music_sha256;                                    ///< of the music file, if the plan has any
    std::map<std::filesystem::path, std::string> voice_sha256{}; ///< of the recordings of speech
};

/// Puts every shot and overlay in its place, in frames, trimmed to its planned length. Pure: no files, no clock.
/// Throws Error(provider) if a shot's footage is shorter than planned.
Timeline assemble(const Plan& plan, const ShotMedia& material);

} // namespace longtake::stages
