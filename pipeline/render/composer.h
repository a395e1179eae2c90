#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/model/dynamic_range.h"
#include "pipeline/model/timeline.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace longtake::render {

class MorphTransition;

/// Shows a timeline frame by frame: decodes each clip when its time comes, closes it after, and mixes pictures only
/// where a transition runs. At most two items are open at once, however long the film.
class Composer {
public:
    /// `first`: the first frame to be shown. `range`: of a high one, frames have 10 bits and BT.2020's colours; then
    /// what `hdr_blocker` (hdr/hdr_film.h) names must not be in the timeline.
    explicit Composer(const Timeline& timeline, std::int64_t first = 0, DynamicRange range = DynamicRange::sdr);
    ~Composer();

    /// The next frame of the film; nullopt after the last. Throws Error(input) if a clip ends before its range does.
    std::optional<av::Frame> next();

private:
    class ItemReader;

    av::Frame frame_of_transition();
    av::Frame mixed(std::size_t into, const av::Frame& from, const av::Frame& to, std::int64_t index);

    std::unique_ptr<ItemReader> reader_of(const Item& item, std::int64_t first = 0) const;

    const Timeline& timeline_;
    DynamicRange range_;
    std::int64_t position_;
    std::size_t current_ = 0;
    std::unique_ptr<ItemReader> outgoing_; ///< the item before, while it overlaps
    std::unique_ptr<ItemReader> playing_;
    std::unique_ptr<ItemReader> incoming_;   ///< the next one, while its first frame is held
    std::unique_ptr<MorphTransition> morph_; ///< into item morph_into_, while it runs
    std::size_t morph_into_ = 0;
};

} // namespace longtake::render
