#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>

namespace longtake {

/// Makes the paths of a campaign's own files absolute: those of its variables' defaults and examples, and of its
/// storyboard's pictures, clips, sounds, captions and styles. A path that begins with "${" is a variable's.
void resolve_own_files(nlohmann::json& campaign, const std::filesystem::path& folder);

/// The same of a storyboard alone.
void resolve_storyboard_files(nlohmann::json& storyboard, const std::filesystem::path& folder);

} // namespace longtake
