#pragma once

#include "pipeline/providers/local/move.h"
#include "pipeline/providers/local/picture.h"

#include <cstdint>
#include <vector>

namespace longtake::local {

/// Samples carry this many bits below the point: the plane's own and the filter's.
inline constexpr int k_weight_bits = 14;
inline constexpr int k_sum_bits = Plane::k_fraction + k_weight_bits;

/// Filter for evenly spaced positions along one axis: eight weights for each position, at its exact phase, of a sinc
/// windowed over four samples to each side. Where positions lie more than a sample apart the sinc is as much wider,
/// so that nothing aliases up to about twice the picture's density.
class Axis {
public:
    static constexpr int k_taps = 8;

    /// Positions origin, origin + step, ... in samples of a plane `length` long; sample 0's centre is 0.
    void place(int count, double origin, double step, int length);

    int count() const noexcept { return static_cast<int>(first_.size()); }
    int first(int i) const { return first_[i]; } ///< sample of the first weight, -k_border or more
    const std::int16_t* weights(int i) const { return &weights_[static_cast<std::size_t>(i) * k_taps]; }

private:
    std::vector<int> first_;
    std::vector<std::int16_t> weights_;
};

/// Samples a plane on the grid of two axes, a row at a time.
class GridSampler {
public:
    /// Row `y` of the grid into `sums` (x.count() values with k_sum_bits below the point; writes up to 3 more).
    void row(const Plane& plane, const Axis& x, const Axis& y, int index, std::int32_t* sums);

private:
    std::vector<std::int16_t> line_;
};

/// Filter for arbitrary positions: weights of a cubic for 512 phases, softer where the picture is denser than the
/// output.
class PhaseTable {
public:
    static constexpr int k_phase_bits = 9;
    static constexpr int k_taps = 4;

    /// `step`: distance of neighbouring output pixels, in samples.
    void shape(double step);

    const std::int16_t* weights(int phase) const { return &weights_[static_cast<std::size_t>(phase) * k_taps]; }

private:
    std::vector<std::int16_t> weights_;
};

/// Samples a plane at `count` positions (in samples; those outside are taken at the edge) into `sums` (up to 3 more
/// values are written, and read of the positions).
void sample_at(const Plane& plane, const PhaseTable& table, const float* x, const float* y, int count,
               std::int32_t* sums);

/// Rounds a row of sums to 8 bits, spreading what is cut off over a fixed fine pattern, so that slow gradients do not
/// band. `row` places the pattern.
void quantise(const std::int32_t* sums, int count, int row, std::uint8_t* out);

} // namespace longtake::local
