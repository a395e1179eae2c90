#include "pipeline/render/composer.h"

#include "pipeline/av/clip/conformed_reader.h"
#include "pipeline/base/error.h"
#include "pipeline/render/morph_transition.h"
#include "pipeline/render/range_grade.h"
#include "pipeline/render/transitions.h"
#include "pipeline/render/window_view.h"

#include <fmt/format.h>

#include <utility>

namespace longtake::render {

/// Reads an item's ranges one after the other.
class Composer::ItemReader {
public:
    /// From the item's frame `first` on.
    ItemReader(const Timeline& timeline, const Item& item, DynamicRange colours, std::int64_t first)
        : timeline_(timeline), segment_(item), colours_(colours), given_(first)
    {
        while (range_ + 1 < segment_.ranges.size() && given_ >= segment_.ranges[range_].frames) {
            given_ -= segment_.ranges[range_++].frames;
        }
    }

    /// The item's first frame, without moving on. What it took to read it is closed again: while the frame is held,
    /// and that may be all there is of this item, a decoder would only take memory.
    const av::Frame& first()
    {
        if (!peeked_) {
            peeked_ = read();
            reader_.reset();
        }
        return *peeked_;
    }

    av::Frame next()
    {
        if (peeked_) {
            av::Frame frame = std::move(*peeked_);
            peeked_.reset();
            return frame;
        }
        return read();
    }

private:
    av::Frame read()
    {
        while (given_ == segment_.ranges.at(range_).frames) {
            ++range_;
            given_ = 0;
            reader_.reset();
            still_.reset();
        }
        const Range& range = segment_.ranges.at(range_);
        ++given_;
        return range.kind == Range::Kind::still ? still(range) : footage(range);
    }

    av::Frame still(const Range& range)
    {
        if (!still_) {
            still_ = av::read_still(range.file, conform(range));
        }
        return still_->share();
    }

    av::Frame footage(const Range& range)
    {
        const std::int64_t number = range.first + given_ - 1;
        if (!reader_) {
            open(range, number);
        }
        if (auto frame = reader_->next()) {
            if (view_) {
                frame = view_->show(*frame, number);
            }
            return grade_->apply(std::move(*frame), number);
        }
        throw Error(Errc::input,
                    fmt::format("shot '{}': {} ends after {:.3f} s, but {:.3f} s are asked for; shorten the shot",
                                segment_.shot, range.file.string(), timeline_.rate.seconds(number),
                                timeline_.rate.seconds(range.first + range.frames)));
    }

    av::Conform conform(const Range& range) const
    {
        av::Conform to = av::conform_of(timeline_, range);
        to.range = colours_;
        return to;
    }

    void open(const Range& range, std::int64_t first)
    {
        av::Conform to = conform(range);
        view_.reset();
        if (range.framed) {
            to = view_.emplace(*range.framed, timeline_.size).conform(std::move(to));
        }
        grade_.emplace(range);
        reader_.emplace(range.file, to, first);
    }

    const Timeline& timeline_;
    const Item& segment_;
    DynamicRange colours_;
    std::size_t range_ = 0;
    std::int64_t given_ = 0;
    std::optional<av::ConformedReader> reader_;
    std::optional<WindowView> view_; ///< of what the reader gives, where a part of it is seen
    std::optional<RangeGrade> grade_;
    std::optional<av::Frame> still_;
    std::optional<av::Frame> peeked_;
};

Composer::Composer(const Timeline& timeline, std::int64_t first, DynamicRange range)
    : timeline_(timeline), range_(range), position_(first)
{
    const auto& items = timeline_.items;
    if (items.empty()) {
        return;
    }
    while (current_ + 1 < items.size() && items[current_ + 1].start <= first) {
        ++current_;
    }
    const Item& item = items[current_];
    playing_ = reader_of(item, first - item.start);
    const bool overlaps = !item.transition.held && first - item.start < item.transition.frames;
    if (overlaps) {
        const Item& before = items[current_ - 1];
        outgoing_ = reader_of(before, first - before.start);
    }
}

Composer::~Composer() = default;

std::unique_ptr<Composer::ItemReader> Composer::reader_of(const Item& item, std::int64_t first) const
{
    return std::make_unique<ItemReader>(timeline_, item, range_, first);
}

std::optional<av::Frame> Composer::next()
{
    const auto& items = timeline_.items;
    if (position_ >= timeline_.frames()) {
        return std::nullopt;
    }
    if (current_ + 1 < items.size() && position_ == items[current_ + 1].start) {
        ++current_;
        // While the new item overlaps the old one, both play; a held transition is over by now.
        const bool overlaps = items[current_].transition.frames > 0 && !items[current_].transition.held;
        outgoing_ = overlaps ? std::move(playing_) : nullptr;
        playing_ = incoming_ ? std::move(incoming_) : reader_of(items[current_]);
    }
    av::Frame frame = frame_of_transition();
    ++position_;
    return frame;
}

av::Frame Composer::frame_of_transition()
{
    const auto& items = timeline_.items;
    const TimelineTransition& in = items[current_].transition;
    const std::int64_t since_start = position_ - items[current_].start;
    if (outgoing_ && since_start < in.frames) {
        const av::Frame old = outgoing_->next();
        return mixed(current_, old, playing_->next(), since_start);
    }
    outgoing_.reset();
    av::Frame frame = playing_->next();
    if (current_ + 1 == items.size()) {
        return frame;
    }
    const Item& following = items[current_ + 1];
    const std::int64_t since_hold = position_ - (following.start - following.transition.frames);
    if (!following.transition.held || since_hold < 0) {
        return frame;
    }
    if (!incoming_) {
        incoming_ = reader_of(following);
    }
    return mixed(current_ + 1, frame, incoming_->first(), since_hold);
}

/// Frame `index` of the transition into an item.
av::Frame Composer::mixed(std::size_t into, const av::Frame& from, const av::Frame& to, std::int64_t index)
{
    const TimelineTransition& transition = timeline_.items[into].transition;
    if (!traits_of(transition.type).needs_motion) {
        return render::transition_frame(transition.type, from, to,
                                        render::transition_progress(transition.type, index, transition.frames));
    }
    if (!morph_ || morph_into_ != into) {
        morph_ = std::make_unique<MorphTransition>(timeline_, into);
        morph_into_ = into;
    }
    return morph_->frame(from, to, index);
}

} // namespace longtake::render
