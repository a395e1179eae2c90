#pragma once

#include "pipeline/av/ffmpeg.h"
#include "pipeline/av/media_writer.h"

#include <functional>
#include <string>

namespace longtake::av {

/// Receives each packet an encoder gives, in the encoder's time base; it may move the reference out.
using PacketSink = std::function<void(AVPacket*)>;

/// Throws Error(usage) if this build of FFmpeg has no such encoder.
const AVCodec* find_encoder(const std::string& name);

/// Sets an option of the context or of its codec. Throws Error(usage) naming `encoder` and the option it does not take.
void set_option(AVCodecContext* context, const std::string& encoder, const std::string& key, const std::string& value);

/// More parameters for libx264 ("x264-params") or libx265 ("x265-params"), "a=1:b=2", behind those that are there: of
/// two of one name the last counts.
void add_params(Preset::Video& video, const std::string& option, const std::string& params);

/// Opens the video encoder a spec asks for: constant rate, closed GOP, BT.709 limited, square pixels.
/// Throws Error(usage) naming the encoder or option that is not there.
CodecPtr open_video_encoder(const MediaSpec& spec, bool global_header);

/// The same picture with its place in time, ready for an encoder.
Frame timed(const Frame& frame, std::int64_t pts);

/// Sends one frame (null: the end) and hands on what comes out.
void encode(AVCodecContext* encoder, const AVFrame* frame, const PacketSink& sink);

} // namespace longtake::av
