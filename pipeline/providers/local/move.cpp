#include "pipeline/providers/local/move.h"

#include "pipeline/base/smoothstep.h"

#include "pipeline/base/error.h"
#include "pipeline/providers/local/easing.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace longtake::local {

namespace {

constexpr double k_field_of_view = 50 * std::numbers::pi / 180; ///< over the output's longer side
constexpr double k_turn = 0.65;      ///< pan or tilt of 10, as a share of half the field of view
constexpr double k_translate = 0.25; ///< horizontal or vertical of 10, as a share of the picture
constexpr double k_roll = 12 * std::numbers::pi / 180;
constexpr double k_middle = k_farthest / 2;
constexpr int k_steps = 110; ///< poses looked at to keep the edges out

/// 0 until `begin`, then picks up speed and goes on evenly through 1 at 1; its slope is continuous.
double late_start(double u, double begin)
{
    const double pick_up = (1 - begin) / 2;
    const double slope = 1 / (1 - begin - pick_up / 2);
    const double x = std::max(u - begin, 0.0);
    return x < pick_up ? slope * x * x / (2 * pick_up) : slope * (x - pick_up / 2);
}

/// What the axes ask for. Translations and turns run symmetrically about the picture's middle, which costs the least
/// magnification; a roll starts level.
Pose simple(const CameraMove& camera, double u, double half_pan, double half_tilt)
{
    return {.magnify = std::exp2(-camera.zoom / 10 * u),
            .right = k_translate * camera.horizontal / 10 * (u - k_middle),
            .up = k_translate * camera.vertical / 10 * (u - k_middle),
            .roll = k_roll * camera.roll / 10 * u,
            .pan = k_turn * half_pan * camera.pan / 10 * (u - k_middle),
            .tilt = k_turn * half_tilt * camera.tilt / 10 * (u - k_middle)};
}

Pose turn_then_advance(double u, double half_turn)
{
    return {.magnify = std::pow(1.3, late_start(u, 0.3)), .pan = 0.5 * half_turn * (smoothstep(u / 0.65) - 0.5)};
}

} // namespace

double cruise_factor(double seconds)
{
    return std::clamp(std::exp(k_cruise * seconds), 1.04, 1.14);
}

Homography operator*(const Homography& a, const Homography& b)
{
    Homography product{};
    for (int row = 0; row < 3; ++row) {
        for (int column = 0; column < 3; ++column) {
            for (int k = 0; k < 3; ++k) {
                product[row * 3 + column] += a[row * 3 + k] * b[k * 3 + column];
            }
        }
    }
    return product;
}

Move::Move(const std::optional<CameraMove>& camera, Size output, double half_width, double half_height,
           const Glide& glide)
    : camera_(camera), glide_(glide), output_(output), aim_right_((2 * glide.aim.x - 1) * half_width / output.width),
      aim_up_((1 - 2 * glide.aim.y) * half_height / output.height),
      focal_(std::max(output.width, output.height) / 2.0 / std::tan(k_field_of_view / 2))
{
    cover_ = magnification_to_cover(half_width, half_height);
    widest_ = tightest_ = cover_ * pose(0).magnify;
    for (int step = 1; step <= k_steps; ++step) {
        const double magnify = cover_ * pose(k_farthest * step / k_steps).magnify;
        widest_ = std::min(widest_, magnify);
        tightest_ = std::max(tightest_, magnify);
    }
}

Pose Move::pose(double progress) const
{
    if (!camera_) {
        return gliding(progress);
    }
    const double half_pan = std::atan(output_.width / 2.0 / focal_);
    const double half_tilt = std::atan(output_.height / 2.0 / focal_);
    const std::string& type = camera_->type;
    if (type == "simple") {
        return simple(*camera_, progress, half_pan, half_tilt);
    }
    if (type == "forward_up") {
        return {.magnify = std::pow(1.35, progress), .up = 0.1 * progress};
    }
    if (type == "down_back") {
        return {.magnify = std::pow(1.35, 1 - progress), .up = 0.1 * (1 - progress)};
    }
    if (type == "right_turn_forward") {
        return turn_then_advance(progress, half_pan);
    }
    if (type == "left_turn_forward") {
        return turn_then_advance(progress, -half_pan);
    }
    throw Error(Errc::usage, "camera move '" + type +
                                 "': not known; use simple, down_back, forward_up, right_turn_forward or "
                                 "left_turn_forward");
}

/// What a zoom about a place shows: what is there stays where it is on the screen, so no edge comes into view. A slide
/// uses what magnification it costs to stand as near to its aim as that leaves room for.
Pose Move::gliding(double u) const
{
    const auto about_aim = [&](double magnify, double right, double up) {
        const double share = 1 - 1 / magnify;
        return Pose{.magnify = magnify, .right = right * share, .up = up * share};
    };
    const double way = (glide_.factor - 1) * (u - k_middle);
    Pose pose;
    switch (glide_.drift) {
    case Drift::in: return about_aim(std::pow(glide_.factor, u), aim_right_, aim_up_);
    case Drift::out: return about_aim(std::pow(glide_.factor, k_farthest - u), aim_right_, aim_up_);
    case Drift::left:
    case Drift::right:
        pose.up = about_aim(cover_, 0, aim_up_).up;
        pose.right = glide_.drift == Drift::right ? way : -way;
        break;
    case Drift::up:
    case Drift::down:
        pose.right = about_aim(cover_, aim_right_, 0).right;
        pose.up = glide_.drift == Drift::up ? way : -way;
        break;
    }
    return pose;
}

/// Screen to picture without translation: turn the ray the pixel looks along, meet the picture's plane, roll, scale.
Homography Move::uncovered(const Pose& pose) const
{
    const double cr = std::cos(pose.roll);
    const double sr = std::sin(pose.roll);
    const double cp = std::cos(pose.pan);
    const double sp = std::sin(pose.pan);
    const double ct = std::cos(pose.tilt);
    const double st = std::sin(pose.tilt);
    const double f = focal_;
    const double zoom = 1 / pose.magnify;
    const Homography scaled = {zoom, 0, 0, 0, zoom, 0, 0, 0, 1};
    const Homography roll = {cr, sr, 0, -sr, cr, 0, 0, 0, 1};
    const Homography tilt = {1, 0, 0, 0, ct, -f * st, 0, st / f, ct};
    const Homography pan = {cp, 0, f * sp, 0, 1, 0, -sp / f, 0, cp};
    return pan * tilt * roll * scaled;
}

double Move::magnification_to_cover(double half_width, double half_height) const
{
    double needed = 1;
    for (int step = 0; step <= k_steps; ++step) {
        const Pose here = pose(k_farthest * step / k_steps);
        const Homography h = uncovered(here);
        for (const auto& [right, down] : {std::pair{-0.5, -0.5}, {0.5, -0.5}, {-0.5, 0.5}, {0.5, 0.5}}) {
            const double x = output_.width * right;
            const double y = output_.height * down;
            const double w = h[6] * x + h[7] * y + h[8];
            const double px = (h[0] * x + h[1] * y + h[2]) / w;
            const double py = (h[3] * x + h[4] * y + h[5]) / w;
            const double dx = here.right * output_.width;
            const double dy = -here.up * output_.height;
            needed = std::max({needed, px > 0 ? px / (half_width - dx) : -px / (half_width + dx),
                               py > 0 ? py / (half_height - dy) : -py / (half_height + dy)});
        }
    }
    return needed;
}

Homography Move::at(double progress) const
{
    const Pose here = pose(progress);
    const double shrink = 1 / cover_;
    const Homography placed = {shrink, 0, here.right * output_.width, 0, shrink, -here.up * output_.height, 0, 0, 1};
    return placed * uncovered(here);
}

} // namespace longtake::local
