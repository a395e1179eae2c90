#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/image/lut/cube.h"
#include "pipeline/model/brand/style.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

namespace longtake::image {

/// A table of colours, ready to grade pictures: a cube by tetrahedral interpolation (J. M. Kasson et al., "Performing
/// color space conversions with three-dimensional linear interpolation", 1995), curves linearly. What lies outside
/// 0..1, as samples of limited range may, goes on as the table's edge does: a table that changes nothing changes no
/// sample. Safe from several threads.
class Lut {
public:
    explicit Lut(const Cube& cube);

    /// A graded copy of an 8-bit 4:2:0 BT.709 limited frame. A sample of chroma is the mean of what its four pixels
    /// come out as.
    av::Frame apply(const av::Frame& frame) const;

    /// An entry as Y', Cb, Cr in code values, one after the other in memory.
    struct alignas(16) Entry {
        std::array<float, 4> ycc{};
    };

    /// An affine map from Y', Cb, Cr to where a colour lies among the entries, by channel R, G, B.
    struct Places {
        alignas(16) std::array<float, 4> y{}, cb{}, cr{}, at_zero{};
        alignas(16) std::array<float, 4> least{}, most{}; ///< places that are kept to
    };

private:
    template <class Interpolation>
    av::Frame graded_by(const av::Frame& frame, const Interpolation& interpolation) const;

    bool three_;
    int size_;
    Places places_;
    std::vector<Entry> entries_; ///< the cube's; or what red, green and blue add, curve after curve
};

/// Reads a .cube file. Throws Error(input) for one that cannot be used (see parse_cube()).
Lut read_lut(const std::filesystem::path& file);

/// The same of a style's file; the last one that was read is kept. Safe from several threads.
std::shared_ptr<const Lut> lut_of(const StyleFile& file);

} // namespace longtake::image
