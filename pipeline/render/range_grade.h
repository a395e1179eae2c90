#pragma once

#include "pipeline/image/lut/lut.h"
#include "pipeline/model/timeline.h"

#include <cstdint>
#include <memory>

namespace longtake::render {

/// What becomes of the colours of a range's footage: its own grade first, then its brand's LUT.
class RangeGrade {
public:
    /// `range` outlives it. Throws Error(input) for a LUT that cannot be read.
    explicit RangeGrade(const Range& range);

    /// Frame `number` of the range's file, 8-bit 4:2:0 BT.709 limited.
    av::Frame apply(av::Frame frame, std::int64_t number) const;

private:
    const Range& range_;
    std::shared_ptr<const image::Lut> lut_; ///< null: none
};

} // namespace longtake::render
