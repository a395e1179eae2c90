#include "pipeline/flow/delivery.h"

#include "pipeline/flow/outputs.h"
#include "pipeline/flow/step.h"
#include "pipeline/render/recipe.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake {
namespace {

namespace fs = std::filesystem;

/// Raise it when looking at clips' packets changes.
constexpr int k_index_version = 4;

/// What a finished file depends on: the timeline's content, not where its files lie.
nlohmann::json content_of(const Timeline& timeline)
{
    nlohmann::json content = timeline;
    for (auto& segment : content["segments"]) {
        for (auto& range : segment["ranges"]) {
            range.erase("file");
            if (range.contains("lut")) {
                range["lut"].erase("file");
            }
        }
    }
    if (content.contains("music") && content["music"].is_object()) {
        content["music"].erase("file");
    }
    for (std::size_t i = 0; i < timeline.voices.size(); ++i) {
        content["voices"][i].erase("file");
    }
    for (std::size_t i = 0; i < timeline.overlays.size(); ++i) {
        nlohmann::json shape = shape_of(timeline.overlays[i]);
        content["overlays"][i].swap(shape);
        content["overlays"][i].update({{"from", timeline.overlays[i].from},
                                       {"to", timeline.overlays[i].to},
                                       {"version", render::k_overlay_version}});
    }
    return content;
}

/// Whether every file that is recorded is still there as it was made.
bool intact(FileHashes& hashes, const Deliverable& deliverable)
{
    return std::all_of(deliverable.files.begin(), deliverable.files.end(), [&](const DeliveredFile& file) {
        return fs::is_regular_file(file.file) && hashes.of(file.file) == file.sha256;
    });
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
    return recorded && intact(hashes, recorded->get<Deliverable>());
}

std::vector<fs::path> files_of(const stages::OutputSpec& output)
{
    std::vector<fs::path> files = {output.file};
    files.insert(files.end(), output.beside.begin(), output.beside.end());
    return files;
}

void refuse_if_strange(const stages::OutputSpec& output, Ledger& ledger, FileHashes& hashes, const FilmOptions& options)
{
    for (const fs::path& file : files_of(output)) {
        if (!options.overwrite && fs::exists(fs::symlink_status(file)) && !is_own(ledger, hashes, file)) {
            throw Error(Errc::usage, file.string() + ": is there already, and is not this film's; -y overwrites it");
        }
    }
}

} // namespace

void refuse_strangers(const std::vector<stages::OutputSpec>& outputs, Ledger& ledger, FileHashes& hashes,
                      const FilmOptions& options)
{
    for (const stages::OutputSpec& output : outputs) {
        refuse_if_strange(output, ledger, hashes, options);
    }
}

Delivery::Delivery(const Timeline& timeline, std::vector<stages::OutputSpec> outputs, const std::string& title,
                   Ledger& ledger, FileHashes& hashes, const FilmOptions& options, const Observer& observer)
    : timeline_(timeline), outputs_(std::move(outputs)), title_(title), ledger_(ledger), hashes_(hashes),
      options_(options), observer_(observer), content_(content_of(timeline))
{
}

void Delivery::find_finished()
{
    for (const stages::OutputSpec& output : outputs_) {
        const auto known = ledger_.find(key(output));
        if (!known) {
            continue;
        }
        Deliverable deliverable = known->get<Deliverable>();
        deliverable.files.front().file = output.file;
        if (intact(hashes_, deliverable)) {
            finished_[output.file] = std::move(deliverable);
            report(Event::Kind::reused, output);
        }
    }
}

stages::DeliverSettings Delivery::deliver_settings()
{
    stages::DeliverSettings deliver;
    deliver.scratch = options_.workdir.scratch();
    deliver.title = title_;
    deliver.stop = observer_.stop;
    deliver.pause = observer_.pause;
    deliver.jobs = options_.jobs;
    deliver.memory = options_.memory;
    if (!options_.ephemeral) {
        deliver.segments = std::make_shared<stages::SegmentStore>(
            options_.workdir.segments(), stages::SegmentStore::Limits{options_.segments_bytes},
            [this](const std::string& damage) {
                observer_.tell({Event::Kind::warning, "deliver", "", 0, 0, damage});
            });
    }
    deliver.share = options_.commons.share;
    deliver.chapters = options_.chapters;
    deliver.verify_all = options_.verify_all;
    deliver.progress = [this](const stages::OutputSpec& output, std::int64_t done, std::int64_t total) {
        report(Event::Kind::progress, output, done, total);
    };
    deliver.made = [this](const Deliverable& deliverable) {
        for (const DeliveredFile& file : deliverable.files) {
            ledger_.record(made_key(file.sha256), "made", deliverable);
        }
    };
    deliver.delivered = [this](const stages::OutputSpec& output, const Deliverable& deliverable) {
        finish(output, deliverable);
    };
    return deliver;
}

void Delivery::finish(const stages::OutputSpec& output, const Deliverable& deliverable)
{
    ledger_.replace(key(output), "deliver", deliverable);
    for (const DeliveredFile& file : deliverable.files) {
        hashes_.remember(file.file, file.sha256); // so that the next run need not read it
    }
    report(Event::Kind::finished, output);
    const std::lock_guard lock(mutex_);
    finished_[output.file] = deliverable;
}

void Delivery::make_rest()
{
    std::vector<stages::OutputSpec> rest;
    for (const stages::OutputSpec& output : outputs_) {
        if (finished_.contains(output.file)) {
            continue;
        }
        refuse_if_strange(output, ledger_, hashes_, options_);
        rest.push_back(output);
        // Another run may write a file of this name while this one is being made.
        const auto ours = [&](const fs::path& file) { return is_own(ledger_, hashes_, file); };
        rest.back().existing =
            options_.overwrite || std::ranges::any_of(files_of(output), ours) ? Existing::replace : Existing::keep;
    }
    if (rest.empty()) {
        return;
    }
    observer_.wait_while_paused();
    stages::DeliverSettings deliver = deliver_settings();
    if (copies(rest)) {
        deliver.indexes = indexes();
    }
    for (const stages::OutputSpec& output : rest) {
        fs::create_directories(output.file.parent_path());
        report(Event::Kind::started, output);
    }
    in_context("deliver", [&] { stages::deliver(timeline_, rest, deliver); });
}

std::vector<Deliverable> Delivery::deliverables() const
{
    std::vector<Deliverable> all;
    for (const stages::OutputSpec& output : outputs_) {
        all.push_back(finished_.at(output.file));
    }
    return all;
}

bool Delivery::copies(const std::vector<stages::OutputSpec>& outputs) const
{
    return copying(options_) && std::any_of(outputs.begin(), outputs.end(),
                                            [](const auto& output) { return stages::copies_footage(output.preset); });
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

std::string Delivery::key(const stages::OutputSpec& output) const
{
    return step_key("deliver", {{"render", render::k_render_version},
                                {"film", content_},
                                {"title", title_},
                                {"chapters", options_.chapters},
                                {"output", shape_of(output)}});
}

void Delivery::report(Event::Kind kind, const stages::OutputSpec& output, std::int64_t done, std::int64_t total) const
{
    observer_.tell({kind, "deliver", output.preset.name, done, total, output.file.string()});
}

} // namespace longtake
