#pragma once

#include "pipeline/model/campaign/expand.h"
#include "pipeline/model/campaign/value.h"
#include "pipeline/model/campaign/variable.h"
#include "pipeline/model/preset.h"

#include <filesystem>
#include <string>
#include <vector>

namespace longtake {

/// A campaign preset (`presets/campaign/NAME.json`, `longtake/campaign/1`): a storyboard with variables.
struct Campaign {
    std::string name; ///< as it was asked for
    std::string description;
    std::vector<Variable> variables; ///< those that have to be given first, each kind by name
    nlohmann::json storyboard;       ///< with ${...}; its own files' paths are absolute

    /// Throws Error(usage) with the nearest name.
    const Variable& variable(const std::string& name) const;

    std::vector<std::string> names() const;

    /// The storyboard of these values (see value_of()), with the defaults of the others. Throws Error(usage) naming
    /// every variable that has to be given and is not, and as expand().
    nlohmann::json expanded(Values values, const std::vector<std::string>& canvases) const;
};

/// What stands in for variables that nobody gives.
enum class Demo { no, examples };

/// The values that a campaign brings along: with Demo::examples those of its variables that have no default, too.
Values own_values(const Campaign& campaign, Demo demo, const std::vector<std::string>& canvases);

/// Reads one, `extends` resolved. `reference`: a name (`presets/campaign/NAME.json` in `dirs`, `NAME.json` in the
/// current folder's `presets/campaign`) or the path of a .json file. Throws Error(usage): an unknown name (with the
/// nearest), what breaks the schema, campaigns that extend each other.
Campaign load_campaign(const PresetDirs& dirs, const std::string& reference);

/// Of JSON that was read from `file` already.
Campaign campaign_of(const PresetDirs& dirs, const nlohmann::json& json, const std::filesystem::path& file);

/// Every campaign found, sorted by name.
std::vector<std::string> campaign_names(const PresetDirs& dirs);

} // namespace longtake
