#include "stages/prepare/codecs/colour.h"

#include "pipeline/base/error.h"

#include <algorithm>
#include <array>
#include <lcms2.h>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <type_traits>
#include <vector>

namespace longtake::stages::picture {
namespace {

struct CloseProfile {
    void operator()(void* profile) const noexcept { cmsCloseProfile(profile); }
};
struct DeleteTransform {
    void operator()(void* transform) const noexcept { cmsDeleteTransform(transform); }
};
struct FreeToneCurve {
    void operator()(cmsToneCurve* curve) const noexcept { cmsFreeToneCurve(curve); }
};
using ToneCurve = std::unique_ptr<cmsToneCurve, FreeToneCurve>;
using Profile = std::unique_ptr<std::remove_pointer_t<cmsHPROFILE>, CloseProfile>;
using Transform = std::unique_ptr<std::remove_pointer_t<cmsHTRANSFORM>, DeleteTransform>;

constexpr cmsUInt32Number k_bgr = COLORSPACE_SH(PT_RGB) | CHANNELS_SH(3) | DOSWAP_SH(1); // lcms counts colours as RGB

/// The colour space a profile must be for, and lcms' name of our samples but for their depth.
struct Layout {
    cmsColorSpaceSignature space;
    cmsUInt32Number format;
};

Layout layout_of(int channels)
{
    switch (channels) {
    case 1: return {cmsSigGrayData, COLORSPACE_SH(PT_GRAY) | CHANNELS_SH(1)};
    case 4: return {cmsSigCmykData, COLORSPACE_SH(PT_CMYK) | CHANNELS_SH(4)};
    default: return {cmsSigRgbData, k_bgr};
    }
}

std::string description(cmsHPROFILE profile)
{
    std::array<char, 100> text{};
    cmsGetProfileInfoASCII(profile, cmsInfoDescription, "en", "US", text.data(), text.size());
    std::string out;
    for (const char c : std::string(text.data())) {
        out += c >= ' ' && c < 127 ? c : '?';
    }
    return out.empty() ? "unnamed" : out;
}

/// From samples of one depth to BGR of the same.
Transform transform_from(cmsHPROFILE profile, cmsUInt32Number format, int depth, cmsUInt32Number flags = 0)
{
    const cmsUInt32Number bytes = BYTES_SH(depth == CV_16U ? 2U : 1U);
    const Profile srgb(cmsCreate_sRGBProfile());
    return Transform(
        cmsCreateTransform(profile, format | bytes, srgb.get(), k_bgr | bytes, INTENT_RELATIVE_COLORIMETRIC,
                           cmsFLAGS_BLACKPOINTCOMPENSATION | cmsFLAGS_NOCACHE | flags)); // shared by threads
}

/// Whether colours all over the space come out as they went in: the profile is sRGB under whatever name.
bool changes_nothing(cmsHPROFILE profile, const Layout& layout)
{
    constexpr int k_steps = 6; // 0, 51, ..., 255
    const int channels = static_cast<int>(T_CHANNELS(layout.format));
    cv::Mat in(1, channels == 1 ? k_steps : k_steps * k_steps * k_steps, CV_8UC(channels));
    for (int i = 0; i < in.cols; ++i) {
        for (int c = 0, rest = i; c < channels; ++c, rest /= k_steps) {
            in.ptr()[i * channels + c] = static_cast<uchar>(rest % k_steps * 51);
        }
    }
    cv::Mat out(in.size(), CV_8UC3);
    const Transform transform = transform_from(profile, layout.format, CV_8U, cmsFLAGS_NOOPTIMIZE); // few colours
    if (!transform) {
        return true;
    }
    cmsDoTransform(transform.get(), in.data, out.data, static_cast<cmsUInt32Number>(in.cols));
    cv::Mat expected = in;
    if (channels == 1) {
        cv::cvtColor(in, expected, cv::COLOR_GRAY2BGR);
    }
    return cv::norm(out, expected, cv::NORM_INF) <= 1;
}

/// 8-bit BGR is converted where it lies.
cv::Mat transformed(const cv::Mat& colour, const Transform& transform)
{
    cv::Mat out = colour.type() == CV_8UC3 ? colour : cv::Mat(colour.size(), CV_MAKETYPE(colour.depth(), 3));
    cv::parallel_for_(cv::Range(0, colour.rows), [&](const cv::Range& rows) {
        for (int y = rows.start; y < rows.end; ++y) {
            cmsDoTransform(transform.get(), colour.ptr(y), out.ptr(y), static_cast<cmsUInt32Number>(colour.cols));
        }
    });
    return out;
}

/// Threshold map of ordered dither (Bayer 1973), 8x8, spread over the 257 values between two 8-bit ones.
int threshold(int x, int y)
{
    int order = 0;
    for (int bit = 0; bit < 3; ++bit) {
        const int across = x >> bit & 1;
        const int down = y >> bit & 1;
        order = order << 2 | (across ^ down) << 1 | down;
    }
    return 4 * order + 2;
}

cv::Mat dithered(const cv::Mat& deep)
{
    cv::Mat out(deep.size(), CV_8UC(deep.channels()));
    const int channels = deep.channels();
    cv::parallel_for_(cv::Range(0, deep.rows), [&](const cv::Range& rows) {
        for (int y = rows.start; y < rows.end; ++y) {
            std::array<int, 8> row{};
            for (int x = 0; x < 8; ++x) {
                row[static_cast<std::size_t>(x)] = threshold(x, y);
            }
            const auto* in = deep.ptr<std::uint16_t>(y);
            uchar* to = out.ptr(y);
            for (int i = 0; i < deep.cols * channels; ++i) {
                to[i] = static_cast<uchar>((in[i] + row[static_cast<std::size_t>(i / channels % 8)]) / 257);
            }
        }
    });
    return out;
}

/// Ideal inks: each takes all of its complement and nothing else.
template <class Sample>
void mix_inks(const cv::Mat& cmyk, cv::Mat& bgr)
{
    constexpr std::uint32_t k_full = std::numeric_limits<Sample>::max();
    for (int y = 0; y < cmyk.rows; ++y) {
        const auto* in = cmyk.ptr<Sample>(y);
        auto* out = bgr.ptr<Sample>(y);
        for (int x = 0; x < cmyk.cols; ++x, in += 4, out += 3) {
            const std::uint32_t light = k_full - in[3];
            for (int c = 0; c < 3; ++c) {
                out[2 - c] = static_cast<Sample>(((k_full - in[c]) * light + k_full / 2) / k_full);
            }
        }
    }
}

cv::Mat without_profile(const cv::Mat& colour)
{
    cv::Mat out = colour;
    if (colour.channels() == 1) {
        cv::cvtColor(colour, out, cv::COLOR_GRAY2BGR);
    } else if (colour.channels() == 4) {
        out = cv::Mat(colour.size(), CV_MAKETYPE(colour.depth(), 3));
        colour.depth() == CV_16U ? mix_inks<std::uint16_t>(colour, out) : mix_inks<std::uint8_t>(colour, out);
    }
    return out;
}

/// Null if there is none, or none that lcms takes.
Profile profile_in(const std::string& icc)
{
    return Profile(icc.empty() ? nullptr : cmsOpenProfileFromMem(icc.data(), static_cast<cmsUInt32Number>(icc.size())));
}

Managed managed(const Raster& raster)
{
    const Profile profile = profile_in(raster.icc);
    const Layout layout = layout_of(raster.colour.channels());
    const bool usable = profile && cmsGetColorSpace(profile.get()) == layout.space;
    const bool cmyk = layout.space == cmsSigCmykData;
    if (usable && (cmyk || !changes_nothing(profile.get(), layout))) {
        if (const Transform transform = transform_from(profile.get(), layout.format, raster.colour.depth())) {
            return {transformed(raster.colour, transform), description(profile.get())};
        }
    }
    Managed out{without_profile(raster.colour)};
    if (cmyk) {
        out.warning = "CMYK without a usable colour profile: colours are a guess; export it as sRGB";
    } else if (!usable && !raster.icc.empty()) {
        out.warning = "its colour profile is not usable: taken for sRGB";
    }
    return out;
}

ToneCurve tone_curve(double exponent)
{
    const std::array<cmsFloat64Number, 5> srgb{2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045}; // IEC 61966-2-1
    return ToneCurve(exponent == 0 ? cmsBuildParametricToneCurve(nullptr, 4, srgb.data())
                                   : cmsBuildGamma(nullptr, exponent));
}

std::string saved_as(const Profile& profile, const char* name)
{
    if (!profile) {
        return "none"; // is no profile either, and found to be none
    }
    cmsMLU* text = cmsMLUalloc(nullptr, 1);
    cmsMLUsetASCII(text, "en", "US", name);
    cmsWriteTag(profile.get(), cmsSigProfileDescriptionTag, text);
    cmsMLUfree(text);
    cmsUInt32Number length = 0;
    cmsSaveProfileToMem(profile.get(), nullptr, &length);
    std::string icc(length, '\0');
    if (cmsSaveProfileToMem(profile.get(), icc.data(), &length) == FALSE) {
        throw Error(Errc::internal, "make a colour profile");
    }
    return icc;
}

} // namespace

bool is_srgb(const std::string& icc)
{
    const Layout rgb = layout_of(3);
    const Profile profile = profile_in(icc);
    return icc.empty() ||
           (profile && cmsGetColorSpace(profile.get()) == rgb.space && changes_nothing(profile.get(), rgb));
}

Managed to_srgb(const Raster& raster)
{
    Managed out = managed(raster);
    if (out.bgr.depth() == CV_16U) {
        out.bgr = dithered(out.bgr);
    }
    return out;
}

cv::Mat alpha_8_bit(const cv::Mat& alpha)
{
    cv::Mat out = alpha;
    if (alpha.depth() == CV_16U) {
        alpha.convertTo(out, CV_8U, 1.0 / 257);
    }
    return out;
}

std::string profile_of(const std::array<double, 8>& chromaticities, double exponent, const char* name)
{
    const auto& xy = chromaticities;
    const cmsCIExyY white{xy[0], xy[1], 1};
    const cmsCIExyYTRIPLE primaries{{xy[2], xy[3], 1}, {xy[4], xy[5], 1}, {xy[6], xy[7], 1}};
    const ToneCurve curve = tone_curve(exponent);
    std::array<cmsToneCurve*, 3> curves{curve.get(), curve.get(), curve.get()};
    return saved_as(Profile(cmsCreateRGBProfile(&white, &primaries, curves.data())), name);
}

std::string grey_profile_of(double exponent, const char* name)
{
    const ToneCurve curve = tone_curve(exponent);
    return saved_as(Profile(cmsCreateGrayProfile(cmsD50_xyY(), curve.get())), name);
}

std::string profile_of_code_points(int primaries, int transfer, std::string_view kind)
{
    constexpr int k_p3 = 12;
    constexpr int k_bt2020 = 9;
    constexpr int k_pq = 16;
    constexpr int k_hlg = 18;
    if (transfer == k_pq || transfer == k_hlg) {
        throw Error(Errc::input, "a high-dynamic-range " + std::string(kind) +
                                     " has no defined white; export it as an ordinary JPEG or PNG");
    }
    switch (primaries) {
    case k_p3: return profile_of({0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060}, 0, "Display P3");
    case k_bt2020: return profile_of({0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046}, 0, "BT.2020");
    default: return {};
    }
}

} // namespace longtake::stages::picture
