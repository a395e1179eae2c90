#pragma once

#include "pipeline/app/clip_list.h"
#include "pipeline/app/session.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake::app {

/// Shape of clips on the timeline, for the commands that take clips instead of a storyboard.
struct ClipOptions {
    std::optional<std::string> transition; ///< TYPE[:SECONDS]; a cut
    std::string timing = "auto";
    std::optional<std::string> size;
    std::optional<std::string> fps;
    std::optional<std::string> audio; ///< "keep", "none" or LUFS
    std::optional<std::filesystem::path> music;
    bool chapters = false; ///< one a clip
    bool doctor = false;   ///< report on joins
    bool dedupe = false;
    bool match_colour = false;
    bool smooth = false;
    bool no_copy = false;
    std::string check = "joins";
    bool lenient = false;
    std::string fields = "keep";
    bool explain = false;
};

void add_clip_options(CLI::App& command, ClipOptions& options);

/// Makes clips, one after the other, a film of their own; or explains how it would.
int make_from_clips(const std::vector<NamedClip>& clips, const std::string& title, const ClipOptions& clip_options,
                    const MakeOptions& make, Session& session);

/// A storyboard file whose shots are all clips, with what the options say over what it says.
Storyboard board_of_clips(const std::filesystem::path& file, const ClipOptions& options, bool presets);

/// The film of such a storyboard.
int make_from_board(const Storyboard& board, const ClipOptions& clip_options, const MakeOptions& make,
                    Session& session);

} // namespace longtake::app
