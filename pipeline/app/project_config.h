#pragma once

#include "pipeline/app/session.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace longtake::app {

/// Something a project's `longtake.json` says that only the user may decide: whoever made the project could send keys
/// to an address of their own, raise caps or play down prices.
struct Demand {
    std::string provider; ///< whom it is about; empty: any
    std::string pointer;  ///< where it stands in the file
    nlohmann::json value;
    std::string effect; ///< "would send your keys, pictures and prompts there"
};

/// A project's configuration, parted. It may set `jobs`, `concurrency`, `max_cost` and `daily_cap`, these three no
/// higher than the user's own (`concurrency`: or the catalog's), and repeat what the user has. All else are demands.
struct ProjectConfig {
    nlohmann::json allowed = nlohmann::json::object();
    std::vector<Demand> demands;
};
ProjectConfig part_project_config(const nlohmann::json& project, const nlohmann::json& user,
                                  const ModelCatalog& catalog, const Session& session);

/// Throws Error(usage) with every demand about `provider` and the two ways to agree; warns of those about others, which
/// are left out. Providers that cost nothing are not asked about.
void need_agreement(const std::vector<Demand>& demands, const std::filesystem::path& file,
                    const std::filesystem::path& users_file, const ProviderFacts& provider, const Session& session);

/// Preset files that a storyboard names come with it, and choose encoders and their options. Throws Error(usage).
void need_known_presets(const Storyboard& board);

} // namespace longtake::app
