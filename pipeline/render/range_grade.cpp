#include "pipeline/render/range_grade.h"

#include "pipeline/image/grade.h"

#include <utility>

namespace longtake::render {

RangeGrade::RangeGrade(const Range& range) : range_(range), lut_(range.lut ? image::lut_of(*range.lut) : nullptr) {}

av::Frame RangeGrade::apply(av::Frame frame, std::int64_t number) const
{
    if (!range_.grade.empty()) {
        frame = image::graded(frame, grade_at(range_.grade, number));
    }
    return lut_ ? lut_->apply(frame) : std::move(frame);
}

} // namespace longtake::render
