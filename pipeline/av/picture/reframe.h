#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/av/picture/orientation.h"
#include "pipeline/model/dynamic_range.h"
#include "pipeline/model/storyboard.h"

#include <optional>
#include <string>

namespace longtake::av {

/// Brings pictures of one size to another in BT.709 limited range with square pixels: the whole picture over its
/// own blurred, darkened enlargement (`blur`), on black (`pad`), or filling the frame (`crop`, `automatic`).
/// Equal sizes and formats pass through untouched.
class Reframe {
public:
    /// `orientation`: applied first. `range`: of the pictures; of a high one they are, and stay, BT.2020 in 10 bits.
    Reframe(Size to, Fit fit, std::string pixel_format = "yuv420p", Orientation orientation = {},
            DynamicRange range = DynamicRange::sdr);
    ~Reframe();
    Reframe(Reframe&&) noexcept;
    Reframe& operator=(Reframe&&) noexcept;

    Frame apply(const Frame& frame);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
