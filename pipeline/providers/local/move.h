#pragma once

#include "pipeline/model/framing.h"
#include "pipeline/model/plan.h"

#include <array>
#include <optional>

namespace longtake::local {

/// A projective map of the plane, row-major, of (x, y, 1).
using Homography = std::array<double, 9>;

/// first `b`, then `a`
Homography operator*(const Homography& a, const Homography& b);

/// Where the camera stands relative to the picture.
struct Pose {
    double magnify = 1; ///< 2 shows half the width
    double right = 0;   ///< camera position, share of the output's width
    double up = 0;      ///< camera position, share of the output's height
    double roll = 0;    ///< radians the picture turns clockwise on the screen
    double pan = 0;     ///< radians the camera looks to the right
    double tilt = 0;    ///< radians the camera looks up
};

/// What a camera does that nobody directs.
struct Glide {
    Drift drift = Drift::in;
    double factor =
        1.08;           ///< above 1: by how much a push enlarges over the move; less 1: the share of the frame it goes
    PicturePoint aim{}; ///< what a push leaves where it is on the screen, and a slide keeps near the middle
};

/// The speed of such a camera, a second, whatever the shot's length: shots of one film move alike.
inline constexpr double k_cruise = 0.012;

/// The factor of a move of so many seconds at k_cruise: 1.04 where it is so short that nobody would see it, and 1.14
/// where it is so long that the picture would grow soft.
double cruise_factor(double seconds);

/// A camera's way over one picture: Kling's six axes and four named moves
/// (`camera_control`), or without `camera` a glide.
/// An axis' 10 is: zoom a factor of 2; horizontal and vertical a quarter of the picture; pan and tilt about a third of
/// the field of view (50 degrees over the longer side); roll 12 degrees. Zoom is exponential in progress, so that it
/// looks even. What stands between the picture and its edge decides how far the whole move is magnified: no pose
/// from 0 to `k_farthest` shows anything but picture.
class Move {
public:
    /// `half_width` and `half_height` are the picture's, in output pixels once it covers the output.
    Move(const std::optional<CameraMove>& camera, Size output, double half_width, double half_height,
         const Glide& glide = {});

    /// The pose at a progress, before the magnification that keeps the edges out.
    Pose pose(double progress) const;

    /// From output pixels to picture, both from the centre, x right, y down, in output pixels.
    Homography at(double progress) const;

    /// Least and greatest magnification on the way, the one that covers included.
    double widest() const noexcept { return widest_; }
    double tightest() const noexcept { return tightest_; }

private:
    Pose gliding(double progress) const;
    Homography uncovered(const Pose& pose) const;
    double magnification_to_cover(double half_width, double half_height) const;

    std::optional<CameraMove> camera_;
    Glide glide_;
    Size output_;
    double aim_right_ = 0; ///< from the picture's middle, share of the output's width
    double aim_up_ = 0;    ///< share of its height
    double focal_ = 1;
    double cover_ = 1;
    double widest_ = 1;
    double tightest_ = 1;
};

} // namespace longtake::local
