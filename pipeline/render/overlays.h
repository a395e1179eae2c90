#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/render/overlay_layout.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace longtake::render {

class Rendition;

/// An overlay's frames [from, to), counted as those of a rendition.
struct OverlaySpan {
    std::size_t index = 0; ///< among the timeline's overlays
    std::int64_t from = 0, to = 0;
};

/// Those that a rendition shows in its frames [first, first + frames), in the order they are drawn.
std::vector<OverlaySpan> overlays_in(const Rendition& rendition, std::int64_t first, std::int64_t frames);

/// A rendition's overlays as they stand on its canvas: set and drawn when the first frame asks for them, for all who
/// read it. Of a film's hundreds of captions only the last few dozen asked for are kept. Safe from several threads.
class OverlaySheet {
public:
    OverlaySheet();
    ~OverlaySheet();

    /// Of overlay `index`. Throws as lay_out().
    std::shared_ptr<const OverlayLayout> of(const Rendition& rendition, std::size_t index);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Draws a rendition's overlays on its frames, which come in order.
class OverlayPainter {
public:
    explicit OverlayPainter(const Rendition& rendition);
    ~OverlayPainter();
    OverlayPainter(OverlayPainter&&) noexcept;

    /// Frame k with what lies over it; the same frame where nothing does. Throws as lay_out().
    av::Frame paint(av::Frame frame, std::int64_t k);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::render
