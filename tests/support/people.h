#pragma once

#include "tests/support/photos.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <vector>

namespace longtake::test {

/// A photograph of 512x512. Her face is in columns 180 to 270 and rows 70 to 165, near enough.
inline cv::Mat astronaut()
{
    return cv::imread(photo("astronaut.png").string());
}

/// The photograph twice, side by side with a wall of `gap` columns between.
inline cv::Mat two_people(int gap)
{
    const cv::Mat one = astronaut();
    cv::Mat other, both;
    cv::flip(one, other, 1);
    cv::hconcat(std::vector<cv::Mat>{one, cv::Mat(one.rows, gap, CV_8UC3, cv::Scalar(135, 125, 115)), other}, both);
    return both;
}

/// Somebody seen from head to foot: her face is 5 % of the longer side.
inline cv::Mat full_length(int side)
{
    cv::Mat street, person, picture;
    cv::resize(cv::imread(photo("coffee.png").string()), street, {side * 9 / 16, side}, 0, 0, cv::INTER_AREA);
    const int width = static_cast<int>(side * 0.05 * 512 / 95); // the face of the photograph is 95 wide
    cv::resize(astronaut(), person, {width, width}, 0, 0, cv::INTER_AREA);
    picture = street.clone();
    person.copyTo(picture(cv::Rect(side / 8, side / 20, width, width)));
    return picture;
}

} // namespace longtake::test
