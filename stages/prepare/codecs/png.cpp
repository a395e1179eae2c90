#include "stages/prepare/codecs/codecs.h"

#include "pipeline/base/error.h"
#include "stages/prepare/bytes.h"
#include "stages/prepare/codecs/colour.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <csetjmp>
#include <cstring>
#include <opencv2/core.hpp>
#include <png.h>
#include <vector>

namespace longtake::stages::picture {
namespace {

struct PngJob {
    png_structp png = nullptr;
    png_infop info = nullptr;
    std::jmp_buf escape{};
    std::array<char, 200> words{};
    std::string_view left{};        ///< to be read
    std::string* written = nullptr; ///< or this
    int passes = 1;                 ///< of an interlaced picture
    int pass = 0, row = 0;          ///< being read
};

extern "C" {
[[noreturn]] static void png_give_up(png_structp png, png_const_charp words)
{
    auto* job = static_cast<PngJob*>(png_get_error_ptr(png));
    std::strncpy(job->words.data(), words, job->words.size() - 1);
    std::longjmp(job->escape, 1); // NOLINT: libpng's own way out, over frames of C only
}

static void png_pass_over(png_structp /*png*/, png_const_charp /*words*/) {}

static void png_fetch(png_structp png, png_bytep to, png_size_t length)
{
    auto* job = static_cast<PngJob*>(png_get_io_ptr(png));
    if (job->left.size() < length) {
        png_error(png, "the data ends early");
    }
    std::memcpy(to, job->left.data(), length);
    job->left.remove_prefix(length);
}

static void png_store(png_structp png, png_bytep from, png_size_t length)
{
    auto* job = static_cast<PngJob*>(png_get_io_ptr(png));
    job->written->append(reinterpret_cast<const char*>(from), length);
}

static void png_flushed(png_structp /*png*/) {}
}

/// Everything becomes 8 or 16 bits, grey or BGR, with alpha where something may be transparent.
bool read_png_info(PngJob& job, Damage damage)
{
    if (setjmp(job.escape) != 0) { // NOLINT: see above
        return false;
    }
    png_set_read_fn(job.png, &job, png_fetch);
    png_set_option(job.png, PNG_SKIP_sRGB_CHECK_PROFILE, PNG_OPTION_ON);
    png_set_user_limits(job.png, 0x7FFFFFFF, 0x7FFFFFFF); // the caller has checked the area
    if (damage == Damage::salvage) {
        png_set_crc_action(job.png, PNG_CRC_WARN_USE, PNG_CRC_QUIET_USE);
    }
    png_read_info(job.png, job.info);
    png_set_expand(job.png);
    if constexpr (std::endian::native == std::endian::little) {
        png_set_swap(job.png);
    }
    png_set_bgr(job.png);
    job.passes = png_set_interlace_handling(job.png);
    png_read_update_info(job.png, job.info);
    return true;
}

/// Where it breaks off, `pass` and `row` say how far it came. Coarse passes fill the places of the finer ones.
bool read_png_rows(PngJob& job, cv::Mat& into)
{
    if (setjmp(job.escape) != 0) { // NOLINT: see above
        return false;
    }
    for (job.pass = 0; job.pass < job.passes; ++job.pass) {
        for (job.row = 0; job.row < into.rows; ++job.row) {
            png_read_row(job.png, nullptr, into.ptr(job.row));
        }
    }
    png_read_end(job.png, nullptr);
    return true;
}

/// What is missing of a picture whose reading broke off.
std::string png_loss(const PngJob& job, int rows)
{
    if (job.pass == job.passes) {
        return {}; // it was behind the pixels
    }
    return job.passes == 1 ? rows_lost(job.row, rows)
                           : "only " + std::to_string(job.pass) + " of its 7 interlaced passes could be decoded";
}

/// What a cICP chunk says, if there is one: libpng 1.6.39 does not know it (PNG, third edition, 11.3.2.6).
std::string code_point_profile(std::string_view file)
{
    std::string profile;
    try {
        walk_png({file}, [&](const PngChunk& chunk) {
            if (chunk.type == "cICP" && chunk.payload.size() == 4) {
                const Bytes body{chunk.payload};
                profile = profile_of_code_points(body.u8(0), body.u8(1), "PNG");
            }
            return chunk.type != "IDAT";
        });
    } catch (const CutShort&) {
        return profile;
    }
    return profile;
}

/// What gAMA and cHRM say. A gamma within 5 % of 1/2.2 means sRGB, as writers of it do and libpng takes it.
std::string gamma_profile(const PngJob& job)
{
    constexpr double k_usual = 1 / 2.2;
    constexpr std::array k_srgb{0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06};
    std::array<double, 8> xy{};
    double gamma = k_usual;
    const bool grey = (png_get_color_type(job.png, job.info) & PNG_COLOR_MASK_COLOR) == 0;
    png_get_gAMA(job.png, job.info, &gamma);
    if (grey || png_get_cHRM(job.png, job.info, &xy[0], &xy[1], &xy[2], &xy[3], &xy[4], &xy[5], &xy[6], &xy[7]) == 0) {
        xy = k_srgb;
    }
    const bool same =
        std::equal(xy.begin(), xy.end(), k_srgb.begin(), [](double a, double b) { return std::abs(a - b) < 0.005; });
    const bool usual = std::abs(gamma / k_usual - 1) < 0.05;
    if (same && usual) {
        return {};
    }
    const double exponent = usual ? 0 : 1 / std::max(gamma, 1e-3);
    return grey ? grey_profile_of(exponent, "gAMA of the PNG") : profile_of(xy, exponent, "gAMA and cHRM of the PNG");
}

std::string png_profile(const PngJob& job, std::string_view file)
{
    if (std::string profile = code_point_profile(file); !profile.empty()) {
        return profile;
    }
    png_charp title = nullptr;
    png_bytep data = nullptr;
    png_uint_32 length = 0;
    int compression = 0;
    if (png_get_iCCP(job.png, job.info, &title, &compression, &data, &length) == 0) {
        return png_get_valid(job.png, job.info, PNG_INFO_sRGB) != 0 ? std::string() : gamma_profile(job);
    }
    return {reinterpret_cast<const char*>(data), length};
}

std::vector<png_bytep> rows_of(const cv::Mat& picture)
{
    std::vector<png_bytep> rows;
    for (int y = 0; y < picture.rows; ++y) {
        rows.push_back(const_cast<png_bytep>(picture.ptr(y)));
    }
    return rows;
}

/// Grey or colour, and the alpha that stood beside it.
Raster parted(const cv::Mat& samples)
{
    const int channels = samples.channels();
    if (channels % 2 != 0) {
        return {samples};
    }
    Raster raster{cv::Mat(samples.size(), CV_MAKETYPE(samples.depth(), channels - 1)),
                  cv::Mat(samples.size(), samples.depth())};
    std::array<cv::Mat, 2> parts{raster.colour, raster.alpha};
    constexpr std::array k_order{0, 0, 1, 1, 2, 2, 3, 3}; // the first n samples to colour, the last to alpha
    cv::mixChannels(&samples, 1, parts.data(), parts.size(), k_order.data(), static_cast<std::size_t>(channels));
    return raster;
}

bool write_png(PngJob& job, const cv::Mat& bgr, png_bytepp rows)
{
    constexpr int k_effort = 4;    // of zlib's 9: beyond, a percent costs twice the time
    if (setjmp(job.escape) != 0) { // NOLINT: see above
        return false;
    }
    png_set_write_fn(job.png, &job, png_store, png_flushed);
    png_set_compression_level(job.png, k_effort);
    png_set_IHDR(job.png, job.info, static_cast<png_uint_32>(bgr.cols), static_cast<png_uint_32>(bgr.rows), 8,
                 bgr.channels() == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(job.png, job.info);
    png_set_bgr(job.png);
    png_write_image(job.png, rows);
    png_write_end(job.png, nullptr);
    return true;
}

/// Frees what libpng allocated, however the work ends.
struct PngReader : PngJob {
    PngReader()
    {
        png = png_create_read_struct(PNG_LIBPNG_VER_STRING, static_cast<PngJob*>(this), png_give_up, png_pass_over);
        info = png_create_info_struct(png);
    }
    PngReader(const PngReader&) = delete;
    PngReader& operator=(const PngReader&) = delete;
    ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
};

struct PngWriter : PngJob {
    PngWriter()
    {
        png = png_create_write_struct(PNG_LIBPNG_VER_STRING, static_cast<PngJob*>(this), png_give_up, png_pass_over);
        info = png_create_info_struct(png);
    }
    PngWriter(const PngWriter&) = delete;
    PngWriter& operator=(const PngWriter&) = delete;
    ~PngWriter() { png_destroy_write_struct(&png, &info); }
};

} // namespace

Raster decode_png(std::string_view file, const Header& header, Damage damage)
{
    PngReader job;
    job.left = file;
    if (job.info == nullptr || !read_png_info(job, damage)) {
        damaged("PNG", job.words.data());
    }
    check_size(header, png_get_image_width(job.png, job.info), png_get_image_height(job.png, job.info));
    const int channels = png_get_channels(job.png, job.info);
    const int type = CV_MAKETYPE(png_get_bit_depth(job.png, job.info) == 16 ? CV_16U : CV_8U, channels);
    cv::Mat samples = damage == Damage::salvage
                          ? blank(header.stored.height, header.stored.width, type, channels % 2 == 0)
                          : cv::Mat(header.stored.height, header.stored.width, type);
    const bool all_read = read_png_rows(job, samples);
    if (!all_read && (damage == Damage::refuse || (job.pass == 0 && job.row == 0))) {
        damaged("PNG", job.words.data());
    }
    Raster raster = parted(samples);
    raster.icc = png_profile(job, file);
    raster.lost = all_read ? std::string() : png_loss(job, samples.rows);
    return raster;
}

std::string encode_png(const cv::Mat& bgr)
{
    std::string bytes;
    PngWriter job;
    job.written = &bytes;
    std::vector<png_bytep> rows = rows_of(bgr);
    if (job.info == nullptr || !write_png(job, bgr, rows.data())) {
        throw Error(Errc::internal, std::string("encode a PNG: ") + job.words.data());
    }
    return bytes;
}

} // namespace longtake::stages::picture
