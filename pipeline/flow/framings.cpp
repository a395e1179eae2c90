#include "pipeline/flow/framings.h"

#include "pipeline/av/clip/clip_facts.h"
#include "pipeline/av/clip/conformed_reader.h"
#include "pipeline/flow/step.h"
#include "pipeline/image/frame_clip.h"
#include "stages/plan/format.h"

#include <fmt/format.h>

#include <cmath>

namespace longtake {
namespace {

/// Raise it when looking for what matters changes.
constexpr int k_framing_version = 1;

/// Within this a picture fills a frame of another shape without anybody missing something.
constexpr double k_same_aspect = 0.01;

/// What was found of a range; no window: it is shown whole.
struct FoundFraming {
    std::optional<FramedWindow> window;
    std::string note;
};

void to_json(nlohmann::json& json, const FoundFraming& found)
{
    json = {{"window", found.window ? nlohmann::json(*found.window) : nlohmann::json()}, {"note", found.note}};
}

void from_json(const nlohmann::json& json, FoundFraming& found)
{
    if (!json.at("window").is_null()) {
        found.window = json.at("window").get<FramedWindow>();
    }
    json.at("note").get_to(found.note);
}

FoundFraming find_framing(const Range& range, const Timeline& timeline, const Focus& focus)
{
    const Size picture = av::clip_facts(range.file, av::damage_of(range)).size;
    const double aspect = timeline.size.aspect();
    if (std::abs(picture.aspect() / aspect - 1) < k_same_aspect) {
        return {};
    }
    const image::Framing found =
        image::frame_clip(range.file, range.first, range.frames, aspect, {focus, timeline.rate});
    return {FramedWindow{picture, found.window, found.path}, found.note};
}

/// Where a clip is damaged nobody looks for what matters: its middle is shown.
bool is_framed(const Range& range)
{
    return range.kind == Range::Kind::footage && !range.damaged &&
           (range.fit == Fit::automatic || range.fit == Fit::crop);
}

} // namespace

Timeline framed(Timeline timeline, const Plan& plan, Ledger& ledger, const Observer& observer)
{
    for (std::size_t i = 0; i < timeline.items.size(); ++i) {
        const Focus& focus = plan.shots[i].shot.settings.focus;
        for (Range& range : timeline.items[i].ranges) {
            if (!is_framed(range)) {
                continue;
            }
            const nlohmann::json in = {{"version", k_framing_version},
                                       {"sha256", range.sha256},
                                       {"first", range.first},
                                       {"frames", range.frames},
                                       {"rate", timeline.rate},
                                       {"aspect", stages::exact_aspect(timeline.size)},
                                       {"focus", focus}};
            const auto found = step<FoundFraming>(
                ledger, "frame", in, [&] { return find_framing(range, timeline, focus); },
                [](const FoundFraming&) { return true; });
            range.framed = found.result.window;
            if (!found.reused && !found.result.note.empty()) {
                observer.tell({Event::Kind::note, "frame", plan.shots[i].shot.id, 0, 0,
                               fmt::format("shot '{}' on {}: {}", plan.shots[i].shot.id,
                                           stages::exact_aspect(timeline.size), found.result.note)});
            }
        }
    }
    return timeline;
}

} // namespace longtake
