#include "pipeline/flow/record/film_measures.h"

#include "pipeline/av/facts.h"
#include "pipeline/av/sound/loudness_curve.h"
#include "pipeline/base/error.h"
#include "stages/assemble/seams.h"

#include <algorithm>

namespace longtake {
namespace {

using nlohmann::json;

/// The record of the run before, if there is one that can be read.
std::optional<RunRecord> earlier_record(const Workdir& workdir)
{
    try {
        return std::filesystem::exists(workdir.record()) ? std::optional(read_run_record(workdir.record()))
                                                         : std::nullopt;
    } catch (const Error&) {
        return std::nullopt;
    }
}

json seams_of(const RunRecord& record, const std::optional<RunRecord>& earlier, const Observer& observer)
{
    if (earlier && earlier->timeline && !earlier->seams.empty() && json(*earlier->timeline) == json(*record.timeline)) {
        return earlier->seams;
    }
    return stages::measure_seams(*record.timeline, observer.stop);
}

/// Of the first file that sounds.
json sound_of(const RunRecord& record, const std::optional<RunRecord>& earlier, const Observer& observer)
{
    constexpr double k_step = 0.5; ///< seconds
    const auto sounds = std::ranges::find_if(
        record.deliverables, [](const Deliverable& made) { return !made.audio_codec.empty() && made.rungs.empty(); });
    if (sounds == record.deliverables.end()) {
        return nullptr;
    }
    const DeliveredFile& file = sounds->files.front();
    if (earlier && earlier->sound.is_object() && earlier->sound.value("sha256", "") == file.sha256) {
        return earlier->sound;
    }
    const av::LoudnessCurve curve = av::loudness_curve(file.file, k_step, observer.stop);
    return {{"file", file.file.string()}, {"sha256", file.sha256},          {"preset", sounds->preset},
            {"step", curve.step},         {"short_term", curve.short_term}, {"peaks", curve.peaks}};
}

/// What a file was made to be, and what its platform says to it.
json check_of(const Deliverable& made, const Preset& preset)
{
    json check = {{"preset", made.preset},   {"file", made.file().string()}, {"description", preset.description},
                  {"source", preset.source}, {"checked", preset.checked},    {"rules", json::array()}};
    if (!made.audio_codec.empty()) {
        check["target"] = {{"loudness", preset.audio.loudness},
                           {"tolerance", preset.audio.tolerance},
                           {"true_peak", preset.audio.true_peak}};
    }
    if (preset.accepts && made.rungs.empty()) {
        check["rules"] = judge(*preset.accepts, av::facts_of(made.file()));
        check["source"] = preset.accepts->source;
        check["checked"] = preset.accepts->checked;
    }
    return check;
}

json checks_of(const RunRecord& record, const std::vector<stages::OutputSpec>& outputs)
{
    json checks = json::array();
    for (const Deliverable& made : record.deliverables) {
        const auto asked = std::ranges::find(outputs, made.file(), &stages::OutputSpec::file);
        if (asked != outputs.end()) {
            checks.push_back(check_of(made, asked->preset));
        }
    }
    return checks;
}

} // namespace

void add_framings(RunRecord& record, const Timeline& timeline)
{
    for (const Item& item : timeline.items) {
        for (const Range& range : item.ranges) {
            if (range.framed) {
                record.framings.push_back({{"shot", item.shot},
                                           {"canvas", timeline.size},
                                           {"file", range.file.string()},
                                           {"first", range.first},
                                           {"frames", range.frames},
                                           {"window", *range.framed}});
            }
        }
    }
}

void measure_film(RunRecord& record, const std::vector<stages::OutputSpec>& outputs, const Workdir& workdir,
                  const Observer& observer)
{
    const std::optional<RunRecord> earlier = earlier_record(workdir);
    const auto add = [&](json& to, const char* what, const auto& measure) {
        try {
            to = measure();
        } catch (const Error& error) {
            if (error.code() == Errc::interrupted) {
                throw;
            }
            observer.tell({Event::Kind::warning, "report", what, 0, 0, error.what()});
        }
    };
    if (record.timeline && record.seams.empty()) {
        add(record.seams, "joins", [&] { return seams_of(record, earlier, observer); });
    }
    add(record.sound, "sound", [&] { return sound_of(record, earlier, observer); });
    add(record.checks, "rules", [&] { return checks_of(record, outputs); });
}

} // namespace longtake
