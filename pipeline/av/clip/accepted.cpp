#include "pipeline/av/clip/accepted.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <vector>

namespace longtake::av {
namespace {

struct Format {
    std::string_view name; ///< libavformat's, whole
    bool takes = false;    ///< downloaded footage may be this
};

// Files of these formats hold what they show and refer to no other file. Formats are accepted by name and nothing else
// is, since among libavformat's readers are some of playlists and scripts, which open whatever these name: a clip or a
// download of that kind would show any file that the user may read. (MOV can refer to other files, which its reader
// does only when asked to.)
constexpr std::array k_formats = std::to_array<Format>({
    {"mov,mp4,m4a,3gp,3g2,mj2", true},
    {"matroska,webm", true},
    {"aac"},
    {"ac3"},
    {"aiff"},
    {"amr"},
    {"apng"},
    {"asf"},
    {"au"},
    {"avi"},
    {"caf"},
    {"dts"},
    {"dv"},
    {"eac3"},
    {"flac"},
    {"flv"},
    {"gif"},
    {"gxf"},
    {"h264"},
    {"hevc"},
    {"ivf"},
    {"m4v"},
    {"mjpeg"},
    {"mp3"},
    {"mpeg"},
    {"mpegts"},
    {"mpegvideo"},
    {"mxf"},
    {"nut"},
    {"obu"},
    {"ogg"},
    {"tta"},
    {"w64"},
    {"wav"},
    {"wv"},
    {"yuv4mpegpipe"},
    // single pictures, which are read by their content only (not SVG, which refers to other pictures)
    {"bmp_pipe"},
    {"gif_pipe"},
    {"j2k_pipe"},
    {"jpeg_pipe"},
    {"pam_pipe"},
    {"pbm_pipe"},
    {"pgm_pipe"},
    {"png_pipe"},
    {"ppm_pipe"},
    {"tiff_pipe"},
    {"webp_pipe"},
});

/// Known for opening other files: told apart only for the message.
constexpr std::array k_playlists =
    std::to_array<std::string_view>({"concat", "dash", "hls", "imf", "rtp", "rtsp", "sap", "sdp", "webm_dash_manifest",
                                     "image2", "avisynth", "vapoursynth", "svg_pipe"});

/// PCM of every kind is accepted besides.
constexpr std::array k_codecs = std::to_array<AVCodecID>({
    AV_CODEC_ID_AV1,
    AV_CODEC_ID_CFHD,
    AV_CODEC_ID_CINEPAK,
    AV_CODEC_ID_DNXHD,
    AV_CODEC_ID_DVVIDEO,
    AV_CODEC_ID_FFV1,
    AV_CODEC_ID_FFVHUFF,
    AV_CODEC_ID_FLV1,
    AV_CODEC_ID_H261,
    AV_CODEC_ID_H263,
    AV_CODEC_ID_H263P,
    AV_CODEC_ID_H264,
    AV_CODEC_ID_HAP,
    AV_CODEC_ID_HEVC,
    AV_CODEC_ID_HUFFYUV,
    AV_CODEC_ID_LAGARITH,
    AV_CODEC_ID_MAGICYUV,
    AV_CODEC_ID_MJPEG,
    AV_CODEC_ID_MJPEGB,
    AV_CODEC_ID_MPEG1VIDEO,
    AV_CODEC_ID_MPEG2VIDEO,
    AV_CODEC_ID_MPEG4,
    AV_CODEC_ID_MSMPEG4V1,
    AV_CODEC_ID_MSMPEG4V2,
    AV_CODEC_ID_MSMPEG4V3,
    AV_CODEC_ID_PRORES,
    AV_CODEC_ID_QTRLE,
    AV_CODEC_ID_RAWVIDEO,
    AV_CODEC_ID_RPZA,
    AV_CODEC_ID_SVQ1,
    AV_CODEC_ID_SVQ3,
    AV_CODEC_ID_THEORA,
    AV_CODEC_ID_UTVIDEO,
    AV_CODEC_ID_V210,
    AV_CODEC_ID_V410,
    AV_CODEC_ID_VC1,
    AV_CODEC_ID_VP6,
    AV_CODEC_ID_VP6A,
    AV_CODEC_ID_VP6F,
    AV_CODEC_ID_VP8,
    AV_CODEC_ID_VP9,
    AV_CODEC_ID_WMV1,
    AV_CODEC_ID_WMV2,
    AV_CODEC_ID_WMV3,
    // pictures
    AV_CODEC_ID_APNG,
    AV_CODEC_ID_BMP,
    AV_CODEC_ID_GIF,
    AV_CODEC_ID_JPEG2000,
    AV_CODEC_ID_JPEGLS,
    AV_CODEC_ID_PAM,
    AV_CODEC_ID_PBM,
    AV_CODEC_ID_PGM,
    AV_CODEC_ID_PNG,
    AV_CODEC_ID_PPM,
    AV_CODEC_ID_TIFF,
    AV_CODEC_ID_WEBP,
    // sound
    AV_CODEC_ID_AAC,
    AV_CODEC_ID_AAC_LATM,
    AV_CODEC_ID_AC3,
    AV_CODEC_ID_ADPCM_G722,
    AV_CODEC_ID_ADPCM_G726,
    AV_CODEC_ID_ADPCM_IMA_QT,
    AV_CODEC_ID_ADPCM_IMA_WAV,
    AV_CODEC_ID_ADPCM_MS,
    AV_CODEC_ID_ADPCM_SWF,
    AV_CODEC_ID_ALAC,
    AV_CODEC_ID_AMR_NB,
    AV_CODEC_ID_AMR_WB,
    AV_CODEC_ID_DTS,
    AV_CODEC_ID_EAC3,
    AV_CODEC_ID_FLAC,
    AV_CODEC_ID_GSM,
    AV_CODEC_ID_GSM_MS,
    AV_CODEC_ID_MLP,
    AV_CODEC_ID_MP1,
    AV_CODEC_ID_MP2,
    AV_CODEC_ID_MP3,
    AV_CODEC_ID_NELLYMOSER,
    AV_CODEC_ID_OPUS,
    AV_CODEC_ID_SPEEX,
    AV_CODEC_ID_TRUEHD,
    AV_CODEC_ID_TTA,
    AV_CODEC_ID_VORBIS,
    AV_CODEC_ID_WAVPACK,
    AV_CODEC_ID_WMALOSSLESS,
    AV_CODEC_ID_WMAPRO,
    AV_CODEC_ID_WMAV1,
    AV_CODEC_ID_WMAV2,
});

bool is_accepted(AVCodecID codec)
{
    return is_pcm(codec) || std::find(k_codecs.begin(), k_codecs.end(), codec) != k_codecs.end();
}

/// Whether one of libavformat's names for a format ("mov,mp4,...") is `name`.
bool has_name(std::string_view names, std::string_view name)
{
    return ("," + std::string(names) + ",").find("," + std::string(name) + ",") != std::string::npos;
}

std::string joined(const std::vector<std::string_view>& names)
{
    std::string list;
    for (const std::string_view name : names) {
        list.append(list.empty() ? "" : ",").append(name);
    }
    return list;
}

std::string format_list_of(Accept accept)
{
    std::vector<std::string_view> names;
    for (const Format& format : k_formats) {
        if (accept == Accept::clips || format.takes) {
            names.push_back(format.name);
        }
    }
    return joined(names);
}

std::string make_decoder_list()
{
    std::vector<std::string_view> names;
    void* at = nullptr;
    while (const AVCodec* codec = av_codec_iterate(&at)) {
        if (av_codec_is_decoder(codec) != 0 && is_accepted(codec->id)) {
            names.emplace_back(codec->name);
        }
    }
    return joined(names);
}

} // namespace

bool is_pcm(AVCodecID codec)
{
    return codec >= AV_CODEC_ID_FIRST_AUDIO && codec < AV_CODEC_ID_ADPCM_IMA_QT;
}

void check_accepted(const AVInputFormat* format, Accept accept, const std::string& name)
{
    const auto found = std::find_if(k_formats.begin(), k_formats.end(),
                                    [&](const Format& known) { return known.name == format->name; });
    if (found != k_formats.end() && (accept == Accept::clips || found->takes)) {
        return;
    }
    const std::string kind = format->long_name != nullptr ? format->long_name : format->name;
    if (std::any_of(k_playlists.begin(), k_playlists.end(),
                    [&](std::string_view list) { return has_name(format->name, list); })) {
        throw Error(Errc::input, name + ": is a playlist that opens other files, not a film (" + kind +
                                     "); name those files themselves");
    }
    if (accept == Accept::takes) {
        throw Error(Errc::input, name + ": is no MP4, MOV, Matroska or WebM, which footage comes in, but " + kind);
    }
    throw Error(Errc::input, name + ": is of a kind that is not read (" + kind +
                                 "); convert it to MP4, MOV or Matroska, sound to WAV or FLAC");
}

const std::string& format_list(Accept accept)
{
    static const std::string clips = format_list_of(Accept::clips);
    static const std::string takes = format_list_of(Accept::takes);
    return accept == Accept::clips ? clips : takes;
}

const std::string& decoder_list()
{
    static const std::string list = make_decoder_list();
    return list;
}

const AVCodec* accepted_decoder(AVCodecID codec)
{
    return is_accepted(codec) ? avcodec_find_decoder(codec) : nullptr;
}

} // namespace longtake::av
