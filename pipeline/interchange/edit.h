#pragma once

#include "pipeline/model/rate.h"
#include "pipeline/model/shot_edit.h"
#include "pipeline/model/timeline.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace longtake::interchange {

/// A clip of an edit as an editing program wrote it down, in frames at the film's rate. Clips stand end to end.
struct EditClip {
    std::string name{};           ///< what the editor calls it
    std::string shot{};           ///< as longtake's own data says; empty: there is none
    std::string sha256{};         ///< likewise
    std::filesystem::path file{}; ///< empty: not told
    std::int64_t first = 0;       ///< of the file
    std::int64_t frames = 0;      ///< 0: all that the film has of it
    std::int64_t before = 0;      ///< frames of the transition into it that lie before the place where it begins
    std::int64_t after = 0;       ///< and after it
    std::int64_t under = 0;       ///< before it, in which the clip before goes on; not among that one's frames
    TransitionType type = TransitionType::cut;
    bool held = false; ///< its first frame stands still meanwhile
};

/// Reads OpenTimelineIO's JSON: its one video track of clips and transitions. Throws Error(input) for what a film
/// cannot be cut by: gaps, a second track of pictures, clips that are nested or shown at another speed.
std::vector<EditClip> read_otio(const nlohmann::json& otio, const Rate& rate);

/// Reads the picture of a CMX 3600 edit decision list. Wipes and keys become dissolves. Throws Error(input) as above.
std::vector<EditClip> read_edl(std::string_view edl, const Rate& rate);

/// Reads either, by the file's ending. Throws Error(input) naming the file; Error(usage) if it cannot be read.
std::vector<EditClip> read_edit(const std::filesystem::path& file, const Rate& rate);

/// Throws Error(input) for a clip that says it is a shot which is not among these.
void check_shots(const std::vector<EditClip>& clips, const std::vector<std::string>& shots);

/// Which shots of the film as it was assembled the clips are: found by the footage's hash, its file's name or the
/// shot's name. What goes on where it left off becomes one. Throws Error(input) for a clip that is none of them, that
/// shows frames its shot does not have, and for transitions that do not fit into the shots beside them.
std::vector<ShotEdit> edits_of(const std::vector<EditClip>& clips, const Timeline& film);

} // namespace longtake::interchange
