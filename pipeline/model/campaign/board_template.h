#pragma once

#include "pipeline/model/campaign/assignment.h"
#include "pipeline/model/campaign/campaign.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// What films of one make are made from: a campaign, or a storyboard that is one film already and takes changes.
struct BoardTemplate {
    std::optional<Campaign> campaign;
    nlohmann::json storyboard;    ///< without a campaign; paths relative to `folder`
    std::filesystem::path folder; ///< of a storyboard's file
    std::filesystem::path file;   ///< of a storyboard; empty: it has none of its own
    std::string origin;           ///< names it in messages

    /// Delivery presets it asks for, by name.
    std::vector<std::string> deliver() const;
};

/// Of a campaign's name or a file of either kind. Throws Error(usage).
BoardTemplate open_template(const PresetDirs& dirs, const std::string& reference);

/// A value that is wrong, for whoever wrote it.
struct WrongValue {
    std::string key;
    std::string what;
};

/// The storyboard of some values, for the canvases it is shown on ("9:16"). Keys name variables of the campaign (of a
/// list's elements "steps.1.title", counting from 1), else places in the storyboard. Whatever is wrong with values is
/// added to `wrong`, all of it. Throws Error(usage) for what is wrong with the template or missing, as
/// Campaign::expanded().
nlohmann::json board_of(const BoardTemplate& source, const std::vector<Assignment>& given,
                        const std::vector<std::string>& canvases, Demo demo, std::vector<WrongValue>& wrong);

} // namespace longtake
