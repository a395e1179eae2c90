#include "stages/deliver/copy_terms.h"

#include "pipeline/av/bitstream/codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace longtake::stages {
namespace {

/// Who encodes beside copies of which codec, and of which pictures.
struct CopyingEncoder {
    std::string_view encoder;
    std::string_view codec;
    std::string_view pixel_format;
};
constexpr std::array<CopyingEncoder, 5> k_encoders = {{{"libx264", "h264", "yuv420p"},
                                                       {"libx265", "hevc", "yuv420p"},
                                                       {"libx265", "hevc", "yuv420p10le"},
                                                       {"libsvtav1", "av1", "yuv420p"},
                                                       {"libsvtav1", "av1", "yuv420p10le"}}};

/// A preset's word for a profile and its profile_idc. Whoever decodes one decodes those of lower numbers (ITU-T H.264,
/// A.2; H.265, A.3.3); of Baseline what nobody encodes is left aside.
struct ProfileWord {
    std::string_view codec;
    std::string_view word;
    int number;
};
constexpr std::array<ProfileWord, 5> k_profiles = {{{"h264", "baseline", 66},
                                                    {"h264", "main", 77},
                                                    {"h264", "high", 100},
                                                    {"hevc", "main", 1},
                                                    {"hevc", "main10", 2}}};

std::string codec_text(const std::string& codec)
{
    const av::SpliceableCodec* known = av::spliceable_codec(codec);
    return known == nullptr ? codec : std::string(known->title);
}

} // namespace

bool copies_footage(const Preset& preset)
{
    const Preset::Video& video = preset.video;
    return preset.copies != Preset::Copies::none && std::ranges::any_of(k_encoders, [&](const CopyingEncoder& one) {
               return one.encoder == video.encoder && one.codec == video.codec &&
                      one.pixel_format == video.pixel_format;
           });
}

CopyTerms copy_terms(const Preset& preset, Rate rate)
{
    CopyTerms terms;
    terms.codec = preset.video.codec;
    terms.pixel_format = preset.video.pixel_format;
    if (preset.copies != Preset::Copies::within_limits) {
        return terms;
    }
    terms.longest_gop = rate.frames(preset.video.gop_seconds);
    terms.limit = rate_limit_of(preset.video);
    const auto asked = std::ranges::find_if(k_profiles, [&](const ProfileWord& one) {
        return one.codec == preset.video.codec && one.word == preset.video.profile;
    });
    if (asked != k_profiles.end()) {
        terms.profile = asked->number;
    }
    return terms;
}

std::string breach(const CopyTerms& terms, const av::ClipIndex& clip)
{
    if (clip.codec != terms.codec) {
        return fmt::format("it is {}, the film {}", codec_text(clip.codec), codec_text(terms.codec));
    }
    if (clip.pixel_format != terms.pixel_format) {
        return fmt::format("its pictures are {}, the film's {}", clip.pixel_format, terms.pixel_format);
    }
    if (terms.longest_gop && clip.longest_gop() > *terms.longest_gop) {
        return fmt::format("its GOPs of {} are longer than the {} asked for", frames_text(clip.longest_gop()),
                           *terms.longest_gop);
    }
    if (terms.profile && clip.profile > *terms.profile) {
        return fmt::format("its profile is {}, {} is asked for", clip.profile, *terms.profile);
    }
    return {};
}

std::size_t most_groups(const CopyTerms& terms)
{
    const av::SpliceableCodec* codec = av::spliceable_codec(terms.codec);
    return codec == nullptr ? 0 : codec->sources - 1;
}

std::string entry_text(const CopyTerms& terms)
{
    const av::SpliceableCodec* codec = av::spliceable_codec(terms.codec);
    return codec == nullptr ? "keyframe" : std::string(codec->entry);
}

std::string frames_text(std::int64_t count)
{
    return count == 1 ? "1 frame" : fmt::format("{} frames", count);
}

} // namespace longtake::stages
