#pragma once

#include "pipeline/model/rate.h"

#include <cstdint>
#include <memory>

struct AVFrame;

namespace longtake::av {

/// An owned AVFrame, never null until moved from. Copying is spelled `share()` because it adds a reference to
/// the same pixels.
class Frame {
public:
    Frame();
    Frame(Frame&&) noexcept = default;
    Frame& operator=(Frame&&) noexcept = default;

    /// A new reference to the same data.
    Frame share() const;

    /// A picture of its own with room for `size`, 8-bit 4:2:0, tagged BT.709 limited, square pixels.
    static Frame yuv420(Size size);

    /// An 8-bit full-range RGB picture, interleaved in plane 0.
    static Frame rgb(Size size);

    /// A yuv420 picture in one colour given as limited-range Y, Cb, Cr.
    static Frame plain(Size size, std::uint8_t y, std::uint8_t cb, std::uint8_t cr);

    /// A picture of its own of another's size, format and tags.
    static Frame like(const Frame& other);

    Size size() const noexcept;

    /// Whether its samples have 10 bits, in two bytes each.
    bool deep() const noexcept;

    /// Rows of plane 0, 1 or 2 and the bytes from one row to the next, for rooms without libav.
    std::uint8_t* plane(int index) const noexcept;
    int stride(int index) const noexcept;

    AVFrame* get() const noexcept { return frame_.get(); }
    AVFrame* operator->() const noexcept { return frame_.get(); }

private:
    struct Free {
        void operator()(AVFrame* frame) const noexcept;
    };
    std::unique_ptr<AVFrame, Free> frame_;
};

} // namespace longtake::av
