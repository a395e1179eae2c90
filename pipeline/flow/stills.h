#pragma once

#include "pipeline/flow/events.h"
#include "pipeline/ledger/file_hashes.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/model/plan.h"
#include "pipeline/model/still.h"
#include "pipeline/providers/provider.h"
#include "stages/prepare/card.h"
#include "stages/prepare/prepare.h"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace longtake {

/// Every picture of a plan conformed, and every card drawn: made, or, for a look at what a run would find, only
/// recalled.
class Stills {
public:
    enum class Mode { make, recall };

    Stills(const Plan& plan, ImageRules rules, SafeBox safe_box, Ledger& ledger, FileHashes& hashes,
           std::filesystem::path folder, Mode mode, Listener listener = {})
        : plan_(plan), rules_(std::move(rules)), safe_box_(safe_box), ledger_(ledger), hashes_(hashes),
          folder_(std::move(folder)), mode_(mode), listener_(std::move(listener))
    {
    }

    /// A shot's pictures; nothing if one of them has to be made, and may not. Throws Error(input).
    /// Looked at once for each shot.
    std::optional<ShotStills> of(const ShotPlan& shot);

    Still card(const ShotPlan& shot);

    /// A still of the ledger, if its file in folder() is what the ledger says: a name in a ledger from elsewhere leads
    /// to that folder and nowhere else.
    std::optional<Still> at_home(Still still) const;

    const ImageRules& rules() const noexcept { return rules_; }
    const std::filesystem::path& folder() const noexcept { return folder_; }

    /// Whether nothing had to be made so far.
    bool idle() const noexcept { return idle_; }

private:
    /// frame: one of the film's own; reference: what a take shall contain, in whatever aspect; mask: regions of a
    /// frame.
    enum class Use { frame, end_frame, reference, mask };

    stages::PictureRequest request_for(const ShotPlan& shot, const std::filesystem::path& picture, Use use,
                                       const std::optional<Size>& like) const;
    std::optional<Still> one(const ShotPlan& shot, const std::filesystem::path& picture, Use use,
                             const std::optional<Size>& like = std::nullopt);
    std::optional<ShotStills> find(const ShotPlan& shot);
    template <class Make>
    std::optional<Still> recall_or(const char* step, const nlohmann::json& in, Make&& make);
    void report(Event::Kind kind, const ShotPlan& shot, const std::string& text = {}) const;

    const Plan& plan_;
    const ImageRules rules_;
    const SafeBox safe_box_;
    Ledger& ledger_;
    FileHashes& hashes_;
    const std::filesystem::path folder_;
    const Mode mode_;
    const Listener listener_;
    bool idle_ = true;
    std::map<std::string, std::optional<ShotStills>> known_; ///< by shot
};

} // namespace longtake
