#include "pipeline/flow/guards.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake {
namespace {

namespace fs = std::filesystem;

/// A ledger that knows of no take beside a folder full of them is not the one they came with.
void need_the_right_ledger(const Workdir& workdir, Ledger& ledger)
{
    const auto is_film = [](const fs::directory_entry& entry) { return entry.path().extension() == ".mp4"; };
    if (fs::exists(workdir.takes()) && ledger.takes().empty() &&
        std::any_of(fs::directory_iterator(workdir.takes()), fs::directory_iterator(), is_film)) {
        throw Error(
            Errc::input,
            fmt::format("'{}' knows of no take, and '{}' holds some: it is not the ledger they were paid with. Put "
                        "that ledger.db back; or move the folder away and begin anew, which pays for everything "
                        "again. Nothing was sent",
                        workdir.ledger().string(), workdir.takes().string()));
    }
}

} // namespace

void need_affordable(const Foresight& foresight, const FilmOptions& options)
{
    if (!options.max_cost || foresight.fresh() == 0) {
        return;
    }
    const auto cost = foresight.fresh_cost();
    if (!cost) {
        throw Error(Errc::budget, "a price is unknown, so --max-cost cannot be kept; `longtake plan` names it, "
                                  "providers.<name>.prices takes it");
    }
    if (foresight.spent + *cost > *options.max_cost + 1e-9) {
        throw Error(
            Errc::budget,
            fmt::format("{} of {} takes would be new and cost ${:.2f}, and ${:.2f} are paid or reserved already: "
                        "${:.2f} for the film, over --max-cost {:.2f}; nothing was sent",
                        foresight.fresh(), foresight.takes.size(), *cost, foresight.spent, foresight.spent + *cost,
                        *options.max_cost));
    }
}

void need_consent(const Plan& plan, const Foresight& foresight, const FilmOptions& options)
{
    if (plan.paid && foresight.fresh() > 0 && !(options.consent && options.consent(plan, foresight))) {
        throw Error(Errc::budget,
                    "this storyboard would be paid for; look at `longtake plan`, then add --yes. Nothing was "
                    "sent");
    }
}

void settle_the_past(const Plan& plan, const FilmOptions& options, const Account& account, Ledger& ledger,
                     Budget& budget)
{
    if (!plan.paid || options.workdir.shares()) { // other films are at work with it: who shares it out has done so
        return;
    }
    if (!account.rehearsal_account.empty()) {
        ledger.forget_account(account.rehearsal_account); // whoever had it is gone
    }
    need_the_right_ledger(options.workdir, ledger);
    budget.balance_books();
}

void need_same_accounts(const std::vector<TakeRecord>& takes, const Generator& generator)
{
    for (const TakeRecord& record : takes) {
        if (generator.serves(record) && record.away()) {
            generator.need_same_account(record);
        }
    }
}

void refuse_own_sources(const std::vector<stages::OutputSpec>& outputs, const Plan& plan)
{
    const auto same = [](const fs::path& a, const fs::path& b) {
        std::error_code missing;
        return fs::equivalent(a, b, missing);
    };
    const auto refuse = [](const fs::path& output, const std::string& what) {
        throw Error(Errc::usage, fmt::format("output '{}' is {}; name another file", output.string(), what));
    };
    const auto check = [&](const fs::path& output) {
        for (const ShotPlan& shot : plan.shots) {
            for (const fs::path& source : files_of(shot.shot)) {
                if (same(output, source)) {
                    refuse(output,
                           fmt::format("one of the clips or pictures it is to be made of (shot '{}')", shot.shot.id));
                }
            }
        }
        if (plan.audio.music && same(output, *plan.audio.music)) {
            refuse(output, "the music");
        }
        if (plan.audio.voice && same(output, *plan.audio.voice)) {
            refuse(output, "the voice");
        }
        if (plan.captions && plan.captions->file && same(output, *plan.captions->file)) {
            refuse(output, "its captions");
        }
    };
    for (const stages::OutputSpec& output : outputs) {
        check(output.file);
        std::ranges::for_each(output.beside, check);
    }
}

} // namespace longtake
