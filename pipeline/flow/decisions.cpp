#include "pipeline/flow/decisions.h"

#include "pipeline/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake {
namespace {

/// One option that names takes, and finds the ones it acts on.
class NamedTakes {
public:
    NamedTakes(const char* option, const std::string& name, const Foresight& foresight, Ledger& ledger,
               const Generator& generator)
        : option_(option), name_(name), foresight_(foresight), ledger_(ledger), generator_(generator)
    {
    }

    /// Takes of the plan that were sent and have not come home.
    std::vector<TakeRecord> lost() const
    {
        std::vector<TakeRecord> lost;
        for (const ForeseenTake& take : foresight_.takes) {
            if (names(take.shot, take.index) && take.record && is_lost(take)) {
                lost.push_back(*take.record);
            }
        }
        return lost;
    }

    /// Those that earlier versions of a shot left behind.
    std::vector<TakeRecord> left_behind() const
    {
        std::vector<TakeRecord> left;
        for (const TakeRecord& record : ledger_.takes()) {
            if (names(record.shot, record.index) && generator_.serves(record) && record.away() &&
                !foresight_.has(record.fingerprint)) {
                left.push_back(record);
            }
        }
        return left;
    }

    [[noreturn]] void refuse(const std::string& why) const
    {
        throw Error(Errc::usage, fmt::format("{} {}: {}; nothing was sent", option_, name_, why));
    }

    /// Why there is nothing to act on.
    [[noreturn]] void refuse() const
    {
        std::vector<std::string> shots;
        bool named = false;
        bool home = false;
        for (const ForeseenTake& take : foresight_.takes) {
            shots.push_back(take.shot);
            named = named || names(take.shot, take.index);
            home = home || (names(take.shot, take.index) && take.home);
        }
        if (!named) {
            shots.erase(std::unique(shots.begin(), shots.end()), shots.end());
            refuse(unknown_name("shot", name_, shots));
        }
        refuse(home ? "its footage is here already"
                    : "nothing that was sent for it is missing; run without the option");
    }

private:
    bool names(const std::string& shot, int index) const
    {
        return name_ == shot || name_ == fmt::format("{}+{}", shot, index);
    }

    static bool is_lost(const ForeseenTake& take)
    {
        const TakeRecord& record = *take.record;
        return !take.home && (record.away() || record.owed() || record.state == TakeState::done);
    }

    const char* option_;
    const std::string& name_;
    const Foresight& foresight_;
    Ledger& ledger_;
    const Generator& generator_;
};

std::string adoptable(const NamedTakes& named)
{
    auto takes = named.lost();
    if (takes.empty()) {
        takes = named.left_behind();
    }
    if (takes.empty()) {
        named.refuse();
    }
    if (takes.size() > 1) {
        std::vector<std::string> names;
        for (const TakeRecord& take : takes) {
            names.push_back(take.name());
        }
        named.refuse("that could be any of " + join(names) + "; say which");
    }
    return takes.front().fingerprint;
}

} // namespace

Decisions decisions_of(const FilmOptions& options, const Foresight& foresight, Ledger& ledger,
                       const Generator& generator)
{
    Decisions decisions;
    for (const std::string& name : options.resubmit) {
        const NamedTakes named("--resubmit", name, foresight, ledger, generator);
        const auto lost = named.lost();
        if (lost.empty() && !named.left_behind().empty()) {
            named.refuse(
                "the take that has not come home is of an earlier version of this shot, which the storyboard no "
                "longer tells; a run without the option asks for the present one");
        }
        if (lost.empty()) {
            named.refuse();
        }
        for (const TakeRecord& take : lost) {
            decisions.resubmit.insert(take.fingerprint);
        }
    }
    for (const auto& [name, task] : options.adopt) {
        decisions.adopt[adoptable(NamedTakes("--adopt", name, foresight, ledger, generator))] = task;
    }
    for (const std::string& name : options.accept) {
        const NamedTakes named("--accept", name, foresight, ledger, generator);
        const auto lost = named.lost();
        const auto rejected = std::find_if(lost.begin(), lost.end(),
                                           [](const TakeRecord& take) { return take.footage.contains("rejected"); });
        if (rejected == lost.end()) {
            named.refuse("no footage of it was kept that failed its check");
        }
        decisions.accept.insert(rejected->fingerprint);
    }
    return decisions;
}

} // namespace longtake
