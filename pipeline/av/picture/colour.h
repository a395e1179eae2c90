#pragma once

#include "pipeline/av/ffmpeg.h"
#include "pipeline/model/dynamic_range.h"

#include <string>

namespace longtake::av {

/// The YUV matrix a picture was coded with, in the words of the scale filter; untagged pictures follow the convention
/// of their size (BT.601 below HD).
std::string matrix_of(const AVFrame* frame);

/// "pc" (full range) or "tv" (limited).
std::string range_of(const AVFrame* frame);

bool is_rgb(const AVFrame* frame);

/// "in_color_matrix=...:in_range=..." for the scale filter.
std::string scale_input(const AVFrame* frame);

/// The tags of a dynamic range's colours: BT.709, or BT.2020 with HLG or PQ.
struct ColourTags {
    AVColorSpace matrix;
    AVColorPrimaries primaries;
    AVColorTransferCharacteristic transfer;
};

ColourTags colour_tags(DynamicRange range) noexcept;

/// Marks a picture as such, limited, with square pixels.
void tag_colours(AVFrame* frame, DynamicRange range);

/// Marks a picture as BT.709 limited with square pixels.
void tag_bt709(AVFrame* frame);

/// Takes colour tags that no standard has yet for unspecified: some of libav's readers and decoders pass on any number
/// they find.
void keep_known_colours(AVCodecParameters* parameters);
void keep_known_colours(AVFrame* frame);

} // namespace longtake::av
