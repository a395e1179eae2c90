#pragma once

#include "pipeline/av/bitstream/av1/obu.h"
#include "pipeline/av/bitstream/av1/sequence_header.h"
#include "tests/support/h264.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

namespace longtake::av::av1 {

/// A moving, noisy picture as temporal units of AV1.
struct Av1Spec {
    const char* name = "";
    const char* options = "";      ///< of the encoder, as the ffmpeg command line has them
    const char* element = nullptr; ///< a syntax element the stream is there for,
    int value = 0;                 ///< and the value it must have somewhere
    int frames = 14;
    const char* format = "yuv420p";
    const char* size = "176x144";

    friend std::ostream& operator<<(std::ostream& out, const Av1Spec& spec) { return out << spec.name; }
};

inline constexpr const char* k_tagged = "-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv ";

/// Streams of every kind an encoder can be asked for, each with a syntax element that proves it is of its kind.
inline constexpr std::array<Av1Spec, 19> k_specs{{
    {"Svt", "-c:v libsvtav1 -preset 10 -g 6", "show_existing_frame", 1},
    {"SvtLowDelay", "-c:v libsvtav1 -preset 10 -g 6 -svtav1-params pred-struct=1", "refresh_frame_flags", 0},
    {"SvtSuperres", "-c:v libsvtav1 -preset 10 -svtav1-params superres-mode=1:superres-denom=12:superres-kf-denom=12",
     "use_superres", 1},
    {"SvtGrain", "-c:v libsvtav1 -preset 10 -svtav1-params film-grain=10", "film_grain_params_present", 1},
    {"SvtIntraOnly", "-c:v libsvtav1 -preset 10 -g 16 -svtav1-params irefresh-type=1", "frame_type", 2, 40},
    {"SvtTenBit", "-c:v libsvtav1 -preset 10", "high_bitdepth", 1, 6, "yuv420p10le"},
    {"Aom", "-c:v libaom-av1 -cpu-used 8 -g 6", "showable_frame", 1},
    {"AomNoOrderHints", "-c:v libaom-av1 -cpu-used 8 -aom-params enable-order-hint=0", "enable_order_hint", 0},
    {"AomLargeBlocks", "-c:v libaom-av1 -cpu-used 8 -aom-params sb-size=128", "use_128x128_superblock", 1},
    {"AomIds", "-c:v libaom-av1 -cpu-used 8 -error-resilience default", "frame_id_numbers_present_flag", 1},
    {"AomRealTime", "-c:v libaom-av1 -cpu-used 8 -usage realtime", "error_resilient_mode", 0},
    {"AomTiles", "-c:v libaom-av1 -cpu-used 8 -tiles 2x1 -aom-params num-tile-groups=2", "obu_type", 4, 6, "yuv420p",
     "512x128"},
    {"AomTiming", "-c:v libaom-av1 -cpu-used 8 -aom-params timing-info=1", "timing_info_present_flag", 1},
    {"AomModel", "-c:v libaom-av1 -cpu-used 8 -aom-params timing-info=model", "decoder_model_info_present_flag", 1},
    {"AomMonochrome", "-c:v libaom-av1 -cpu-used 8", "mono_chrome", 1, 4, "gray"},
    {"Aom444", "-c:v libaom-av1 -cpu-used 8", "seq_profile", 1, 4, "yuv444p"},
    {"AomTagged",
     "-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv -c:v libaom-av1 -cpu-used 8",
     "color_description_present_flag", 1, 4},
    {"AomStill", "-c:v libaom-av1 -still-picture 1", "reduced_still_picture_header", 1, 1},
    {"Rav1e", "-c:v librav1e -speed 10 -g 6", "seq_force_screen_content_tools", 0},
}};

inline std::filesystem::path write_av1(const std::filesystem::path& file, const Av1Spec& spec)
{
    ::setenv("SVT_LOG", "1", 0); // libsvtav1 tells of its settings otherwise
    test::ffmpeg("-f lavfi -i 'testsrc2=s=" + std::string(spec.size) + ":r=25,noise=alls=12:allf=t' -frames:v " +
                 std::to_string(spec.frames) + " -pix_fmt " + spec.format + " " + spec.options + " -f obu '" +
                 file.string() + "'");
    return file;
}

/// The temporal units of a raw file, each from its delimiter on.
inline std::vector<Bytes> units_of(const std::filesystem::path& file)
{
    const Bytes bytes = test::read_bytes(file);
    std::vector<Bytes> units;
    for (const Obu& obu : split_obus(bytes)) {
        if (obu.type == ObuType::temporal_delimiter) {
            units.emplace_back();
        }
        units.back().insert(units.back().end(), obu.whole.begin(), obu.whole.end());
    }
    return units;
}

inline std::filesystem::path write_units(const std::filesystem::path& file, const std::vector<Bytes>& units)
{
    std::ofstream out(file, std::ios::binary);
    for (const Bytes& unit : units) {
        out.write(reinterpret_cast<const char*>(unit.data()), static_cast<std::streamsize>(unit.size()));
    }
    return file;
}

inline const Av1Spec& spec_called(const std::string& name)
{
    const auto* const spec = std::ranges::find(k_specs, name, [](const Av1Spec& one) { return std::string(one.name); });
    return spec != k_specs.end() ? *spec : throw std::runtime_error("no stream is called " + name);
}

inline std::string spec_name(const ::testing::TestParamInfo<Av1Spec>& info)
{
    return info.param.name;
}

} // namespace longtake::av::av1
