#include "pipeline/model/delivery/accepts.h"

#include "pipeline/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace longtake {
namespace {

/// A bound, its name in JSON, and how its numbers are written for people.
struct BoundRule {
    const char* name;
    Bounds Accepts::*bounds;
    double (*found)(const FileFacts&);
    const char* unit;
    double scale; ///< of the unit
    const char *above, *below;
    bool of_sound = false;
};

constexpr double k_mega = 1e6, k_kilo = 1e3;

const std::array<BoundRule, 11>& bound_rules()
{
    static const std::array<BoundRule, 11> rules = {{
        {"seconds", &Accepts::seconds, [](const FileFacts& f) { return f.seconds; }, "s", 1, "too long", "too short"},
        {"bytes", &Accepts::bytes, [](const FileFacts& f) { return static_cast<double>(f.bytes); }, "MB", k_mega,
         "too large", "too small"},
        {"fps", &Accepts::fps, [](const FileFacts& f) { return f.fps; }, "fps", 1, "too fast", "too slow"},
        {"width", &Accepts::width, [](const FileFacts& f) { return double(f.size.width); }, "px", 1, "too wide",
         "too narrow"},
        {"height", &Accepts::height, [](const FileFacts& f) { return double(f.size.height); }, "px", 1, "too high",
         "too low"},
        {"short_side", &Accepts::short_side,
         [](const FileFacts& f) { return double(std::min(f.size.width, f.size.height)); }, "px", 1, "too many",
         "too few"},
        {"long_side", &Accepts::long_side,
         [](const FileFacts& f) { return double(std::max(f.size.width, f.size.height)); }, "px", 1, "too many",
         "too few"},
        {"aspect", &Accepts::aspect, [](const FileFacts& f) { return f.size.aspect(); }, ":1", 1, "too wide",
         "too narrow"},
        {"bitrate", &Accepts::bitrate,
         [](const FileFacts& f) { return 8.0 * static_cast<double>(f.bytes) / std::max(f.seconds, 0.001); }, "Mb/s",
         k_mega, "too much", "too little"},
        {"audio_channels", &Accepts::audio_channels, [](const FileFacts& f) { return double(f.audio_channels); },
         "channels", 1, "too many", "too few", true},
        {"audio_sample_rate", &Accepts::audio_sample_rate,
         [](const FileFacts& f) { return double(f.audio_sample_rate); }, "kHz", k_kilo, "too many", "too few", true},
    }};
    return rules;
}

/// A flag that is refused where the platform says no.
struct FlagRule {
    const char* name;
    bool Accepts::*allowed;
    bool FileFacts::*found;
    const char* here;
    const char* instead;
};

constexpr std::array<FlagRule, 4> k_flag_rules = {{
    {"edit_lists", &Accepts::edit_lists, &FileFacts::edit_lists, "an edit list", "no edit list"},
    {"index_last", &Accepts::index_last, &FileFacts::index_last, "the index behind the media",
     "the index before the media"},
    {"interlaced", &Accepts::interlaced, &FileFacts::interlaced, "interlaced", "progressive"},
    {"chroma_beyond_420", &Accepts::chroma_beyond_420, &FileFacts::chroma_beyond_420, "finer colour than 4:2:0",
     "4:2:0"},
}};

std::string amount(double value, const BoundRule& rule)
{
    return fmt::format("{:.6g} {}", value / rule.scale, rule.unit);
}

std::string allowed_text(const Bounds& bounds, const BoundRule& rule)
{
    if (bounds.least && bounds.most) {
        return fmt::format("{:.6g} to {}", *bounds.least / rule.scale, amount(*bounds.most, rule));
    }
    return bounds.most ? "at most " + amount(*bounds.most, rule) : "at least " + amount(*bounds.least, rule);
}

void judge_bound(const Accepts& accepts, const FileFacts& facts, const BoundRule& rule, std::vector<Verdict>& verdicts)
{
    constexpr double k_rounding = 1e-3; // of rates and lengths that are not whole numbers
    const Bounds& bounds = accepts.*rule.bounds;
    if ((!bounds.least && !bounds.most) || (rule.of_sound && facts.audio_codec.empty())) {
        return;
    }
    const double found = rule.found(facts);
    Verdict verdict{rule.name, amount(found, rule), allowed_text(bounds, rule), true, {}};
    if (bounds.most && found > *bounds.most + k_rounding) {
        verdict.over = amount(found - *bounds.most, rule) + " " + rule.above;
    } else if (bounds.least && found < *bounds.least - k_rounding) {
        verdict.over = amount(*bounds.least - found, rule) + " " + rule.below;
    }
    verdict.kept = verdict.over.empty();
    verdicts.push_back(std::move(verdict));
}

void judge_word(const char* rule, const std::vector<std::string>& allowed, const std::string& found,
                std::vector<Verdict>& verdicts)
{
    if (!allowed.empty() && !found.empty()) {
        verdicts.push_back({rule, found, join(allowed), std::ranges::find(allowed, found) != allowed.end(), {}});
    }
}

Bounds bounds_of(const nlohmann::json& json, const char* name)
{
    Bounds bounds;
    if (!json.contains(name)) {
        return bounds;
    }
    const nlohmann::json& pair = json.at(name);
    const auto number = [](const nlohmann::json& value) {
        return value.is_null() ? std::nullopt : std::optional(value.get<double>());
    };
    bounds.least = number(pair.at(0));
    bounds.most = number(pair.at(1));
    return bounds;
}

} // namespace

std::vector<Verdict> judge(const Accepts& accepts, const FileFacts& facts)
{
    std::vector<Verdict> verdicts;
    judge_word("container", accepts.containers, facts.container, verdicts);
    judge_word("video_codec", accepts.video_codecs, facts.video_codec, verdicts);
    judge_word("audio_codec", accepts.audio_codecs, facts.audio_codec, verdicts);
    for (const BoundRule& rule : bound_rules()) {
        judge_bound(accepts, facts, rule, verdicts);
    }
    for (const FlagRule& rule : k_flag_rules) {
        if (!(accepts.*rule.allowed)) {
            const bool found = facts.*rule.found;
            verdicts.push_back({rule.name, found ? rule.here : rule.instead, rule.instead, !found, {}});
        }
    }
    return verdicts;
}

void from_json(const nlohmann::json& json, Accepts& accepts)
{
    accepts.containers = json.value("containers", accepts.containers);
    accepts.video_codecs = json.value("video_codecs", accepts.video_codecs);
    accepts.audio_codecs = json.value("audio_codecs", accepts.audio_codecs);
    for (const BoundRule& rule : bound_rules()) {
        accepts.*rule.bounds = bounds_of(json, rule.name);
    }
    for (const FlagRule& rule : k_flag_rules) {
        accepts.*rule.allowed = json.value(rule.name, true);
    }
    json.at("source").get_to(accepts.source);
    json.at("checked").get_to(accepts.checked);
}

void to_json(nlohmann::json& json, const Verdict& verdict)
{
    json = {{"rule", verdict.rule},
            {"found", verdict.found},
            {"allowed", verdict.allowed},
            {"kept", verdict.kept},
            {"over", verdict.over}};
}

} // namespace longtake
