#include "pipeline/flow/chain.h"

#include "pipeline/image/colour_stats.h"
#include "pipeline/image/grade.h"

namespace longtake {
namespace {

/// Raise them when looking at takes changes. A still that was sent is not made again for less: it is paid for.
constexpr int k_hand_over_version = 1;
constexpr int k_join_version = 1;

/// What a join depends on, wherever the file lies.
nlohmann::json content_of_footage(const Footage& footage)
{
    nlohmann::json content = footage;
    content.erase("file");
    return content;
}

} // namespace

bool needs(const Chain& chain, const PlannedTake& take, double wanted)
{
    const bool speech = take.kind == PlannedTake::Kind::lip_sync;
    return take.index == 0 || chain.clip.seconds() < wanted - 1e-6 || take.end_frame || speech;
}

nlohmann::json handoff_input(const Chain& chain, const PlannedTake& take, const ShotSettings& settings,
                             const ImageRules& rules)
{
    return {{"version", k_hand_over_version},        {"last", chain.last.footage.sha256},
            {"drifted", GradeKey{0, chain.drifted}}, {"kind", word(take.kind)},
            {"match", word(settings.match_colour)},  {"rules", shape_of(rules)}};
}

nlohmann::json join_input(const Chain& chain, const Footage& added, const PlannedTake& take,
                          const ShotSettings& settings, const stages::FrameHandoff& from)
{
    const bool follow = settings.match_colour != MatchColour::off || settings.max_drift > 0;
    return {{"version", k_join_version},
            {"before", content_of_footage(chain.clip.footage.back())},
            {"film", content_of_footage(chain.last.footage)},
            {"take", content_of_footage(added)},
            {"planned", {word(take.kind), take.seconds, take.guaranteed}},
            {"match", word(settings.match_colour)},
            {"follow", follow},
            {"toward", GradeKey{0, from.grade}}};
}

std::optional<stages::FrameHandoff> handoff_at_home(stages::FrameHandoff from, const Stills& stills)
{
    if (from.still) {
        from.still = stills.at_home(*from.still);
        if (!from.still) {
            return std::nullopt;
        }
    }
    return from;
}

void go_on(Chain& chain, const Take& made, stages::Join join)
{
    join.before.file = chain.clip.footage.back().file; // a working directory can be moved
    join.added.file = made.footage.file;
    chain.clip.footage.back() = join.before;
    chain.clip.footage.push_back(join.added);
    chain.last = made;
    chain.last.footage = join.added;
    chain.drifted = image::chained(chain.drifted, join.change);
}

} // namespace longtake
