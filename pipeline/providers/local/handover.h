#pragma once

#include "pipeline/providers/local/shot.h"

namespace longtake::local {

/// Seconds in which one scene gives way to another.
inline constexpr double k_handover = 0.6;

/// A camera that moves over one picture and, after a dissolve in the middle, over another: what is shown between two
/// pictures that have nothing in common.
class Handover {
public:
    Handover(const cv::Mat& first, const cv::Mat& second, Size output, const Glide& over_first,
             const Glide& over_second);

    /// The frame at a progress of the move. `share`: of the second picture, 0..1.
    void render(double progress, double share, const YuvView& out) const;

private:
    Size output_;
    Shot first_;
    Shot second_;
};

/// The share of the second picture `seconds` into a take of this length: eased, k_handover long or half the take.
double handover_share(double seconds, double length);

} // namespace longtake::local
