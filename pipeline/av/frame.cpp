#include "pipeline/av/frame.h"

#include "pipeline/av/picture/colour.h"

#include <cstring>

namespace longtake::av {

void Frame::Free::operator()(AVFrame* frame) const noexcept
{
    av_frame_free(&frame);
}

Frame::Frame() : frame_(av_frame_alloc())
{
    if (!frame_) {
        throw std::bad_alloc();
    }
}

Frame Frame::share() const
{
    Frame copy;
    check(av_frame_ref(copy.get(), get()), "share a frame");
    return copy;
}

Frame Frame::yuv420(Size size)
{
    Frame frame;
    frame->format = AV_PIX_FMT_YUV420P;
    frame->width = size.width;
    frame->height = size.height;
    tag_bt709(frame.get());
    check(av_frame_get_buffer(frame.get(), 0), "allocate a picture of " + size.text());
    return frame;
}

Frame Frame::rgb(Size size)
{
    Frame frame;
    frame->format = AV_PIX_FMT_RGB24;
    frame->width = size.width;
    frame->height = size.height;
    frame->color_range = AVCOL_RANGE_JPEG;
    frame->colorspace = AVCOL_SPC_RGB;
    check(av_frame_get_buffer(frame.get(), 0), "allocate a picture of " + size.text());
    return frame;
}

Frame Frame::plain(Size size, std::uint8_t y, std::uint8_t cb, std::uint8_t cr)
{
    Frame frame = yuv420(size);
    const std::uint8_t value[3] = {y, cb, cr};
    for (int plane = 0; plane < 3; ++plane) {
        const int rows = plane == 0 ? size.height : (size.height + 1) / 2;
        std::memset(frame->data[plane], value[plane], static_cast<std::size_t>(frame->linesize[plane]) * rows);
    }
    return frame;
}

Frame Frame::like(const Frame& other)
{
    Frame frame;
    frame->format = other->format;
    frame->width = other->width;
    frame->height = other->height;
    check(av_frame_copy_props(frame.get(), other.get()), "allocate a picture");
    check(av_frame_get_buffer(frame.get(), 0), "allocate a picture of " + other.size().text());
    return frame;
}

bool Frame::deep() const noexcept
{
    return frame_->format == AV_PIX_FMT_YUV420P10LE;
}

Size Frame::size() const noexcept
{
    return {frame_->width, frame_->height};
}

std::uint8_t* Frame::plane(int index) const noexcept
{
    return frame_->data[index];
}

int Frame::stride(int index) const noexcept
{
    return frame_->linesize[index];
}

} // namespace longtake::av
