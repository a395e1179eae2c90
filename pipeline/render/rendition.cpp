#include "pipeline/render/rendition.h"

#include "pipeline/av/picture/reframe.h"
#include "pipeline/render/composer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace longtake::render {

Rendition::Rendition(const Timeline& timeline, const Canvas& canvas, Rate rate)
    : timeline_(timeline), canvas_(canvas), rate_(rate), frames_(rate.frames(timeline.rate.seconds(timeline.frames())))
{
}

std::int64_t Rendition::timeline_frame(std::int64_t k) const noexcept
{
    const std::int64_t up = k * rate_.den * timeline_.rate.num;
    const std::int64_t down = std::int64_t{rate_.num} * timeline_.rate.den;
    return std::min(up / down, timeline_.frames() - 1);
}

std::int64_t Rendition::frame_at(std::int64_t index) const noexcept
{
    return rate_.frames(timeline_.rate.seconds(index));
}

std::string Rendition::converted() const
{
    if (canvas_.size != timeline_.size) {
        return fmt::format("the film's size is {}, this file's {}", timeline_.size.text(), canvas_.size.text());
    }
    if (!(rate_ == timeline_.rate)) {
        return fmt::format("the film's rate is {}, this file's {}", timeline_.rate.text(), rate_.text());
    }
    return {};
}

std::vector<av::Blend> Rendition::mixed_frames() const
{
    std::vector<av::Blend> runs;
    for (const Item& item : timeline_.items) {
        const TimelineTransition& transition = item.transition;
        if (!traits_of(transition.type).mixes_whole_pictures) {
            continue;
        }
        const std::int64_t begin = item.start - (transition.held ? transition.frames : 0);
        const std::int64_t first = frame_at(begin);
        const std::int64_t frames = frame_at(begin + transition.frames) - first;
        if (frames > 0) { // a short one may fall between two frames of a lower rate
            runs.push_back({first, frames});
        }
    }
    return runs;
}

Rendition::Reader Rendition::read(std::int64_t first, std::string pixel_format) const
{
    auto composer = std::make_shared<Composer>(timeline_, timeline_frame(first), canvas_.range);
    return read(first, std::move(pixel_format), [composer] { return composer->next(); });
}

Rendition::Reader Rendition::read(std::int64_t first, std::string pixel_format, FrameSource composed) const
{
    return {*this, first, std::move(pixel_format), std::move(composed)};
}

Rendition rendition_of(const Timeline& timeline, const Preset& preset)
{
    return {timeline, canvas_of(preset, timeline.size), output_rate(preset, timeline.rate)};
}

std::vector<av::Blend> within(const std::vector<av::Blend>& runs, std::int64_t from, std::int64_t frames)
{
    std::vector<av::Blend> found;
    for (const av::Blend& run : runs) {
        const std::int64_t begin = std::max(run.first, from);
        const std::int64_t end = std::min(run.first + run.frames, from + frames);
        if (begin < end) {
            found.push_back({begin - from, end - begin});
        }
    }
    return found;
}

struct Rendition::Reader::Impl {
    const Rendition& rendition;
    std::int64_t position;
    std::int64_t composed_next; ///< of the timeline: what `composed` gives next
    FrameSource composed;
    av::Reframe reframe;
    OverlayPainter painter;
    std::optional<av::Frame> shown{}; ///< of the timeline's frame before that; shown again where the rate is higher
};

Rendition::Reader::Reader(const Rendition& rendition, std::int64_t first, std::string pixel_format,
                          FrameSource composed)
    : impl_(std::make_unique<Impl>(Impl{rendition, first, rendition.timeline_frame(first), std::move(composed),
                                        av::Reframe(rendition.canvas_.size, rendition.canvas_.fit,
                                                    std::move(pixel_format), {}, rendition.canvas_.range),
                                        OverlayPainter(rendition)}))
{
}

Rendition::Reader::~Reader() = default;
Rendition::Reader::Reader(Reader&&) noexcept = default;

std::optional<av::Frame> Rendition::Reader::next()
{
    if (impl_->position >= impl_->rendition.frames_) {
        return std::nullopt;
    }
    const std::int64_t wanted = impl_->rendition.timeline_frame(impl_->position);
    std::optional<av::Frame> frame;
    while (impl_->composed_next <= wanted) {
        frame = impl_->composed();
        if (!frame) {
            return std::nullopt;
        }
        ++impl_->composed_next;
    }
    if (frame) {
        impl_->shown = impl_->reframe.apply(*frame);
    }
    return impl_->painter.paint(impl_->shown->share(), impl_->position++);
}

} // namespace longtake::render
