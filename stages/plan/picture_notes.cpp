#include "stages/plan/picture_notes.h"

#include "pipeline/providers/take_renderer.h"
#include "stages/plan/format.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake::stages {
namespace {

constexpr double k_soft = 3; ///< pixels of the film for one of the picture, from where on it looks soft

/// Pixels of the canvas for one of the picture: in a crop the side that fills it, otherwise the one that fits decides.
double enlargement(const ShotPlan& shot, Size canvas)
{
    const double across = static_cast<double>(canvas.width) / shot.picture.width;
    const double down = static_cast<double>(canvas.height) / shot.picture.height;
    const Fit fit = shot.shot.settings.fit;
    return fit == Fit::automatic || fit == Fit::crop ? std::max(across, down) : std::min(across, down);
}

/// How much closer than its canvas needs the camera shows it: what a service does is not known.
double closest(const Plan& plan, const ShotPlan& shot, Size canvas)
{
    return plan.paid || shot.shot.end_image ? 1
                                            : local::closest(shot.shot.settings.camera, drift_on(shot, canvas), canvas,
                                                             plan.rate.seconds(shot.handle + shot.frames));
}

} // namespace

void note_pictures(Plan& plan, const std::vector<Size>& canvases)
{
    for (const ShotPlan& shot : plan.shots) {
        if (shot.picture.width == 0 || canvases.empty()) {
            continue;
        }
        const auto enlarged = [&](Size canvas) { return enlargement(shot, canvas) * closest(plan, shot, canvas); };
        const Size worst = *std::ranges::max_element(canvases, {}, enlarged);
        if (enlarged(worst) > k_soft) {
            plan.notes.push_back(fmt::format("shot '{}': its picture of {} is enlarged {:.1f} times on {}, and will "
                                             "look soft; give it a larger one",
                                             shot.shot.id, shot.picture.text(), enlarged(worst), worst.text()));
        }
    }
}

} // namespace longtake::stages
