#pragma once

#include "pipeline/flow/account.h"
#include "pipeline/flow/options.h"
#include "pipeline/model/plan.h"

#include <filesystem>

namespace longtake {

/// What an animatic came out as.
struct Animatic {
    std::int64_t frames = 0;
    Rate rate;
    Size size; ///< with the slate below the picture
};

/// Makes the film small, with a picture in the place of every shot that is to be generated: its joins, texts, music and
/// voices in their time, and below the picture a slate with the shot, the timecode and the prompt. Nothing is asked of
/// a service. `options.workdir` is a folder that nobody needs afterwards. The MP4 gets its name once it is whole.
/// Throws Error(input) for a picture, clip or sound that cannot be read, Error(interrupted) when stopped.
Animatic make_animatic(const Storyboard& board, const Plan& plan, const FilmOptions& options, const Account& account,
                       const Observer& observer, const std::filesystem::path& file);

} // namespace longtake
