#include "stages/prepare/chosen_ground.h"

#include "pipeline/base/error.h"
#include "pipeline/model/rgb.h"
#include "stages/prepare/cut_out.h"

#include <fmt/format.h>

#include <cmath>

namespace longtake::stages::picture {
namespace {

/// By the request alone.
Ground usual_ground(const PictureRequest& request, bool alpha)
{
    const bool edge = request.background == k_edge;
    Ground ground{request.fit == Fit::blur ? Ground::Bars::blurred
                  : edge                   ? Ground::Bars::edge
                                           : Ground::Bars::colour,
                  {}};
    if (names_colour(request)) {
        ground.colour = parse_colour(request.background);
    } else if (request.fit != Fit::blur) {
        ground.colour = alpha ? cv::Vec3b::all(255) : cv::Vec3b::all(0);
    }
    return ground;
}

} // namespace

cv::Vec3b parse_colour(const std::string& text)
{
    const auto rgb = rgb_of(text);
    if (!rgb) {
        throw Error(Errc::usage, "background '" + text + "' is no colour; write it like #20140c, or 'edge'");
    }
    return {rgb->b, rgb->g, rgb->r};
}

bool names_colour(const PictureRequest& request)
{
    return !request.background.empty() && request.background != k_edge;
}

Chosen chosen_ground(const PictureRequest& request, const cv::Mat& pixels)
{
    const bool alpha = pixels.channels() == 4;
    Chosen chosen{usual_ground(request, alpha), {}, {}};
    if (!alpha || request.mask) {
        return chosen;
    }
    const CutOut cut_out(pixels);
    if (!cut_out.has_holes()) {
        return chosen;
    }
    const Ground usual = chosen.ground;
    if (!names_colour(request)) {
        chosen.ground = showing_ground(cut_out, usual);
    }
    if (chosen.ground.colour != usual.colour || chosen.ground.shade != usual.shade) {
        chosen.why = fmt::format(", for it could hardly be seen on {}", usual.colour ? "white" : "that as it is");
    }
    const double seen = cut_out.seen_on(chosen.ground);
    if (!cut_out.enough(seen)) {
        chosen.warning = fmt::format("hard to see: {:.0f} % of what is not transparent has a contrast of 3:1 to its "
                                     "ground{}",
                                     std::floor(100 * seen),
                                     names_colour(request) ? " " + request.background + "; choose another background"
                                                           : ", which is the best there is; give it a background");
    }
    return chosen;
}

} // namespace longtake::stages::picture
