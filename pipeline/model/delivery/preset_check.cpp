#include "pipeline/model/delivery/preset_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake {
namespace {

/// The same day a year earlier, as text that sorts as dates do.
std::string year_before(const std::string& day)
{
    return fmt::format("{:04}{}", std::stoi(day.substr(0, 4)) - 1, day.substr(4));
}

void find_stale(const std::string& what, const std::string& checked, const std::string& today,
                std::vector<std::string>& problems)
{
    if (checked < year_before(today)) {
        problems.push_back(fmt::format("{} was checked on {}: more than a year ago", what, checked));
    }
}

/// A limit of ours beyond one of the platform's.
template <class Number>
void find_beyond(const char* name, const std::optional<Number>& ours, const std::optional<double>& accepted,
                 std::vector<std::string>& problems)
{
    if (accepted && (!ours || static_cast<double>(*ours) > *accepted)) {
        problems.push_back(fmt::format("limits: {} {}, though at most {} is accepted", name,
                                       ours ? fmt::format("is {}", *ours) : "is not said", *accepted));
    }
}

} // namespace

FileFacts facts_of(const Preset& preset)
{
    FileFacts facts;
    facts.container = preset.container;
    facts.video_codec = preset.video.codec;
    facts.audio_codec = preset.audio.codec;
    facts.size = preset.size.value_or(Size{});
    facts.fps = preset.fps.value_or(preset.max_fps.value_or(Rate{30, 1})).fps();
    facts.audio_channels = preset.audio.channels;
    facts.audio_sample_rate = preset.audio.sample_rate;
    facts.edit_lists = preset.edit_list;
    facts.chroma_beyond_420 = preset.video.pixel_format.find("420") == std::string::npos;
    return facts;
}

std::vector<std::string> problems_of(const Preset& preset, const std::string& today)
{
    std::vector<std::string> problems;
    find_stale("what it says", preset.checked, today, problems);
    if (!preset.accepts) {
        return problems;
    }
    find_stale("what is accepted", preset.accepts->checked, today, problems);
    Accepts rules = *preset.accepts;
    rules.seconds = rules.bytes = rules.bitrate = {};
    if (!preset.size) {
        rules.width = rules.height = rules.short_side = rules.long_side = rules.aspect = {};
    }
    for (const Verdict& verdict : judge(rules, facts_of(preset))) {
        if (!verdict.kept) {
            problems.push_back(
                fmt::format("makes {} {}, accepted is {}", verdict.rule, verdict.found, verdict.allowed));
        }
    }
    find_beyond("max_seconds", preset.limits.max_seconds, preset.accepts->seconds.most, problems);
    find_beyond("max_bytes", preset.limits.max_bytes, preset.accepts->bytes.most, problems);
    return problems;
}

} // namespace longtake
