#pragma once

#include "pipeline/av/frame.h"

#include <memory>
#include <string>

struct AVCodecParameters;

namespace longtake::av {

/// What a film changes in pictures of this kind, as a note; empty: they are in BT.709's colours already, or do not say.
std::string needs_bt709(const AVCodecParameters* parameters);

/// Brings pictures of high dynamic range (HLG, PQ) and of other primaries (BT.2020, Display P3, BT.601) to the colours
/// of BT.709; others pass through untouched. zimg (libavfilter's zscale) linearises, so that 1.0 is reference white:
/// 203 cd/m2 (ITU-R BT.2408, 2.2), 75 % of HLG and 58 % of PQ. HLG's system gamma is applied by channel, as zimg does;
/// BT.2100 applies it to the luminance, which leaves saturated colours darker. What is brighter than three quarters of
/// white is rolled off toward it and keeps its hue; what BT.709 does not have of a colour is cut off by channel.
class ToBt709 {
public:
    ToBt709();
    ~ToBt709();
    ToBt709(ToBt709&&) noexcept;
    ToBt709& operator=(ToBt709&&) noexcept;

    /// The picture itself, or 10-bit 4:2:0 of its size.
    Frame apply(const Frame& frame);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
