#include "pipeline/image/faces.h"

#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

namespace longtake::image {
namespace {

constexpr int k_sought_side = 400; // of the picture, in the first search
constexpr int k_finer_side = 800;  // in the second, for the faces of people who are seen from head to foot
constexpr int k_least_face = 24;   // pixels; the cascade's own window has 20
constexpr double k_overlap = 1.3;  // how far the second search reaches into the first's sizes
constexpr double k_step = 1.1;

/// Beside the first.
constexpr const char* k_second_cascade = "haarcascade_frontalface_default.xml";

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

/// A picture in grey, shrunk so that its longer side has this many pixels; never enlarged.
struct Grey {
    cv::Mat pixels;
    double scale = 1;

    Grey(const cv::Mat& bgr, int side) : scale(std::min(1.0, static_cast<double>(side) / std::max(bgr.cols, bgr.rows)))
    {
        cv::resize(bgr, pixels, {}, scale, scale, cv::INTER_AREA);
        cv::cvtColor(pixels, pixels, cv::COLOR_BGR2GRAY);
    }

    Box on_picture(const cv::Rect& at) const
    {
        const auto whole = [&](int length) { return static_cast<int>(std::lround(length / scale)); };
        return {whole(at.x), whole(at.y), whole(at.width), whole(at.height)};
    }
};

/// Faces between two widths, in pixels of the picture itself; `most` 0: as large as it.
std::vector<Box> faces_between(cv::CascadeClassifier& cascade, const Grey& grey, int least, int most)
{
    constexpr int k_agreeing = 6; // of the overlapping hits a face gives, dozens as a rule; less is mostly a mistake
    std::vector<cv::Rect> found;
    cascade.detectMultiScale(grey.pixels, found, k_step, k_agreeing, 0, {least, least}, {most, most});
    std::vector<Box> faces;
    for (const cv::Rect& face : found) {
        faces.push_back(grey.on_picture(face));
    }
    return faces;
}

/// What is left of a picture's part around a face, twice as wide as it.
cv::Rect twice_around(const Box& face, const cv::Mat& bgr)
{
    return cv::Rect(face.x - face.width / 2, face.y - face.height / 2, 2 * face.width, 2 * face.height) &
           cv::Rect(0, 0, bgr.cols, bgr.rows);
}

/// Whether another cascade, trained in another way, sees a face there too. Small patches of anything look like one.
bool confirmed(cv::CascadeClassifier& other, const cv::Mat& bgr, const Box& face)
{
    if (other.empty()) {
        return true; // it is not installed
    }
    constexpr int k_looked_at = 120; // pixels, of twice the face's width
    constexpr int k_agreeing = 3;
    constexpr double k_fine_step = 1.05;
    const cv::Rect around = twice_around(face, bgr);
    cv::Mat grey;
    cv::resize(bgr(around), grey, {k_looked_at, k_looked_at * around.height / around.width}, 0, 0, cv::INTER_LINEAR);
    cv::cvtColor(grey, grey, cv::COLOR_BGR2GRAY);
    std::vector<cv::Rect> found;
    other.detectMultiScale(grey, found, k_fine_step, k_agreeing, 0, {k_looked_at / 3, k_looked_at / 3},
                           {k_looked_at * 3 / 4, k_looked_at * 3 / 4});
    return !found.empty();
}

/// Those that the first search is too coarse for.
std::vector<Box> small_faces(cv::CascadeClassifier& cascade, const std::filesystem::path& file, const cv::Mat& bgr)
{
    const Grey grey(bgr, k_finer_side);
    const double finer = static_cast<double>(std::max(grey.pixels.cols, grey.pixels.rows)) / k_sought_side;
    if (finer < k_overlap) {
        return {};
    }
    const int most = static_cast<int>(std::lround(k_least_face * k_overlap * finer));
    std::vector<Box> faces = faces_between(cascade, grey, k_least_face, most);
    cv::CascadeClassifier& other = cascade_of_this_thread(file.parent_path() / k_second_cascade);
    std::erase_if(faces, [&](const Box& face) { return !confirmed(other, bgr, face); });
    return faces;
}

/// In the first search.
std::vector<Box> large_faces(cv::CascadeClassifier& cascade, const cv::Mat& bgr)
{
    const Grey grey(bgr, k_sought_side);
    const int least = std::max(k_least_face, std::min(grey.pixels.cols, grey.pixels.rows) / 16);
    return faces_between(cascade, grey, least, 0);
}

/// The largest first. A far smaller one is somebody behind, or a mistake.
std::vector<Box> largest_first(std::vector<Box> faces)
{
    std::sort(faces.begin(), faces.end(), [](const Box& a, const Box& b) {
        return std::tie(b.width, a.x, a.y) < std::tie(a.width, b.x, b.y); // found by several threads, in any order
    });
    if (!faces.empty()) {
        std::erase_if(faces, [largest = faces.front().width](const Box& face) { return face.width * 3 < largest; });
    }
    return faces;
}

/// Whether faces can be sought in a picture: it is not tiny, and the cascade is there.
bool can_seek(const cv::Mat& bgr, const cv::CascadeClassifier& cascade)
{
    const double scale = std::min(1.0, double{k_sought_side} / std::max(bgr.cols, bgr.rows));
    return std::min(bgr.cols, bgr.rows) * scale >= k_least_face && !cascade.empty();
}

} // namespace

std::vector<Box> find_faces(const cv::Mat& bgr, const std::filesystem::path& cascade)
{
    cv::CascadeClassifier& classifier = cascade_of_this_thread(cascade);
    if (!can_seek(bgr, classifier)) {
        return {};
    }
    std::vector<Box> faces = large_faces(classifier, bgr);
    if (faces.empty()) {
        faces = small_faces(classifier, cascade, bgr);
    }
    return largest_first(std::move(faces));
}

std::vector<Box> find_large_faces(const cv::Mat& bgr, const std::filesystem::path& cascade)
{
    cv::CascadeClassifier& classifier = cascade_of_this_thread(cascade);
    return can_seek(bgr, classifier) ? largest_first(large_faces(classifier, bgr)) : std::vector<Box>{};
}

std::vector<Box> find_small_faces(const cv::Mat& bgr, const std::filesystem::path& cascade)
{
    cv::CascadeClassifier& classifier = cascade_of_this_thread(cascade);
    return can_seek(bgr, classifier) ? largest_first(small_faces(classifier, cascade, bgr)) : std::vector<Box>{};
}

std::optional<Box> find_face_near(const cv::Mat& bgr, const Box& face, const std::filesystem::path& cascade)
{
    constexpr int k_face = 36; // pixels it is looked at with
    constexpr int k_agreeing = 3;
    cv::CascadeClassifier& classifier = cascade_of_this_thread(cascade);
    const cv::Rect around = cv::Rect(face.x - face.width, face.y - face.height, 3 * face.width, 3 * face.height) &
                            cv::Rect(0, 0, bgr.cols, bgr.rows);
    const double scale = std::min(1.0, static_cast<double>(k_face) / std::max(1, face.width));
    if (classifier.empty() || std::min(around.width, around.height) * scale < k_least_face) {
        return std::nullopt;
    }
    cv::Mat grey;
    cv::cvtColor(bgr(around), grey, cv::COLOR_BGR2GRAY);
    cv::resize(grey, grey, {}, scale, scale, cv::INTER_AREA);
    std::vector<cv::Rect> found;
    const auto side = [&](double times) {
        return std::max(20, static_cast<int>(std::lround(face.width * scale * times)));
    };
    classifier.detectMultiScale(grey, found, k_step, k_agreeing, 0, {side(0.75), side(0.75)}, {side(1.34), side(1.34)});
    if (found.empty()) {
        return std::nullopt;
    }
    const auto off = [&](const cv::Rect& at) {
        return std::hypot(around.x + (at.x + at.width / 2.0) / scale - (face.x + face.width / 2.0),
                          around.y + (at.y + at.height / 2.0) / scale - (face.y + face.height / 2.0));
    };
    const cv::Rect near = *std::min_element(found.begin(), found.end(),
                                            [&](const cv::Rect& a, const cv::Rect& b) { return off(a) < off(b); });
    const auto whole = [&](int length) { return static_cast<int>(std::lround(length / scale)); };
    return Box{around.x + whole(near.x), around.y + whole(near.y), whole(near.width), whole(near.height)};
}

} // namespace longtake::image
