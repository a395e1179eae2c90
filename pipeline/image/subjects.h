#pragma once

#include "pipeline/image/box.h"

#include <opencv2/core.hpp>

#include <cstdint>
#include <vector>

namespace longtake::image {

/// What was seen at a look at a clip. Places are in shares of the picture's width and height.
struct Observation {
    std::int64_t frame = 0;
    std::vector<cv::Rect2d> faces{}; ///< forehead to chin, not yet confirmed by other looks
    std::vector<cv::Rect2d> text{};  ///< lines that look like writing; not sought where there are faces
    cv::Mat small{};                 ///< BGR, 8 bits, 128 pixels on the longer side
};

/// Observes a clip, in blocks of ten looks. Faces that were there in the block before are followed look by look, which
/// costs a twentieth of seeking them. They are sought in the middle of every second block, and while there are none of
/// every block, and followed from there both ways; small ones, which costs most, only half and a quarter as often.
/// Takes 25 kB of memory a look.
class Observer {
public:
    /// Without faces (and text) it only keeps what motion and colours are seen in.
    explicit Observer(bool faces = true) : faces_(faces) {}

    /// The next look, BGR of 8 bits, 400 to 800 pixels on the longer side; not to be written to afterwards.
    void look(std::int64_t frame, const cv::Mat& bgr);

    /// All of them, in order. Call once.
    std::vector<Observation> finish();

private:
    void end_block();
    void seek_faces(std::size_t look);
    void follow(const Box& face, std::ptrdiff_t from, int direction);
    bool has_face(std::size_t look, const Box& face) const;
    Observation& seen_at(std::size_t look) { return seen_[seen_.size() - block_.size() + look]; }

    bool faces_;
    int blocks_ = 0;
    std::vector<Box> known_;     ///< faces in the last look of the block before
    std::vector<cv::Mat> block_; ///< looks whose faces are still to be sought: the last of `seen_`
    std::vector<Observation> seen_;
};

/// What there is to see at each look within a part of the picture (in pixels of `Observation::small`), CV_32F summing
/// to 1: saliency, writing, and what moves unless most of the picture does.
std::vector<cv::Mat> interest_over(const std::vector<Observation>& looks, const Box& active);

} // namespace longtake::image
