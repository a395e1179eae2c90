#include "stages/extend/track.h"

#include "pipeline/av/picture/picture_reader.h"
#include "stages/extend/colour_match.h"
#include "stages/extend/strip.h"

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

#include <algorithm>
#include <cmath>

namespace longtake::stages {
namespace {

constexpr int k_columns = 32;        ///< of places at first
constexpr int k_patch = 5;           ///< side of what is looked at about a place
constexpr std::size_t k_enough = 60; ///< places that tell something
constexpr float k_slip = 0.5F;       ///< pixels a place may miss itself by, followed forth and back

cv::Mat tracked_plane(const image::Thumbnail& frame)
{
    cv::Mat grey;
    frame.luma.convertTo(grey, CV_8U);
    return grey;
}

/// Places on a grid and where they have come.
class Places {
public:
    explicit Places(const cv::Mat& frame) : last_(frame)
    {
        const int step = std::max(2, frame.cols / k_columns);
        for (int y = step; y < frame.rows - step; y += step) {
            for (int x = step; x < frame.cols - step; x += step) {
                then_.emplace_back(static_cast<float>(x), static_cast<float>(y));
            }
        }
        now_ = then_;
    }

    /// Follows them into the next frame; forgets those that are lost.
    void follow(const cv::Mat& frame)
    {
        if (now_.empty()) {
            return;
        }
        std::vector<cv::Point2f> there;
        std::vector<cv::Point2f> back;
        std::vector<uchar> found;
        std::vector<uchar> found_back;
        cv::calcOpticalFlowPyrLK(last_, frame, now_, there, found, cv::noArray(), k_window, k_levels);
        cv::calcOpticalFlowPyrLK(frame, last_, there, back, found_back, cv::noArray(), k_window, k_levels);
        std::size_t kept = 0;
        for (std::size_t i = 0; i < now_.size(); ++i) {
            if (found[i] != 0 && found_back[i] != 0 && cv::norm(back[i] - now_[i]) < k_slip &&
                inside(there[i], frame)) {
                then_[kept] = then_[i];
                now_[kept++] = there[i];
            }
        }
        then_.resize(kept);
        now_.resize(kept);
        last_ = frame;
    }

    const std::vector<cv::Point2f>& then() const { return then_; }
    const std::vector<cv::Point2f>& now() const { return now_; }

private:
    static bool inside(const cv::Point2f& place, const cv::Mat& frame)
    {
        constexpr float k_margin = k_patch;
        return place.x > k_margin && place.y > k_margin && place.x < static_cast<float>(frame.cols) - k_margin &&
               place.y < static_cast<float>(frame.rows) - k_margin;
    }

    static inline const cv::Size k_window{15, 15};
    static constexpr int k_levels = 2;

    cv::Mat last_;
    std::vector<cv::Point2f> then_;
    std::vector<cv::Point2f> now_;
};

/// What is seen at the places: a pixel each, the mean of a patch, so that blur is no loss of contrast.
image::ColourStats look_at(const av::Frame& rgb, const std::vector<cv::Point2f>& places)
{
    const cv::Mat whole(rgb.size().height, rgb.size().width, CV_8UC3, rgb.plane(0),
                        static_cast<std::size_t>(rgb.stride(0)));
    const av::Frame seen = av::Frame::rgb({static_cast<int>(places.size()), 1});
    cv::Mat patch;
    for (std::size_t i = 0; i < places.size(); ++i) {
        cv::getRectSubPix(whole, {k_patch, k_patch}, places[i], patch);
        const cv::Scalar mean = cv::mean(patch);
        for (int channel = 0; channel < 3; ++channel) {
            seen.plane(0)[3 * i + static_cast<std::size_t>(channel)] = cv::saturate_cast<uchar>(mean[channel]);
        }
    }
    return image::colour_stats_of_rgb(seen);
}

} // namespace

Grade change_within(const std::filesystem::path& file, std::int64_t from, Size size)
{
    av::PictureReader reader(file, from, size);
    auto first = reader.next();
    if (!first) {
        return {};
    }
    const image::Thumbnail begun = image::thumbnail_of(std::move(*first));
    Places places(tracked_plane(begun));
    image::Thumbnail last{begun.rgb.share(), begun.luma};
    bool followed = true;
    while (auto picture = reader.next()) {
        last = image::thumbnail_of(std::move(*picture));
        followed = !followed; // every other frame is enough
        if (followed) {
            places.follow(tracked_plane(last));
        }
    }
    if (!followed) {
        places.follow(tracked_plane(last));
    }
    if (places.now().size() < k_enough) {
        return {};
    }
    return transfer(look_at(begun.rgb, places.then()), look_at(last.rgb, places.now()), k_measured);
}

} // namespace longtake::stages
