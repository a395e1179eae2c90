#include "stages/prepare/faces.h"

#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace longtake::stages::picture {
namespace {

constexpr int k_sought_side = 400;

/// A cascade keeps its scratch memory in itself: one for each thread. Empty where the file cannot be read.
cv::CascadeClassifier& cascade_of_this_thread(const std::filesystem::path& file)
{
    static thread_local std::map<std::filesystem::path, cv::CascadeClassifier> loaded;
    const auto [at, fresh] = loaded.try_emplace(file);
    std::error_code error;
    if (fresh && std::filesystem::is_regular_file(file, error)) { // OpenCV complains on stderr where there is none
        at->second.load(file.string());
    }
    return at->second;
}

} // namespace

std::vector<Box> find_faces(const cv::Mat& bgr, const std::filesystem::path& cascade)
{
    constexpr int k_least_side = 24; // of the cascade's own window
    const double scale = std::min(1.0, double{k_sought_side} / std::max(bgr.cols, bgr.rows));
    if (std::min(bgr.cols, bgr.rows) * scale < k_least_side) {
        return {};
    }
    cv::CascadeClassifier& classifier = cascade_of_this_thread(cascade);
    if (classifier.empty()) {
        return {};
    }
    cv::Mat gray;
    cv::resize(bgr, gray, {}, scale, scale, cv::INTER_AREA);
    cv::cvtColor(gray, gray, cv::COLOR_BGR2GRAY);
    const int least = std::max(k_least_side, std::min(gray.cols, gray.rows) / 16);
    constexpr double k_step = 1.1;
    constexpr int k_agreeing = 6; // of the overlapping hits a face gives, dozens as a rule; less is mostly a mistake
    std::vector<cv::Rect> found;
    classifier.detectMultiScale(gray, found, k_step, k_agreeing, 0, {least, least});
    std::vector<Box> faces;
    for (const cv::Rect& face : found) {
        const auto whole = [&](int length) { return static_cast<int>(std::lround(length / scale)); };
        faces.push_back({whole(face.x), whole(face.y), whole(face.width), whole(face.height)});
    }
    std::sort(faces.begin(), faces.end(), [](const Box& a, const Box& b) {
        return std::tie(b.width, a.x, a.y) < std::tie(a.width, b.x, b.y); // found by several threads, in any order
    });
    if (!faces.empty()) { // a far smaller one is somebody behind, or a mistake
        std::erase_if(faces, [largest = faces.front().width](const Box& face) { return face.width * 3 < largest; });
    }
    return faces;
}

} // namespace longtake::stages::picture
