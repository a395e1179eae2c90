#include "stages/prepare/codecs/codecs.h"

#include "pipeline/base/error.h"
#include "stages/prepare/codecs/colour.h"
#include "stages/prepare/reduce.h"

#include <algorithm>
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

bool read_jpeg_header(JpegReading& reading, std::string_view file)
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
    jpeg.out_color_space = jpeg.num_components == 1 ? JCS_GRAYSCALE : jpeg.num_components == 4 ? JCS_CMYK : JCS_EXT_BGR;
    return true;
}

bool start_reading(JpegReading& reading, int shrink)
{
    if (setjmp(reading.failure.escape) != 0) { // NOLINT: see above
        return false;
    }
    reading.jpeg.scale_num = 1;
    reading.jpeg.scale_denom = static_cast<unsigned>(shrink);
    jpeg_start_decompress(&reading.jpeg);
    return true;
}

bool read_rows(JpegReading& reading, cv::Mat& into)
{
    if (setjmp(reading.failure.escape) != 0) { // NOLINT: see above
        return false;
    }
    const JDIMENSION first = reading.jpeg.output_scanline;
    const JDIMENSION end = first + static_cast<JDIMENSION>(into.rows);
    while (reading.jpeg.output_scanline < end) {
        JSAMPROW row = into.ptr(static_cast<int>(reading.jpeg.output_scanline - first));
        jpeg_read_scanlines(&reading.jpeg, &row, 1);
    }
    return true;
}

/// Reads to the end: what is missing there is noticed.
bool finish_reading(JpegReading& reading)
{
    if (setjmp(reading.failure.escape) != 0) { // NOLINT: see above
        return false;
    }
    jpeg_finish_decompress(&reading.jpeg);
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

/// libjpeg's decoder, its failures turned into ours.
class JpegDecoder {
public:
    explicit JpegDecoder(std::string_view file, Damage damage = Damage::refuse)
    {
        watch(reading_.failure, reading_.jpeg.err);
        reading_.failure.damage = damage;
        check(read_jpeg_header(reading_, file));
    }
    cv::Size picture() const
    {
        return {static_cast<int>(reading_.jpeg.image_width), static_cast<int>(reading_.jpeg.image_height)};
    }

    /// Both sides are divided by `shrink` (1, 2, 4 or 8; rounded up) at a fraction of the time.
    void start(int shrink) { check(start_reading(reading_, shrink)); }

    cv::Size size() const
    {
        return {static_cast<int>(reading_.jpeg.output_width), static_cast<int>(reading_.jpeg.output_height)};
    }
    int channels() const { return reading_.jpeg.output_components; }

    /// Fills the next rows; of a damaged file that is salvaged as many as there are.
    void read(cv::Mat& rows)
    {
        all_read_ = read_rows(reading_, rows);
        check(all_read_ || (salvages() && reading_.jpeg.output_scanline > 0));
    }

    std::string profile() { return embedded_profile(reading_); }

    /// Once all rows were read.
    void finish(Raster& raster)
    {
        const bool ended = all_read_ && finish_reading(reading_);
        const bool nothing = reading_.jpeg.progressive_mode == FALSE && reading_.failure.lost_from == 0;
        check((ended || salvages()) && !nothing);
        raster.lost = jpeg_loss(reading_, ended);
        if (channels() == 4 && reading_.jpeg.saw_Adobe_marker == TRUE) {
            cv::bitwise_not(raster.colour, raster.colour);
        }
    }

private:
    bool salvages() const { return reading_.failure.damage == Damage::salvage; }

    void check(bool done) const
    {
        if (!done) {
            damaged("JPEG", reading_.failure.words.data());
        }
    }

    JpegReading reading_;
    bool all_read_ = true;
    std::unique_ptr<jpeg_decompress_struct, decltype(&jpeg_destroy_decompress)> owner_{&reading_.jpeg,
                                                                                       &jpeg_destroy_decompress};
};

/// By how much it can be shrunk while it is decoded, so that what remains to be done is still a reduction by two or
/// more: then our filter decides how the picture looks.
int shrink_for(const View& view)
{
    int shrink = 1;
    while (shrink < 8 && view.part.width >= 4 * shrink * view.size.width &&
           view.part.height >= 4 * shrink * view.size.height) {
        shrink *= 2;
    }
    return shrink;
}

/// Where a JPEG is written: memory that grows, up to a limit.
struct JpegWriting {
    jpeg_compress_struct jpeg{};
    jpeg_destination_mgr to{};
    JpegFailure failure{};
    JOCTET* bytes = nullptr;
    std::size_t room = 0;
    std::size_t most = 0;
    bool too_long = false;
    bool good = true;
};

extern "C" {
static boolean jpeg_grow(j_compress_ptr jpeg)
{
    constexpr std::size_t k_first = 256 * 1024;
    auto& writing = *static_cast<JpegWriting*>(jpeg->client_data);
    const std::size_t filled = writing.room; // it is full whenever libjpeg calls this
    if (filled > writing.most) {
        writing.too_long = true;
        jpeg_give_up(reinterpret_cast<j_common_ptr>(jpeg));
    }
    const std::size_t room = std::min(std::max(2 * filled, k_first), writing.most + 1);
    auto* grown = static_cast<JOCTET*>(std::realloc(writing.bytes, room));
    if (grown == nullptr) {
        ERREXIT1(jpeg, JERR_OUT_OF_MEMORY, 0);
    }
    writing.bytes = grown;
    writing.room = room;
    writing.to.next_output_byte = grown + filled;
    writing.to.free_in_buffer = room - filled;
    return TRUE;
}

static void jpeg_open(j_compress_ptr jpeg)
{
    jpeg_grow(jpeg);
}

static void jpeg_close(j_compress_ptr) {}
}

bool start_writing(JpegWriting& writing, cv::Size size, int channels, int quality)
{
    constexpr int k_whole_chroma = 90;
    jpeg_compress_struct& jpeg = writing.jpeg;
    if (setjmp(writing.failure.escape) != 0) { // NOLINT: see above
        return false;
    }
    jpeg_create_compress(&jpeg);
    writing.to.init_destination = jpeg_open;
    writing.to.empty_output_buffer = jpeg_grow;
    writing.to.term_destination = jpeg_close;
    jpeg.dest = &writing.to;
    jpeg.client_data = &writing;
    jpeg.image_width = static_cast<JDIMENSION>(size.width);
    jpeg.image_height = static_cast<JDIMENSION>(size.height);
    jpeg.input_components = channels;
    jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_EXT_BGR;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, quality, TRUE);
    jpeg.dct_method = JDCT_FLOAT; // as fast, a hundredth of a decibel better, and 1 % smaller
    if (quality >= k_whole_chroma) {
        jpeg.comp_info[0].h_samp_factor = 1;
        jpeg.comp_info[0].v_samp_factor = 1;
    }
    jpeg_start_compress(&jpeg, TRUE);
    return true;
}

bool write_row(JpegWriting& writing, const cv::Mat& row)
{
    if (setjmp(writing.failure.escape) != 0) { // NOLINT: see above
        return false;
    }
    auto* samples = const_cast<JSAMPLE*>(row.ptr());
    jpeg_write_scanlines(&writing.jpeg, &samples, 1);
    return true;
}

bool finish_writing(JpegWriting& writing)
{
    if (setjmp(writing.failure.escape) != 0) { // NOLINT: see above
        return false;
    }
    jpeg_finish_compress(&writing.jpeg);
    return true;
}

} // namespace

Raster decode_jpeg(std::string_view file, Damage damage)
{
    JpegDecoder decoder(file, damage);
    decoder.start(1);
    Raster raster{cv::Mat(decoder.size(), CV_8UC(decoder.channels()))};
    if (damage == Damage::salvage) {
        raster.colour.setTo(cv::Scalar::all(128)); // rows may be missing
    }
    raster.icc = decoder.profile();
    decoder.read(raster.colour);
    decoder.finish(raster);
    return raster;
}

Raster decode_jpeg(std::string_view file, const View& view, const RowMade& made)
{
    JpegDecoder decoder(file);
    if (decoder.picture() != view.picture || (cv::Rect({}, view.picture) & view.part) != view.part) {
        damaged("JPEG", "its size is not what its header says");
    }
    const int shrink = shrink_for(view);
    decoder.start(shrink);
    const cv::Rect2d part(static_cast<double>(view.part.x) / shrink, static_cast<double>(view.part.y) / shrink,
                          static_cast<double>(view.part.width) / shrink,
                          static_cast<double>(view.part.height) / shrink);
    std::string icc = decoder.profile();
    const bool srgb = decoder.channels() == 3 && is_srgb(icc);
    Raster raster{reduced(
        {decoder.size(), decoder.channels(), [&](cv::Mat rows) { decoder.read(rows); }, srgb ? made : RowMade()}, part,
        view.size)};
    raster.icc = srgb ? std::string() : std::move(icc);
    decoder.finish(raster);
    return raster;
}

struct JpegEncoder::Writing : JpegWriting {
    Writing() = default;
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;
    ~Writing()
    {
        jpeg_destroy_compress(&jpeg);
        std::free(bytes);
    }
};

JpegEncoder::JpegEncoder(cv::Size size, int channels, int quality, std::int64_t most)
    : writing_(std::make_unique<Writing>())
{
    writing_->most = static_cast<std::size_t>(most);
    watch(writing_->failure, writing_->jpeg.err);
    writing_->good = start_writing(*writing_, size, channels, quality);
}

JpegEncoder::~JpegEncoder() = default;

void JpegEncoder::add(const cv::Mat& row) noexcept
{
    writing_->good = writing_->good && write_row(*writing_, row);
}

std::optional<std::string> JpegEncoder::finish()
{
    Writing& writing = *writing_;
    const bool complete = writing.jpeg.next_scanline == writing.jpeg.image_height;
    writing.good = writing.good && (!complete || finish_writing(writing));
    const std::size_t length = writing.room - writing.to.free_in_buffer;
    if (writing.too_long || (writing.good && (!complete || length > writing.most))) {
        return std::nullopt;
    }
    if (!writing.good) {
        throw Error(Errc::internal, std::string("encode a JPEG: ") + writing.failure.words.data());
    }
    return std::string(reinterpret_cast<const char*>(writing.bytes), length);
}

std::optional<std::string> encode_jpeg(const cv::Mat& bgr, int quality, std::int64_t most)
{
    JpegEncoder encoder(bgr.size(), bgr.channels(), quality, most);
    for (int y = 0; y < bgr.rows; ++y) {
        encoder.add(bgr.row(y));
    }
    return encoder.finish();
}

} // namespace longtake::stages::picture
