#include "pipeline/flow/film.h"

#include "pipeline/base/crew.h"
#include "pipeline/base/files.h"
#include "pipeline/flow/decisions.h"
#include "pipeline/flow/delivery.h"
#include "pipeline/flow/foresight.h"
#include "pipeline/flow/left_behind.h"
#include "pipeline/flow/orders.h"
#include "pipeline/flow/scout.h"
#include "pipeline/flow/shooting.h"
#include "pipeline/ledger/file_hashes.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/providers/camera.h"
#include "pipeline/providers/catalog.h"
#include "stages/assemble/assemble.h"
#include "stages/plan/plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake {
namespace {

namespace fs = std::filesystem;

/// How many times as long as it may take to know of a submit a service may not know a job it accepted.
constexpr int k_missing_patience = 5;

void need_affordable(const Foresight& foresight, const FilmSettings& settings)
{
    if (!settings.max_cost || foresight.fresh() == 0) {
        return;
    }
    const auto cost = foresight.fresh_cost();
    if (!cost) {
        throw Error(Errc::budget, "a price is unknown, so --max-cost cannot be kept; `longtake plan` names it, "
                                  "providers.<name>.prices takes it");
    }
    if (foresight.spent + *cost > *settings.max_cost + 1e-9) {
        throw Error(
            Errc::budget,
            fmt::format("{} of {} takes would be new and cost ${:.2f}, and ${:.2f} are paid or reserved already: "
                        "${:.2f} for the film, over --max-cost {:.2f}; nothing was sent",
                        foresight.fresh(), foresight.takes.size(), *cost, foresight.spent, foresight.spent + *cost,
                        *settings.max_cost));
    }
}

/// What is asked is what will be paid: nothing where every take is there.
void need_consent(const Plan& plan, const Foresight& foresight, const FilmSettings& settings)
{
    if (plan.paid && foresight.fresh() > 0 && !(settings.consent && settings.consent(plan, foresight))) {
        throw Error(Errc::budget,
                    "this storyboard would be paid for; look at `longtake plan`, then add --yes. Nothing was "
                    "sent");
    }
}

Service service_of(const FilmSettings& settings, const std::string& provider)
{
    const auto found = settings.services.find(provider);
    return found == settings.services.end() ? Service{} : found->second;
}

Camera::Settings camera_settings(const FilmSettings& settings, const Service& service, const ProviderFacts& facts)
{
    Camera::Settings camera;
    camera.takes = settings.workdir.takes();
    camera.poll = settings.poll;
    if (facts.paid) {
        camera.concurrency = service.concurrency.value_or(settings.jobs > 0 ? settings.jobs : facts.concurrency);
    }
    camera.reconcile = service.reconcile;
    camera.missing = service.reconcile * k_missing_patience;
    camera.task_timeout = service.task_timeout;
    camera.account = facts.paid ? settings.rehearsal_account : "";
    camera.again = settings.again;
    camera.note = [&settings](const std::string& shot, const std::string& text) {
        if (settings.listener) {
            settings.listener({Event::Kind::note, "generate", shot, 0, 0, text});
        }
    };
    return camera;
}

/// A sandbox's bills are not the account's.
std::string account_of(const Provider& provider, const Service& service)
{
    return provider.rehearsal() ? provider.name() + " at " + service.base_url : provider.name();
}

Purse::Settings purse_settings(const Plan& plan, const FilmSettings& settings, const Service& service,
                               const Provider& provider, const Foresight& foresight)
{
    Purse::Settings purse;
    purse.paid = plan.paid;
    purse.consent = [&] { return settings.consent && settings.consent(plan, foresight); };
    purse.max_cost = settings.max_cost;
    purse.daily_cap = service.daily_cap;
    purse.account = account_of(provider, service);
    purse.spending = settings.spending;
    return purse;
}

std::unique_ptr<Provider> provider_for(const std::string& name, const FilmSettings& settings, bool offline)
{
    const Service service = service_of(settings, name);
    ProviderSettings of;
    of.facts = settings.catalog.provider(name);
    of.keys = service.keys;
    of.base_url = service.base_url;
    of.shape = service.shape;
    of.submit_timeout = service.submit_timeout;
    of.offline = offline;
    return make_provider(name, of);
}

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

/// What a run that begins has to see to before anything is sent.
void settle_the_past(const Plan& plan, const FilmSettings& settings, Ledger& ledger, Purse& purse)
{
    if (!plan.paid) {
        return;
    }
    if (!settings.rehearsal_account.empty()) {
        ledger.forget_account(settings.rehearsal_account); // whoever had it is gone
    }
    need_the_right_ledger(settings.workdir, ledger);
    purse.balance_books();
}

void need_same_accounts(Ledger& ledger, const Camera& camera)
{
    for (const TakeRecord& record : ledger.takes()) {
        if (camera.serves(record) && record.away()) {
            camera.need_same_account(record);
        }
    }
}

} // namespace

void set_services(ModelCatalog& catalog, const std::map<std::string, Service>& services)
{
    for (const auto& [name, service] : services) {
        const auto found = catalog.providers.find(name);
        if (found == catalog.providers.end()) {
            continue;
        }
        ProviderFacts& facts = found->second;
        if (!service.prices.is_null()) {
            set_prices(facts, service.prices, "providers." + name + ".prices");
        }
        set_shape(facts, service.shape);
        facts.concurrency = service.concurrency.value_or(facts.concurrency);
    }
}

Plan plan_film(const Storyboard& board, const ModelCatalog& catalog)
{
    catalog.provider(board.provider);
    return stages::plan(board, catalog, scout(board));
}

stages::Comparison compare_offers(const Storyboard& board, const ModelCatalog& catalog)
{
    return stages::compare(board, catalog, scout(board));
}

namespace {

/// Cards are set, not drawn: what is wrong with them is known before anything is made or paid for.
void note_cards(Plan& plan, const std::vector<stages::Order>& orders)
{
    const stages::TextBox box = text_box(orders, plan.size);
    for (const ShotPlan& shot : plan.shots) {
        if (shot.kind != ShotPlan::Kind::card) {
            continue;
        }
        const std::string name = fmt::format("shot '{}'", shot.shot.id);
        const auto set = in_context(name, [&] { return stages::set_card(*shot.shot.card, plan.size, box); });
        for (const std::string& note : set.notes) {
            plan.notes.push_back(name + ": " + note);
        }
    }
}

void say_notes(const Plan& plan, const Listener& listener)
{
    for (const std::string& note : plan.notes) {
        if (listener) {
            listener({Event::Kind::note, "plan", "", 0, 0, note});
        }
    }
}

} // namespace

Plan plan_film(const Storyboard& board, const FilmSettings& settings)
{
    Plan plan = plan_film(board, settings.catalog);
    note_cards(plan, orders_for(board, plan, settings));
    return plan;
}

namespace {

/// Looks at the joins, if anybody wants to know of them, and mends what is to be mended.
Timeline mended_film(Timeline timeline, const FilmSettings& settings, FilmResult& film)
{
    const stages::Mending& mending = settings.mending;
    const bool mend = mending.dedupe || mending.match_colour || mending.smooth;
    if (!settings.examine && !mend) {
        return timeline;
    }
    film.seams = in_context("seams", [&] { return stages::examine(timeline, settings.stop); });
    return mend ? stages::mended(std::move(timeline), film.seams, mending) : timeline;
}

} // namespace

Explained explain_film(const Storyboard& board, const FilmSettings& settings)
{
    Explained film;
    film.plan = plan_film(board, settings.catalog);
    stages::Material material;
    for (const ShotPlan& shot : film.plan.shots) {
        if (shot.kind != ShotPlan::Kind::clip) {
            throw Error(Errc::usage, fmt::format("shot '{}': only films of clips can be explained before they are made",
                                                 shot.shot.id));
        }
        material.clips[shot.shot.id] = existing_clip(shot, film.plan.rate, "");
    }
    FilmResult looked_at;
    const Timeline timeline = mended_film(stages::assemble(film.plan, material), settings, looked_at);
    film.seams = std::move(looked_at.seams);
    const std::vector<stages::Order> orders = orders_for(board, film.plan, settings);
    const bool copies = copying(settings) && orders.front().preset.copies;
    film.splice = stages::plan_splice(timeline, copies ? stages::index_clips(timeline) : stages::ClipIndexes());
    return film;
}

Foresight look_ahead(const Plan& plan, const FilmSettings& settings)
{
    if (!fs::exists(settings.workdir.ledger())) {
        return nothing_there(plan);
    }
    const std::unique_ptr<Ledger> ledger = open_ledger(settings.workdir.ledger(), Durability::read_only);
    FileHashes hashes(settings.workdir.ledger(), Durability::read_only);
    const ProviderFacts& facts = settings.catalog.provider(plan.provider);
    const std::unique_ptr<Provider> provider = provider_for(plan.provider, settings, true);
    Purse purse({}, *ledger);
    const Camera camera(*provider, *ledger, hashes, purse,
                        camera_settings(settings, service_of(settings, plan.provider), facts));
    Stills stills(plan, facts.image, {}, *ledger, hashes, settings.workdir.stills(), Stills::Mode::recall);
    return foresee(plan, stills, *ledger, camera);
}

namespace {

Durability durability_of(const FilmSettings& settings)
{
    return settings.passing ? Durability::ephemeral : Durability::lasting;
}

/// One run of a film, from the lock on its working directory to the last file.
class Run {
public:
    Run(const Storyboard& board, const FilmSettings& settings, Plan plan, std::vector<stages::Order> orders)
        : board_(board), settings_(shooting_settings(settings, plan)), plan_(std::move(plan)),
          orders_(std::move(orders)), provider_(provider_for(plan_.provider, settings_, false)),
          facts_(settings_.catalog.provider(plan_.provider)), service_(service_of(settings_, plan_.provider)),
          workdir_(settings_.workdir), ledger_(open_ledger(settings_.workdir.ledger(), durability_of(settings_))),
          hashes_(settings_.workdir.ledger(), durability_of(settings_)), foresight_(nothing_there(plan_)),
          purse_(purse_settings(plan_, settings_, service_, *provider_, foresight_), *ledger_),
          camera_(*provider_, *ledger_, hashes_, purse_, camera_settings(settings_, service_, facts_)),
          stills_(plan_, facts_.image, text_box(orders_, plan_.size), *ledger_, hashes_, settings_.workdir.stills(),
                  Stills::Mode::make, settings_.listener),
          shooting_(plan_, stills_, *ledger_, hashes_, camera_, settings_)
    {
    }

    FilmResult film()
    {
        settle_the_past(plan_, settings_, *ledger_, purse_);
        refuse_strangers(orders_, *ledger_, hashes_, settings_);
        if (workdir_.first_run()) { // everything is to be paid for: no need to prepare anything before asking
            agree();
        }
        shooting_.prepare();
        look_ahead();
        agree();
        workdir_.keep();
        FilmResult film;
        film.plan = plan_;
        film.failures = shoot();
        if (film.failures.empty()) {
            deliver(film);
        }
        return film;
    }

private:
    /// They wait for the service, not for a core.
    static FilmSettings shooting_settings(FilmSettings settings, const Plan& plan)
    {
        const ProviderFacts& facts = settings.catalog.provider(plan.provider);
        if (facts.paid && settings.jobs == 0) {
            settings.shots_at_once = facts.concurrency;
        }
        return settings;
    }

    void agree()
    {
        need_affordable(foresight_, settings_);
        need_consent(plan_, foresight_, settings_);
    }

    void look_ahead()
    {
        const bool decided = !(settings_.resubmit.empty() && settings_.adopt.empty() && settings_.accept.empty());
        if (!decided && (!plan_.paid || workdir_.first_run())) {
            return;
        }
        foresight_ = foresee(plan_, stills_, *ledger_, camera_);
        decisions_ = decisions_of(settings_, foresight_, *ledger_, camera_);
        camera_.decide(decisions_);
        need_same_accounts(*ledger_, camera_);
        if (decided) {
            foresight_ = foresee(plan_, stills_, *ledger_, camera_, decisions_);
        }
    }

    /// The shots, and beside them what earlier storyboards left with the services.
    std::vector<Failure> shoot()
    {
        if (!plan_.paid) {
            return shooting_.shoot();
        }
        const LeftBehind left(*ledger_, camera_, foresight_, settings_);
        left.name();
        Purse nothing({}, *ledger_);
        std::vector<std::unique_ptr<Provider>> others;
        const auto other = [&](const std::string& name) {
            others.push_back(provider_for(name, settings_, false));
            return std::make_unique<Camera>(
                *others.back(), *ledger_, hashes_, nothing,
                camera_settings(settings_, service_of(settings_, name), settings_.catalog.provider(name)));
        };
        std::vector<Failure> failures;
        std::exception_ptr thrown;
        with_crew(2, 2, [&](std::size_t i) {
            try {
                if (i == 0) {
                    failures = shooting_.shoot();
                } else {
                    left.fetch(decisions_, other);
                }
            } catch (...) {
                thrown = std::current_exception(); // fetch() throws nothing
            }
        });
        if (thrown) {
            std::rethrow_exception(thrown);
        }
        return failures;
    }

    void deliver(FilmResult& film)
    {
        const Timeline timeline = mended_film(stages::assemble(plan_, shooting_.material()), settings_, film);
        write_atomic(settings_.workdir.root / "timeline.json", nlohmann::json(timeline).dump(1));
        write_atomic(settings_.workdir.root / "timeline.otio", to_otio(timeline, board_.title).dump(1));
        Delivery delivery(timeline, orders_, board_.title, *ledger_, hashes_, settings_);
        delivery.find_finished();
        film.nothing_to_do = shooting_.idle() && delivery.complete();
        delivery.make_rest();
        film.deliverables = delivery.deliverables();
    }

    const Storyboard& board_;
    const FilmSettings settings_;
    const Plan plan_;
    const std::vector<stages::Order> orders_;
    const std::unique_ptr<Provider> provider_;
    const ProviderFacts& facts_;
    const Service service_;
    HeldWorkdir workdir_; // the lock comes before the ledger is opened
    const std::unique_ptr<Ledger> ledger_;
    FileHashes hashes_;
    Foresight foresight_;
    Decisions decisions_;
    Purse purse_;
    Camera camera_;
    Stills stills_;
    Shooting shooting_;
};

} // namespace

FilmResult make_film(const Storyboard& board, const FilmSettings& settings)
{
    Plan plan = plan_film(board, settings.catalog);
    std::vector<stages::Order> orders = orders_for(board, plan, settings);
    refuse_own_sources(orders, plan);
    note_cards(plan, orders);
    say_notes(plan, settings.listener);
    return Run(board, settings, std::move(plan), std::move(orders)).film();
}

} // namespace longtake
