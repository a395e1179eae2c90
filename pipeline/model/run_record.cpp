#include "pipeline/model/run_record.h"

#include "pipeline/base/error.h"
#include "pipeline/model/optional_number.h"
#include "pipeline/model/schema/schema.h"

namespace longtake {
namespace {

using nlohmann::json;

constexpr const char* k_run_schema = "longtake/run/1";

} // namespace

void to_json(json& out, const TakeSummary& take)
{
    out = {{"name", take.name},     {"provider", take.provider},        {"model", take.model},
           {"state", take.state},   {"seconds", take.seconds},          {"estimate", or_null(take.estimate)},
           {"job", take.job},       {"charged", or_null(take.charged)}, {"rehearsal", take.rehearsal},
           {"prompt", take.prompt}, {"footage", take.footage}};
}

void from_json(const json& in, TakeSummary& take)
{
    in.at("name").get_to(take.name);
    in.at("provider").get_to(take.provider);
    in.at("model").get_to(take.model);
    in.at("state").get_to(take.state);
    in.at("seconds").get_to(take.seconds);
    in.at("job").get_to(take.job);
    in.at("rehearsal").get_to(take.rehearsal);
    take.prompt = in.value("prompt", "");
    take.footage = in.value("footage", "");
    take.estimate = number_or_nothing(in, "estimate");
    take.charged = number_or_nothing(in, "charged");
}

void to_json(json& out, const StepTime& step)
{
    out = {{"stage", step.stage},
           {"what", step.what},
           {"began", step.began},
           {"seconds", step.seconds},
           {"reused", step.reused}};
}

void from_json(const json& in, StepTime& step)
{
    in.at("stage").get_to(step.stage);
    in.at("what").get_to(step.what);
    in.at("began").get_to(step.began);
    in.at("seconds").get_to(step.seconds);
    in.at("reused").get_to(step.reused);
}

void to_json(json& out, const ShotFailure& failure)
{
    out = {{"shot", failure.shot}, {"code", failure.code}, {"message", failure.message}};
}

void from_json(const json& in, ShotFailure& failure)
{
    in.at("shot").get_to(failure.shot);
    in.at("code").get_to(failure.code);
    in.at("message").get_to(failure.message);
}

void to_json(json& out, const RunRecord& record)
{
    out = {{"schema", k_run_schema},
           {"version", record.version},
           {"libraries", record.libraries},
           {"vector_instructions", record.vector_instructions},
           {"command", record.command},
           {"title", record.title},
           {"storyboard", record.storyboard},
           {"started", record.started},
           {"seconds", record.seconds},
           {"outcome", record.outcome},
           {"message", record.message},
           {"plan", record.plan},
           {"shots", record.shots},
           {"spent", record.spent},
           {"takes", record.takes},
           {"failures", record.failures},
           {"timeline", record.timeline ? json(*record.timeline) : json(nullptr)},
           {"seams", record.seams},
           {"deliverables", record.deliverables},
           {"framings", record.framings},
           {"sound", record.sound},
           {"checks", record.checks},
           {"steps", record.steps}};
}

void from_json(const json& in, RunRecord& record)
{
    if (!in.is_object() || in.value("schema", "") != k_run_schema) {
        throw Error(Errc::input,
                    std::string("this is no record of a run that this version reads (") + k_run_schema + ")");
    }
    record = {};
    in.at("version").get_to(record.version);
    record.libraries = in.value("libraries", record.libraries);
    record.vector_instructions = in.value("vector_instructions", "");
    in.at("command").get_to(record.command);
    in.at("title").get_to(record.title);
    in.at("storyboard").get_to(record.storyboard);
    in.at("started").get_to(record.started);
    in.at("seconds").get_to(record.seconds);
    in.at("outcome").get_to(record.outcome);
    in.at("message").get_to(record.message);
    record.plan = in.at("plan");
    in.at("spent").get_to(record.spent);
    in.at("takes").get_to(record.takes);
    in.at("failures").get_to(record.failures);
    if (!in.at("timeline").is_null()) {
        record.timeline = in.at("timeline").get<Timeline>();
    }
    record.seams = in.at("seams");
    in.at("deliverables").get_to(record.deliverables);
    in.at("steps").get_to(record.steps);
    record.shots = in.value("shots", json::array()); // what follows came later
    record.framings = in.value("framings", json::array());
    record.sound = in.value("sound", json());
    record.checks = in.value("checks", json::array());
}

RunRecord read_run_record(const std::filesystem::path& file)
{
    return in_context(file.string(), [&] {
        try {
            return read_json(file).get<RunRecord>();
        } catch (const json::exception& broken) {
            throw Error(Errc::input, std::string("it is damaged (") + broken.what() + "); run again to write it anew");
        }
    });
}

} // namespace longtake
