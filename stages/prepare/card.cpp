#include "stages/prepare/card.h"

#include "pipeline/av/text.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "stages/prepare/codecs/codecs.h"

#include <opencv2/imgproc.hpp>

namespace longtake::stages {

Still prepare_card(const Card& card, Size size, const TextBox& box, const std::filesystem::path& stills)
{
    av::Picture picture = av::plain_picture(size, card.background);
    av::TextStyle style;
    style.font = card.font;
    style.colour = card.colour;
    style.left = box.left;
    style.right = box.right;
    style.top = box.top;
    style.bottom = box.bottom;
    av::draw_text(picture, card.text, style);

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
    write_atomic(still.file, bytes);
    return still;
}

} // namespace longtake::stages
