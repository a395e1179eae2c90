#include "stages/prepare/codecs/codecs.h"

#include "pipeline/base/error.h"

#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <opencv2/core.hpp>

// libjpeg's headers stand on <cstdio>.
#include <jerror.h>
#include <jpeglib.h>

namespace longtake::stages::picture {
namespace {

/// A progressive file of a few bytes can ask for endless passes over the whole picture (libjpeg-turbo, "DoS").
constexpr int k_most_scans = 200;

struct JpegFailure {
    jpeg_error_mgr base; // must come first: libjpeg hands this back
    std::jmp_buf escape;
    std::array<char, JMSG_LENGTH_MAX> words;
    Damage damage = Damage::refuse;
    int lost_from = -1; ///< the row at which damage was passed over
};

extern "C" {
[[noreturn]] static void jpeg_give_up(j_common_ptr jpeg)
{
    auto* failure = reinterpret_cast<JpegFailure*>(jpeg->err);
    jpeg->err->format_message(jpeg, failure->words.data());
    std::longjmp(failure->escape, 1); // NOLINT: libjpeg's own way out, over frames of C only
}

/// libjpeg paints what is missing grey and warns: here that is damage. Other oddities pass.
static void jpeg_warn(j_common_ptr jpeg, int level)
{
    const int code = jpeg->err->msg_code;
    if (level < 0 &&
        (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_MUST_RESYNC)) {
        auto* failure = reinterpret_cast<JpegFailure*>(jpeg->err);
        if (failure->damage == Damage::refuse) {
            jpeg_give_up(jpeg);
        }
        if (failure->lost_from < 0 && code != JWRN_JPEG_EOF) { // which may only mean that it looked ahead
            failure->lost_from = static_cast<int>(reinterpret_cast<j_decompress_ptr>(jpeg)->output_scanline);
        }
    }
}

static void jpeg_count_scans(j_common_ptr jpeg)
{
    if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > k_most_scans) {
        ERREXIT(jpeg, JERR_BAD_PROGRESSION);
    }
}
}

void watch(JpegFailure& failure, jpeg_error_mgr*& err)
{
    err = jpeg_std_error(&failure.base);
    failure.base.error_exit = jpeg_give_up;
    failure.base.emit_message = jpeg_warn;
    failure.words[0] = '\0';
}

/// What lives across the longjmp: nothing here has a destructor that C could skip.
struct JpegReading {
    jpeg_decompress_struct jpeg{};
    jpeg_progress_mgr progress{};
    JpegFailure failure{};
};

bool start_reading(JpegReading& reading, std::string_view file, int shrink)
{
    jpeg_decompress_struct& jpeg = reading.jpeg;
    if (setjmp(reading.failure.escape) != 0) { // NOLINT: see above
        return false;
    }
    jpeg_create_decompress(&jpeg);
    reading.progress.progress_monitor = jpeg_count_scans;
    jpeg.progress = &reading.progress;
    jpeg_save_markers(&jpeg, JPEG_APP0 + 2, 0xFFFF);
    jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(file.data()), file.size());
    jpeg_read_header(&jpeg, TRUE);
    jpeg.scale_num = 1;
    jpeg.scale_denom = static_cast<unsigned>(shrink);
    jpeg.out_color_space = jpeg.num_components == 1 ? JCS_GRAYSCALE : jpeg.num_components == 4 ? JCS_CMYK : JCS_EXT_BGR;
    jpeg_start_decompress(&jpeg);
    return true;
}

bool read_rows(JpegReading& reading, cv::Mat& into)
{
    if (setjmp(reading.failure.escape) != 0) { // NOLINT: see above
        return false;
    }
    while (reading.jpeg.output_scanline < reading.jpeg.output_height) {
        JSAMPROW row = into.ptr(static_cast<int>(reading.jpeg.output_scanline));
        jpeg_read_scanlines(&reading.jpeg, &row, 1);
    }
    jpeg_finish_decompress(&reading.jpeg); // reads to the end: what is missing there is noticed
    return true;
}

/// What damage took, where `all_read` says whether libjpeg came to the end in spite of it.
std::string jpeg_loss(const JpegReading& reading, bool all_read)
{
    const int rows = static_cast<int>(reading.jpeg.output_height);
    const int lost_from = reading.failure.lost_from;
    if (lost_from < 0) {
        return all_read ? std::string() : rows_lost(static_cast<int>(reading.jpeg.output_scanline), rows);
    }
    if (reading.jpeg.progressive_mode == TRUE) {
        return "its finer detail could not be decoded";
    }
    return rows_lost(lost_from, rows);
}

/// The profile in its APP2 segments; null if there is none or a part of it is missing.
std::string embedded_profile(JpegReading& reading)
{
    JOCTET* data = nullptr;
    unsigned length = 0;
    if (setjmp(reading.failure.escape) != 0 || // NOLINT: see above
        jpeg_read_icc_profile(&reading.jpeg, &data, &length) == FALSE) {
        return {};
    }
    const std::unique_ptr<JOCTET, decltype(&std::free)> owned(data, &std::free);
    return {reinterpret_cast<const char*>(data), length};
}

struct JpegWriting {
    jpeg_compress_struct jpeg{};
    JpegFailure failure{};
    unsigned char* bytes = nullptr;
    unsigned long length = 0;
};

bool write_jpeg(JpegWriting& writing, const cv::Mat& bgr, int quality)
{
    constexpr int k_whole_chroma = 90;
    jpeg_compress_struct& jpeg = writing.jpeg;
    if (setjmp(writing.failure.escape) != 0) { // NOLINT: see above
        return false;
    }
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &writing.bytes, &writing.length);
    jpeg.image_width = static_cast<JDIMENSION>(bgr.cols);
    jpeg.image_height = static_cast<JDIMENSION>(bgr.rows);
    jpeg.input_components = bgr.channels();
    jpeg.in_color_space = bgr.channels() == 1 ? JCS_GRAYSCALE : JCS_EXT_BGR;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, quality, TRUE);
    jpeg.optimize_coding = TRUE;
    if (quality >= k_whole_chroma) {
        jpeg.comp_info[0].h_samp_factor = 1;
        jpeg.comp_info[0].v_samp_factor = 1;
    }
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        auto* row = const_cast<JSAMPLE*>(bgr.ptr(static_cast<int>(jpeg.next_scanline)));
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    return true;
}

} // namespace

Raster decode_jpeg(std::string_view file, int shrink, Damage damage)
{
    JpegReading reading;
    watch(reading.failure, reading.jpeg.err);
    reading.failure.damage = damage;
    const std::unique_ptr<jpeg_decompress_struct, decltype(&jpeg_destroy_decompress)> owner(&reading.jpeg,
                                                                                            &jpeg_destroy_decompress);
    if (!start_reading(reading, file, shrink)) {
        damaged("JPEG", reading.failure.words.data());
    }
    Raster raster{cv::Mat(static_cast<int>(reading.jpeg.output_height), static_cast<int>(reading.jpeg.output_width),
                          CV_8UC(reading.jpeg.output_components))};
    raster.icc = embedded_profile(reading);
    if (damage == Damage::salvage) {
        raster.colour.setTo(cv::Scalar::all(128)); // rows may be missing
    }
    const bool all_read = read_rows(reading, raster.colour);
    const bool nothing = reading.jpeg.progressive_mode == FALSE && reading.failure.lost_from == 0;
    if (nothing || (!all_read && (damage == Damage::refuse || reading.jpeg.output_scanline == 0))) {
        damaged("JPEG", reading.failure.words.data());
    }
    raster.lost = jpeg_loss(reading, all_read);
    if (raster.colour.channels() == 4 && reading.jpeg.saw_Adobe_marker == TRUE) {
        cv::bitwise_not(raster.colour, raster.colour);
    }
    return raster;
}

std::string encode_jpeg(const cv::Mat& bgr, int quality)
{
    JpegWriting writing;
    watch(writing.failure, writing.jpeg.err);
    const std::unique_ptr<jpeg_compress_struct, decltype(&jpeg_destroy_compress)> owner(&writing.jpeg,
                                                                                        &jpeg_destroy_compress);
    const bool done = write_jpeg(writing, bgr, quality);
    const std::unique_ptr<unsigned char, decltype(&std::free)> bytes(writing.bytes, &std::free);
    if (!done) {
        throw Error(Errc::internal, std::string("encode a JPEG: ") + writing.failure.words.data());
    }
    return {reinterpret_cast<const char*>(bytes.get()), writing.length};
}

} // namespace longtake::stages::picture
