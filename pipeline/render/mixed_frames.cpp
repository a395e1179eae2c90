#include "pipeline/render/mixed_frames.h"

#include <algorithm>

namespace longtake::render {
namespace {

bool mixes_whole_pictures(TransitionType type)
{
    return type == TransitionType::dissolve || type == TransitionType::fade_black || type == TransitionType::fade_white;
}

} // namespace

std::vector<av::Blend> blended_frames(const Timeline& timeline, const Rate& rate)
{
    std::vector<av::Blend> runs;
    for (const Segment& segment : timeline.segments) {
        const TimelineTransition& transition = segment.transition;
        if (!mixes_whole_pictures(transition.type)) {
            continue;
        }
        const std::int64_t begin = segment.start - (transition.held ? transition.frames : 0);
        const std::int64_t first = rate.frames(timeline.rate.seconds(begin));
        const std::int64_t frames = rate.frames(timeline.rate.seconds(begin + transition.frames)) - first;
        if (frames > 0) { // a short one may fall between two frames of a lower rate
            runs.push_back({first, frames, transition.held});
        }
    }
    return runs;
}

std::vector<av::Blend> within(const std::vector<av::Blend>& runs, std::int64_t from, std::int64_t frames)
{
    std::vector<av::Blend> found;
    for (const av::Blend& run : runs) {
        const std::int64_t begin = std::max(run.first, from);
        const std::int64_t end = std::min(run.first + run.frames, from + frames);
        if (begin < end) {
            found.push_back({begin - from, end - begin, run.held});
        }
    }
    return found;
}

} // namespace longtake::render
