#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/av/media_writer.h"
#include "pipeline/model/canvas.h"
#include "pipeline/model/timeline.h"
#include "pipeline/render/overlays.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace longtake::render {

/// A timeline's frames one after the other; nullopt after the last.
using FrameSource = std::function<std::optional<av::Frame>()>;

/// What one output shows: a timeline at the output's own rate and on its own canvas. Whoever encodes, copies or checks
/// an output asks here which picture stands at frame k. Frames are counted at the output's rate.
class Rendition {
public:
    /// `timeline` must outlive it.
    Rendition(const Timeline& timeline, const Canvas& canvas, Rate rate);

    const Timeline& timeline() const noexcept { return timeline_; }
    const Canvas& canvas() const noexcept { return canvas_; }
    Size size() const noexcept { return canvas_.size; }
    Rate rate() const noexcept { return rate_; }
    std::int64_t frames() const noexcept { return frames_; }

    /// The timeline's frame that is shown at frame k: the one of that moment.
    std::int64_t timeline_frame(std::int64_t k) const noexcept;

    /// The frame that is shown when the timeline's frame `index` begins.
    std::int64_t frame_at(std::int64_t index) const noexcept;

    /// Why no frame of it is the timeline's own, picture for picture; empty: each is.
    std::string converted() const;

    /// Frames that mix two whole pictures (dissolves, fades), in order.
    std::vector<av::Blend> mixed_frames() const;

    /// One of the timeline's overlays as it stands on the canvas. Throws as lay_out(). Safe from several threads.
    std::shared_ptr<const OverlayLayout> overlay_layout(std::size_t index) const { return sheet_->of(*this, index); }

    /// Its frames from `first` on, in order, with what lies over them.
    class Reader;
    Reader read(std::int64_t first, std::string pixel_format) const;

    /// The same, made of the timeline's frames from timeline_frame(first) on, which somebody composes for several.
    Reader read(std::int64_t first, std::string pixel_format, FrameSource composed) const;

private:
    const Timeline& timeline_;
    Canvas canvas_;
    Rate rate_;
    std::int64_t frames_;
    std::shared_ptr<OverlaySheet> sheet_ = std::make_shared<OverlaySheet>();
};

/// Of what a preset makes of a timeline.
Rendition rendition_of(const Timeline& timeline, const Preset& preset);

/// What of `runs` lies within [from, from + frames), counted from `from`.
std::vector<av::Blend> within(const std::vector<av::Blend>& runs, std::int64_t from, std::int64_t frames);

class Rendition::Reader {
public:
    Reader(const Rendition& rendition, std::int64_t first, std::string pixel_format, FrameSource composed);
    ~Reader();
    Reader(Reader&&) noexcept;

    /// The next frame; nullopt after the last. Throws Error(input) if a clip ends before its range does.
    std::optional<av::Frame> next();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::render
