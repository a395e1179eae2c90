#pragma once

#include "pipeline/av/ffmpeg.h"

#include <cstdint>
#include <string>

namespace longtake::av {

inline constexpr std::int64_t k_most_pixels = 100'000'000; ///< of a picture; more is refused before it is allocated

/// Who a file comes from, which decides what it may be.
enum class Accept {
    clips, ///< named by the user: what cameras, editors and recorders make
    takes, ///< downloaded from a service: MP4, MOV, Matroska, WebM
};

/// Throws Error(input) that names the file and the reason if media of this format are not read.
void check_accepted(const AVInputFormat* format, Accept accept, const std::string& name);

/// The formats of `accept` as libavformat's `format_whitelist`.
const std::string& format_list(Accept accept);

/// The decoders that may be opened, as libav's `codec_whitelist`.
const std::string& decoder_list();

/// Whether a codec is plain samples.
bool is_pcm(AVCodecID codec);

/// The decoder of a codec; null if there is none or its streams are not read.
const AVCodec* accepted_decoder(AVCodecID codec);

} // namespace longtake::av
