#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/av/picture/planes.h"
#include "pipeline/av/text/lines.h"

#include <array>
#include <cstdint>
#include <vector>

namespace longtake::render {

/// A raster in a frame's own planes, ready to be laid over it: BT.709, limited range.
struct Patch {
    struct Plane {
        int left = 0, top = 0, width = 0, height = 0; ///< of the plane's samples
        std::vector<std::uint16_t> alpha{};           ///< 0..256
        std::vector<std::uint16_t> ink{};             ///< value * alpha, in units of 2^(bits - 16)
    };
    std::array<Plane, 3> planes{};
};

/// What of a raster lies inside a frame of this size, `opacity` (0..1) of it.
Patch patch_of(const av::Raster& raster, const av::PlaneLayout& layout, Size frame, double opacity = 1);

/// Lays a patch over a frame of the layout it was made for: value * alpha + sample * (1 - alpha), rounded.
void blend(const av::Frame& frame, const Patch& patch, const av::PlaneLayout& layout);

/// A band of darkness across the picture: none at `begin` and `end`, all of it from `dark` to `deep`, soft between.
struct Scrim {
    double begin = 0, dark = 0, deep = 0, end = 0; ///< rows of pixels
    double strength = 0;                           ///< 0..1

    double at(double row) const noexcept;
};

/// Darkens a frame: towards black, `opacity` (0..1) of the scrim.
void darken(const av::Frame& frame, const Scrim& scrim, const av::PlaneLayout& layout, double opacity = 1);

} // namespace longtake::render
