#include "pipeline/flow/delivery.h"

#include "pipeline/flow/orders.h"
#include "pipeline/flow/step.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake {
namespace {

namespace fs = std::filesystem;

/// Raise it when composing changes, so that films of an older look are made again.
constexpr int k_render = 2;

/// Raise it when looking at clips' packets changes.
constexpr int k_index_version = 2;

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
bool intact(FileHashes& hashes, const Deliverable& deliverable, const fs::path& file)
{
    return fs::is_regular_file(file) && hashes.of(file) == deliverable.sha256;
}

/// By its content: a run that was killed before it could say where a file of its own lies has said what is in it.
std::string made_key(const std::string& sha256)
{
    return step_key("made", sha256);
}

/// Whether this film's runs wrote the file, as it is.
bool is_own(Ledger& ledger, FileHashes& hashes, const fs::path& file)
{
    if (!fs::is_regular_file(fs::symlink_status(file))) {
        return false;
    }
    if (ledger.find(made_key(hashes.of(file)))) {
        return true;
    }
    const auto recorded = ledger.find(step_key("file", file.string()));
    return recorded && intact(hashes, recorded->get<Deliverable>(), file);
}

void refuse_if_strange(const stages::Order& order, Ledger& ledger, FileHashes& hashes, const FilmSettings& settings)
{
    if (!settings.overwrite && fs::exists(fs::symlink_status(order.file)) && !is_own(ledger, hashes, order.file)) {
        throw Error(Errc::usage, order.file.string() + ": is there already, and is not this film's; -y overwrites it");
    }
}

} // namespace

bool copying(const FilmSettings& settings)
{
    return settings.copy && settings.crf.value_or(1) > 0;
}

void refuse_own_sources(const std::vector<stages::Order>& orders, const Plan& plan)
{
    const auto same = [](const fs::path& a, const fs::path& b) {
        std::error_code missing;
        return fs::equivalent(a, b, missing);
    };
    for (const stages::Order& order : orders) {
        for (const ShotPlan& shot : plan.shots) {
            for (const fs::path& source : files_of(shot.shot)) {
                if (same(order.file, source)) {
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

void refuse_strangers(const std::vector<stages::Order>& orders, Ledger& ledger, FileHashes& hashes,
                      const FilmSettings& settings)
{
    for (const stages::Order& order : orders) {
        refuse_if_strange(order, ledger, hashes, settings);
    }
}

Delivery::Delivery(const Timeline& timeline, std::vector<stages::Order> orders, const std::string& title,
                   Ledger& ledger, FileHashes& hashes, const FilmSettings& settings)
    : timeline_(timeline), orders_(std::move(orders)), title_(title), ledger_(ledger), hashes_(hashes),
      settings_(settings), content_(content_of(timeline))
{
}

void Delivery::find_finished()
{
    for (const stages::Order& order : orders_) {
        const auto known = ledger_.find(key(order));
        if (!known) {
            continue;
        }
        Deliverable deliverable = known->get<Deliverable>();
        if (intact(hashes_, deliverable, order.file)) {
            deliverable.file = order.file;
            finished_[order.file] = std::move(deliverable);
            report(Event::Kind::reused, order);
        }
    }
}

stages::DeliverSettings Delivery::deliver_settings()
{
    stages::DeliverSettings deliver;
    deliver.scratch = settings_.workdir.scratch();
    deliver.title = title_;
    deliver.stop = settings_.stop;
    deliver.jobs = settings_.jobs;
    deliver.chapters = settings_.chapters;
    deliver.prove_all = settings_.prove_all;
    deliver.progress = [this](const stages::Order& order, std::int64_t done, std::int64_t total) {
        report(Event::Kind::progress, order, done, total);
    };
    deliver.made = [this](const Deliverable& deliverable) {
        ledger_.record(made_key(deliverable.sha256), "made", deliverable);
    };
    deliver.delivered = [this](const stages::Order& order, const Deliverable& deliverable) {
        finish(order, deliverable);
    };
    return deliver;
}

void Delivery::finish(const stages::Order& order, const Deliverable& deliverable)
{
    ledger_.record(key(order), "deliver", deliverable);
    hashes_.remember(deliverable.file, deliverable.sha256); // so that the next run need not read it
    report(Event::Kind::finished, order);
    const std::lock_guard lock(mutex_);
    finished_[order.file] = deliverable;
}

void Delivery::make_rest()
{
    std::vector<stages::Order> rest;
    for (const stages::Order& order : orders_) {
        if (finished_.contains(order.file)) {
            continue;
        }
        refuse_if_strange(order, ledger_, hashes_, settings_);
        rest.push_back(order);
        // Another run may write a file of this name while this one is being made.
        rest.back().existing =
            settings_.overwrite || is_own(ledger_, hashes_, order.file) ? Existing::replace : Existing::keep;
    }
    if (rest.empty()) {
        return;
    }
    stages::DeliverSettings deliver = deliver_settings();
    if (copies(rest)) {
        deliver.indexes = indexes();
    }
    for (const stages::Order& order : rest) {
        fs::create_directories(order.file.parent_path());
        report(Event::Kind::started, order);
    }
    in_context("deliver", [&] { stages::deliver(timeline_, rest, deliver); });
}

std::vector<Deliverable> Delivery::deliverables() const
{
    std::vector<Deliverable> all;
    for (const stages::Order& order : orders_) {
        all.push_back(finished_.at(order.file));
    }
    return all;
}

bool Delivery::copies(const std::vector<stages::Order>& orders) const
{
    return copying(settings_) &&
           std::any_of(orders.begin(), orders.end(), [](const auto& order) { return order.preset.copies; });
}

/// What is known of the packets of the film's clips, looked at once for each content.
stages::ClipIndexes Delivery::indexes()
{
    return stages::index_clips(timeline_, [this](const Range& range) {
        const nlohmann::json in = {{"version", k_index_version}, {"sha256", range.sha256}};
        return step<av::ClipIndex>(
                   ledger_, "index", in, [&] { return av::index_clip(range.file); },
                   [](const av::ClipIndex&) { return true; })
            .result;
    });
}

std::string Delivery::key(const stages::Order& order) const
{
    return step_key("deliver", {{"render", k_render},
                                {"film", content_},
                                {"title", title_},
                                {"chapters", settings_.chapters},
                                {"order", shape_of(order)}});
}

void Delivery::report(Event::Kind kind, const stages::Order& order, std::int64_t done, std::int64_t total) const
{
    if (settings_.listener) {
        settings_.listener({kind, "deliver", order.preset.name, done, total, order.file.string()});
    }
}

} // namespace longtake
