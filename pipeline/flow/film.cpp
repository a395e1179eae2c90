#include "pipeline/flow/film.h"

#include "pipeline/base/files.h"
#include "pipeline/base/ledger.h"
#include "pipeline/flow/crew.h"
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
constexpr int k_render = 1;

void need_consent(const Plan& plan, const FilmSettings& settings)
{
    if (settings.max_cost && !plan.cost) {
        throw Error(Errc::budget, "a price is unknown, so --max-cost cannot be kept; `longtake plan` names it, "
                                  "providers.<name>.prices takes it");
    }
    if (settings.max_cost && *plan.cost > *settings.max_cost) {
        throw Error(Errc::budget, fmt::format("the plan costs ${:.2f}, over --max-cost {:.2f}; nothing was sent",
                                              *plan.cost, *settings.max_cost));
    }
    if (plan.paid && !settings.consent) {
        throw Error(Errc::budget, "this storyboard would be paid for; look at `longtake plan`, then add --yes");
    }
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
        deliver.progress = [&](const stages::Order& order, std::int64_t done, std::int64_t total) {
            report(Event::Kind::progress, order, done, total);
        };
        deliver.delivered = [&](const stages::Order& order, const Deliverable& deliverable) {
            ledger_.record(key(order), "deliver", deliverable);
            ledger_.record(step_key("file", order.file.string()), "file", deliverable);
            ledger_.hash_of(deliverable.file); // so that the next run finds it without reading it
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
    std::string key(const stages::Order& order) const
    {
        return step_key("deliver",
                        {{"render", k_render}, {"film", content_}, {"title", title_}, {"order", shape_of(order)}});
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

Plan plan_film(const Storyboard& board, const PresetDirs& preset_dirs)
{
    const ModelCatalog catalog = load_models(preset_dirs);
    catalog.provider(board.provider);
    return stages::plan(board, catalog, scout(board));
}

FilmResult make_film(const Storyboard& board, const FilmSettings& settings)
{
    FilmResult film;
    const ModelCatalog catalog = load_models(settings.preset_dirs);
    film.plan = stages::plan(board, catalog, scout(board));
    const Plan& plan = film.plan;
    const std::vector<stages::Order> orders = orders_for(board, plan, settings);
    const std::unique_ptr<Provider> provider = make_provider(plan.provider, {.facts = catalog.provider(plan.provider), .keys = {}, .base_url = {}, .shape = {}});
    need_consent(plan, settings);

    FreshWorkdir fresh(settings.workdir);
    Ledger ledger(settings.workdir.ledger());
    const DirectoryLock lock(settings.workdir.root);
    Camera camera(*provider, ledger, {settings.workdir.takes(), settings.poll});
    Shooting shooting(plan, catalog.provider(plan.provider).image, text_box(orders, plan.size), ledger, camera,
                      settings);

    refuse_strangers(orders, ledger, settings);
    shooting.prepare();
    fresh.keep();
    film.failures = shooting.shoot();
    if (!film.failures.empty()) {
        return film;
    }
    const Timeline timeline = stages::assemble(plan, shooting.material());
    write_atomic(settings.workdir.root / "timeline.json", nlohmann::json(timeline).dump(1));
    write_atomic(settings.workdir.root / "timeline.otio", to_otio(timeline, board.title).dump(1));

    Delivery delivery(timeline, orders, board.title, ledger, settings);
    delivery.find_finished();
    film.nothing_to_do = delivery.complete();
    delivery.make_rest();
    film.deliverables = delivery.deliverables();
    return film;
}

} // namespace longtake
