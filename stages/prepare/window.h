#pragma once

#include "stages/prepare/prepare.h"

#include <opencv2/core/mat.hpp>

namespace longtake::stages::picture {

/// A part of a picture, and how many faces it was chosen to keep whole; 0: it was chosen for what stands out.
struct Window : Box {
    int faces = 0;
};

/// The window of this size that holds the faces found, whole and with their hair where it can, cutting through as
/// few as it can; and among those the one with the most to see: detail, colours that stand out, skin, and all of it
/// more in the middle. The one nearest the middle unless another is clearly better. It is slid along the one side where
/// the picture is larger.
Window choose_window(const cv::Mat& bgr, Size size);

} // namespace longtake::stages::picture
