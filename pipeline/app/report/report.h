#pragma once

#include "pipeline/app/run_folder.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>

namespace longtake::app {

/// Writes the report of a run into `report/` of its working directory: one page that needs no network, and the pictures
/// it shows. Films are not copied; the page plays them from where they are. Gives the page's file. Throws
/// Error(storage).
std::filesystem::path write_report(const MadeRun& run);

/// The pictures that the report of this very run shows, as draw_pictures() gave them; empty: there is none, or it is of
/// another film.
std::optional<nlohmann::json> kept_pictures(const MadeRun& run);

} // namespace longtake::app
