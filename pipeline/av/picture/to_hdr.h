#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/model/dynamic_range.h"

#include <memory>

namespace longtake::av {

/// Brings pictures to BT.2020 (non-constant luminance) with the transfer of HLG or PQ (ITU-R BT.2100), 10-bit 4:2:0 in
/// limited range. Pictures of that kind pass through. Others are converted by zimg (libavfilter's zscale) so that
/// reference white stays where it is, at 203 cd/m2, 75 % of HLG and 58 % of PQ (ITU-R BT.2408, 2.2): what is of
/// standard dynamic range comes out as bright as a titles' white beside it, and no brighter.
class ToHdr {
public:
    /// `range`: hlg or pq.
    explicit ToHdr(DynamicRange range);
    ~ToHdr();
    ToHdr(ToHdr&&) noexcept;
    ToHdr& operator=(ToHdr&&) noexcept;

    Frame apply(const Frame& frame);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
