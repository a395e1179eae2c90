#pragma once

#include "pipeline/app/run_folder.h"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace longtake::app {

/// Draws the small pictures that the report of a run shows into a folder, as JPEGs, and says where each stands:
/// {"shots": [{"shot", "source", "frames": [{"at", "file"}]}], "joins": [[{"frame", "file"}]],
/// "framings": [{"shot", "canvas", "file", "picture", "window", "centres"}]}, files named from the folder's parent.
/// They are frames of the film where it is there, else of the footage; what cannot be read is left out. Takes about a
/// hundredth of a second a picture.
nlohmann::json draw_pictures(const MadeRun& run, const std::filesystem::path& folder);

} // namespace longtake::app
