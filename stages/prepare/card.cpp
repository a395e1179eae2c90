#include "stages/prepare/card.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "pipeline/model/rgb.h"
#include "stages/prepare/codecs/codecs.h"

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace longtake::stages {
namespace {

av::TextStyle style_of(const Card& card, const SafeBox& box)
{
    av::TextStyle style;
    style.font = card.font;
    style.colour = card.colour;
    style.left = box.left;
    style.right = box.right;
    style.top = box.top;
    style.bottom = box.bottom;
    return style;
}

double luminance_of(const std::string& colour)
{
    const auto rgb = rgb_of(colour);
    if (!rgb) {
        throw Error(Errc::usage, "'" + colour + "' is no colour; write it like #20140c");
    }
    return relative_luminance(*rgb);
}

void note_contrast(const Card& card, double em, Size size, std::vector<std::string>& notes)
{
    // Large is 18 points, 24 CSS pixels: where a film is seen smallest, on a phone of 390 pixels across, 6 % of it.
    constexpr double k_large = 0.06;
    const bool large = em >= k_large * std::min(size.width, size.height);
    const double least = large ? 3 : 4.5;
    const double contrast = contrast_ratio(luminance_of(card.colour), luminance_of(card.background));
    if (contrast < least) {
        notes.push_back(fmt::format("the text's {} on {} has a contrast of {:.1f}:1, hard to read below {}:1 (WCAG)",
                                    card.colour, card.background, std::floor(10 * contrast) / 10, least));
    }
}

} // namespace

av::SetText set_card(const Card& card, Size size, const SafeBox& box)
{
    av::SetText set = av::set_text(size, card.text, style_of(card, box));
    note_contrast(card, set.em, size, set.notes);
    return set;
}

Still prepare_card(const Card& card, Size size, const SafeBox& box, const std::filesystem::path& stills)
{
    av::Picture picture = av::plain_picture(size, card.background);
    av::draw_text(picture, card.text, style_of(card, box));

    const cv::Mat rgb(size.height, size.width, CV_8UC3, picture.rgb.data());
    cv::Mat bgr;
    cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
    const std::string bytes = picture::encode_png(bgr);
    Still still;
    still.sha256 = sha256_of(bytes);
    still.file = stills / (still.sha256 + ".png");
    still.size = size;
    still.format = "png";
    still.actions = {"card"};
    still.warnings = set_card(card, size, box).notes;
    write_atomic(still.file, bytes);
    return still;
}

} // namespace longtake::stages
