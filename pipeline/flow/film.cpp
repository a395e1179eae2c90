#include "pipeline/flow/film.h"

#include "pipeline/base/crew.h"
#include "pipeline/base/files.h"
#include "pipeline/base/ledger.h"
#include "pipeline/base/text.h"
#include "pipeline/flow/orders.h"
#include "pipeline/flow/scout.h"
#include "pipeline/flow/shooting.h"
#include "pipeline/flow/step.h"
#include "pipeline/providers/camera.h"
#include "pipeline/providers/catalog.h"
#include "stages/assemble/assemble.h"
#include "stages/plan/plan.h"

#include <fmt/format.h>

#include <map>
#include <mutex>

namespace longtake {
namespace {

namespace fs = std::filesystem;

/// Raise it when composing changes, so that films of an older look are made again.
constexpr int k_render = 2;

/// Raise it when looking at clips' packets changes.
constexpr int k_index_version = 2;

void need_affordable(const Plan& plan, const FilmSettings& settings)
{
    if (settings.max_cost && !plan.cost) {
        throw Error(Errc::budget, "a price is unknown, so --max-cost cannot be kept; `longtake plan` names it, "
                                  "providers.<name>.prices takes it");
    }
    if (settings.max_cost && *plan.cost > *settings.max_cost + 1e-9) {
        throw Error(Errc::budget, fmt::format("the plan costs ${:.2f}, over --max-cost {:.2f}; nothing was sent",
                                              *plan.cost, *settings.max_cost));
    }
}

bool agreed(const Plan& plan, const FilmSettings& settings)
{
    return settings.consent && settings.consent(plan);
}

/// A first run has everything to pay for: no need to prepare anything before asking.
void need_consent(const Plan& plan, const FilmSettings& settings)
{
    if (plan.paid && !agreed(plan, settings)) {
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
    camera.task_timeout = service.task_timeout;
    camera.resubmit = settings.resubmit;
    camera.adopt = settings.adopt;
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
                               const Provider& provider)
{
    Purse::Settings purse;
    purse.paid = plan.paid;
    purse.consent = [&plan, &settings] { return agreed(plan, settings); };
    purse.max_cost = settings.max_cost;
    purse.planned = plan.cost;
    purse.daily_cap = service.daily_cap;
    purse.account = account_of(provider, service);
    purse.spending = settings.spending;
    return purse;
}

/// Lossless pictures are of another profile than any clip: the two do not go into one stream.
bool copying(const FilmSettings& settings)
{
    return settings.copy && settings.crf.value_or(1) > 0;
}

/// What a finished file depends on: the timeline's content, not where its files lie.
nlohmann::json content_of(const Timeline& timeline)
{
    nlohmann::json content = timeline;
    for (auto& segment : content["segments"]) {
        for (auto& range : segment["ranges"]) {
            range.erase("file");
        }
    }
    if (content.contains("music") && content["music"].is_object()) {
        content["music"].erase("file");
    }
    return content;
}

/// Whether a recorded file is still there as it was made.
bool intact(Ledger& ledger, const Deliverable& deliverable)
{
    return fs::exists(deliverable.file) && ledger.hash_of(deliverable.file) == deliverable.sha256;
}

[[noreturn]] void refuse(const stages::Order& order)
{
    throw Error(Errc::usage, order.file.string() + ": is there already; -y overwrites it");
}

/// The delivery of one film: which orders are fulfilled already, and making the rest.
class Delivery {
public:
    Delivery(const Timeline& timeline, std::vector<stages::Order> orders, const std::string& title, Ledger& ledger,
             const FilmSettings& settings)
        : timeline_(timeline), orders_(std::move(orders)), title_(title), ledger_(ledger), settings_(settings),
          content_(content_of(timeline))
    {
    }

    /// Files that are there already, unchanged; empty where one is to be made.
    void find_finished()
    {
        for (const stages::Order& order : orders_) {
            const auto known = ledger_.find(key(order));
            if (known && intact(ledger_, known->get<Deliverable>())) {
                finished_[order.file] = known->get<Deliverable>();
                report(Event::Kind::reused, order);
            }
        }
    }

    bool complete() const { return finished_.size() == orders_.size(); }

    void make_rest()
    {
        std::vector<stages::Order> rest;
        for (const stages::Order& order : orders_) {
            if (finished_.contains(order.file)) {
                continue;
            }
            if (fs::exists(order.file) && !settings_.overwrite) {
                refuse(order);
            }
            rest.push_back(order);
        }
        if (rest.empty()) {
            return;
        }
        stages::DeliverSettings deliver;
        deliver.scratch = settings_.workdir.scratch();
        deliver.title = title_;
        deliver.stop = settings_.stop;
        deliver.jobs = settings_.jobs;
        deliver.chapters = settings_.chapters;
        deliver.prove_all = settings_.prove_all;
        if (copies(rest)) {
            deliver.indexes = indexes();
        }
        deliver.progress = [&](const stages::Order& order, std::int64_t done, std::int64_t total) {
            report(Event::Kind::progress, order, done, total);
        };
        deliver.delivered = [&](const stages::Order& order, const Deliverable& deliverable) {
            ledger_.record(key(order), "deliver", deliverable);
            ledger_.record(step_key("file", order.file.string()), "file", deliverable);
            ledger_.remember(deliverable.file, deliverable.sha256); // so that the next run need not read it
            report(Event::Kind::finished, order);
            const std::lock_guard lock(mutex_);
            finished_[order.file] = deliverable;
        };
        for (const stages::Order& order : rest) {
            fs::create_directories(order.file.parent_path());
            report(Event::Kind::started, order);
        }
        in_context("deliver", [&] { stages::deliver(timeline_, rest, deliver); });
    }

    std::vector<Deliverable> deliverables() const
    {
        std::vector<Deliverable> all;
        for (const stages::Order& order : orders_) {
            all.push_back(finished_.at(order.file));
        }
        return all;
    }

private:
    bool copies(const std::vector<stages::Order>& orders) const
    {
        return copying(settings_) &&
               std::any_of(orders.begin(), orders.end(), [](const auto& order) { return order.preset.copies; });
    }

    /// What is known of the packets of the film's clips, looked at once for each content.
    stages::ClipIndexes indexes()
    {
        return stages::index_clips(timeline_, [this](const Range& range) {
            const nlohmann::json in = {{"version", k_index_version}, {"sha256", range.sha256}};
            return step<av::ClipIndex>(
                       ledger_, "index", in, [&] { return av::index_clip(range.file); },
                       [](const av::ClipIndex&) { return true; })
                .result;
        });
    }

    std::string key(const stages::Order& order) const
    {
        return step_key("deliver", {{"render", k_render},
                                    {"film", content_},
                                    {"title", title_},
                                    {"chapters", settings_.chapters},
                                    {"order", shape_of(order)}});
    }

    void report(Event::Kind kind, const stages::Order& order, std::int64_t done = 0, std::int64_t total = 0) const
    {
        if (settings_.listener) {
            settings_.listener({kind, "deliver", order.preset.name, done, total, order.file.string()});
        }
    }

    const Timeline& timeline_;
    std::vector<stages::Order> orders_;
    std::string title_;
    Ledger& ledger_;
    const FilmSettings& settings_;
    nlohmann::json content_;
    std::map<fs::path, Deliverable> finished_;
    std::mutex mutex_;
};

/// Not even when told to is a file overwritten that the film is made of: links and other spellings of its name are it,
/// too.
void refuse_own_sources(const std::vector<stages::Order>& orders, const Plan& plan)
{
    const auto same = [](const fs::path& a, const fs::path& b) {
        std::error_code missing;
        return fs::equivalent(a, b, missing);
    };
    for (const stages::Order& order : orders) {
        for (const ShotPlan& shot : plan.shots) {
            for (const auto& source : {shot.shot.clip, shot.shot.image, shot.shot.end_image}) {
                if (source && same(order.file, *source)) {
                    throw Error(Errc::usage,
                                fmt::format("output '{}' is one of the clips or pictures it is to be made of "
                                            "(shot '{}'); name another file",
                                            order.file.string(), shot.shot.id));
                }
            }
        }
        if (plan.audio.music && same(order.file, *plan.audio.music)) {
            throw Error(Errc::usage, "output '" + order.file.string() + "' is the music; name another file");
        }
    }
}

/// Nothing is overwritten without being told to. Files of this film's own earlier runs are let through here: only
/// when the film is known can be said whether they are still right.
void refuse_strangers(const std::vector<stages::Order>& orders, Ledger& ledger, const FilmSettings& settings)
{
    for (const stages::Order& order : orders) {
        if (settings.overwrite || !fs::exists(order.file)) {
            continue;
        }
        const auto own = ledger.find(step_key("file", order.file.string()));
        if (!own || !intact(ledger, own->get<Deliverable>())) {
            refuse(order);
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

namespace {

/// --resubmit and --adopt name shots, or takes of them ("cup+2").
void check_shot_names(const Plan& plan, const FilmSettings& settings)
{
    std::vector<std::string> shots;
    for (const ShotPlan& shot : plan.shots) {
        shots.push_back(shot.shot.id);
    }
    const auto need = [&](const std::string& name, const char* flag) {
        const std::string shot = name.substr(0, name.rfind('+'));
        if (std::find(shots.begin(), shots.end(), name) == shots.end() &&
            std::find(shots.begin(), shots.end(), shot) == shots.end()) {
            throw Error(Errc::usage, std::string(flag) + ": " + unknown_name("shot", name, shots));
        }
    };
    for (const std::string& name : settings.resubmit) {
        need(name, "--resubmit");
    }
    for (const auto& [name, task] : settings.adopt) {
        need(name, "--adopt");
    }
}

} // namespace

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

FilmResult make_film(const Storyboard& board, const FilmSettings& settings)
{
    FilmResult film;
    film.plan = plan_film(board, settings.catalog);
    const Plan& plan = film.plan;
    const ProviderFacts& facts = settings.catalog.provider(plan.provider);
    const Service service = service_of(settings, plan.provider);
    const std::vector<stages::Order> orders = orders_for(board, plan, settings);
    refuse_own_sources(orders, plan);
    check_shot_names(plan, settings);
    need_affordable(plan, settings);
    const std::unique_ptr<Provider> provider =
        make_provider(plan.provider, {facts, service.keys, service.base_url, service.shape, service.submit_timeout});
    if (!fs::exists(settings.workdir.ledger())) {
        need_consent(plan, settings);
    }

    FreshWorkdir fresh(settings.workdir);
    Ledger ledger(settings.workdir.ledger(), settings.passing ? Ledger::Life::passing : Ledger::Life::lasting);
    const DirectoryLock lock(settings.workdir.root);
    Purse purse(purse_settings(plan, settings, service, *provider));
    Camera camera(*provider, ledger, purse, camera_settings(settings, service, facts));
    FilmSettings shooting_settings = settings;
    if (facts.paid && settings.jobs == 0) {
        shooting_settings.jobs = facts.concurrency; // they wait for the service, not for a core
    }
    Shooting shooting(plan, facts.image, text_box(orders, plan.size), ledger, camera, shooting_settings);

    refuse_strangers(orders, ledger, settings);
    shooting.prepare();
    fresh.keep();
    film.failures = shooting.shoot();
    if (!film.failures.empty()) {
        return film;
    }
    const Timeline timeline = mended_film(stages::assemble(plan, shooting.material()), settings, film);
    write_atomic(settings.workdir.root / "timeline.json", nlohmann::json(timeline).dump(1));
    write_atomic(settings.workdir.root / "timeline.otio", to_otio(timeline, board.title).dump(1));

    Delivery delivery(timeline, orders, board.title, ledger, settings);
    delivery.find_finished();
    film.nothing_to_do = shooting.idle() && delivery.complete();
    delivery.make_rest();
    film.deliverables = delivery.deliverables();
    return film;
}

} // namespace longtake
