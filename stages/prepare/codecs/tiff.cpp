#include "stages/prepare/codecs/codecs.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <tiffio.h>
#include <vector>

namespace longtake::stages::picture {
namespace {

constexpr tmsize_t k_most_at_once = 512'000'000; ///< bytes that libtiff may allocate in one piece

using Tiff = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

/// A file in memory, for libtiff's calls.
struct TiffMemory {
    std::string_view bytes;
    std::uint64_t at = 0;
    std::string words{}; ///< the first complaint
};

extern "C" {
static tmsize_t tiff_fetch(thandle_t handle, void* to, tmsize_t length)
{
    auto* memory = static_cast<TiffMemory*>(handle);
    const std::uint64_t there = memory->at < memory->bytes.size() ? memory->bytes.size() - memory->at : 0;
    const auto taken = std::min<std::uint64_t>(there, static_cast<std::uint64_t>(length));
    if (taken > 0) {
        std::memcpy(to, memory->bytes.data() + memory->at, taken);
    }
    memory->at += taken;
    return static_cast<tmsize_t>(taken);
}

static tmsize_t tiff_store(thandle_t /*handle*/, void* /*from*/, tmsize_t /*length*/)
{
    return 0;
}

static toff_t tiff_seek(thandle_t handle, toff_t offset, int from)
{
    auto* memory = static_cast<TiffMemory*>(handle);
    const std::uint64_t base = from == SEEK_CUR ? memory->at : from == SEEK_END ? memory->bytes.size() : 0;
    return memory->at = base + offset;
}

static int tiff_close(thandle_t /*handle*/)
{
    return 0;
}

static toff_t tiff_length(thandle_t handle)
{
    return static_cast<TiffMemory*>(handle)->bytes.size();
}

static int tiff_complain(TIFF* /*tiff*/, void* user, const char* /*module*/, const char* format, va_list arguments)
{
    auto* memory = static_cast<TiffMemory*>(user);
    char words[200];
    std::vsnprintf(words, sizeof words, format, arguments); // NOLINT: libtiff's own format
    if (memory->words.empty()) {
        memory->words = words;
    }
    return 1;
}

static int tiff_pass_over(TIFF* /*tiff*/, void* /*user*/, const char* /*module*/, const char* /*format*/,
                          va_list /*arguments*/)
{
    return 1;
}
}

Tiff open_tiff(TiffMemory& memory)
{
    const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                   &TIFFOpenOptionsFree);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), k_most_at_once);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), tiff_complain, &memory);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), tiff_pass_over, nullptr);
    Tiff tiff(TIFFClientOpenExt("picture", "rm", &memory, tiff_fetch, tiff_store, tiff_seek, tiff_close, tiff_length,
                                nullptr, nullptr, options.get()),
              &TIFFClose);
    return tiff;
}

std::uint16_t tag(TIFF* tiff, std::uint32_t which)
{
    std::uint16_t value = 0;
    TIFFGetFieldDefaulted(tiff, which, &value);
    return value;
}

/// How the samples lie in the file.
struct Facts {
    int width = 0, height = 0;
    int bits = 0;
    int samples = 0; ///< of a pixel
    int colours = 0; ///< of these, what is not extra
    int photometric = 0;
    bool planar = false; ///< one plane a sample
    bool floating = false;
    bool alpha = false; ///< the first extra sample is
    bool premultiplied = false;
};

Facts facts_of(TIFF* tiff)
{
    Facts facts;
    std::uint32_t side = 0;
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &side);
    facts.width = static_cast<int>(side);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &side);
    facts.height = static_cast<int>(side);
    facts.bits = tag(tiff, TIFFTAG_BITSPERSAMPLE);
    facts.samples = tag(tiff, TIFFTAG_SAMPLESPERPIXEL);
    facts.photometric = tag(tiff, TIFFTAG_PHOTOMETRIC);
    facts.floating = tag(tiff, TIFFTAG_SAMPLEFORMAT) == SAMPLEFORMAT_IEEEFP;
    facts.planar = tag(tiff, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE;
    facts.colours = facts.photometric == PHOTOMETRIC_SEPARATED ? 4 : facts.photometric == PHOTOMETRIC_RGB ? 3 : 1;
    std::uint16_t extras = 0;
    std::uint16_t* kinds = nullptr;
    if (TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extras, &kinds) == 1 && extras > 0) {
        facts.premultiplied = kinds[0] == EXTRASAMPLE_ASSOCALPHA;
        facts.alpha = facts.premultiplied || kinds[0] == EXTRASAMPLE_UNASSALPHA;
    }
    return facts;
}

/// The kinds whose samples are taken as they are, at their full depth; libtiff's own RGBA view does the others.
bool plain(const Facts& facts)
{
    const bool kind = facts.photometric == PHOTOMETRIC_MINISBLACK || facts.photometric == PHOTOMETRIC_MINISWHITE ||
                      facts.photometric == PHOTOMETRIC_RGB || facts.photometric == PHOTOMETRIC_SEPARATED;
    return kind && (facts.bits == 8 || facts.bits == 16) && facts.samples >= facts.colours && facts.samples <= 8;
}

/// Strips are tiles as wide as the picture.
struct Blocks {
    int width = 0, height = 0;
    std::uint64_t bytes = 0;
    bool tiled = false;
};

Blocks blocks_of(TIFF* tiff, const Facts& facts)
{
    std::uint32_t width = static_cast<std::uint32_t>(facts.width);
    std::uint32_t height = 0;
    const bool tiled = TIFFIsTiled(tiff) != 0;
    if (tiled) {
        TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &width);
        TIFFGetField(tiff, TIFFTAG_TILELENGTH, &height);
    } else {
        TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &height);
        height = std::min(height, static_cast<std::uint32_t>(facts.height));
    }
    const std::uint64_t bytes = tiled ? TIFFTileSize64(tiff) : TIFFStripSize64(tiff);
    // A tile may reach over the edges, but not be a bomb in a small picture.
    constexpr std::uint64_t k_slack = 64'000'000;
    const std::uint64_t picture =
        static_cast<std::uint64_t>(facts.width) * facts.height * facts.samples * (facts.bits / 8);
    if (width == 0 || height == 0 || bytes == 0 || bytes > picture + k_slack) {
        damaged("TIFF", "its tiles are of an impossible size");
    }
    return {static_cast<int>(width), static_cast<int>(height), bytes, tiled};
}

/// Copies a block's samples to their place; `plane` < 0: all samples of a pixel, interleaved.
void place_block(const Facts& facts, const Blocks& blocks, const uchar* block, cv::Point at, int plane, cv::Mat& out)
{
    const std::size_t sample = facts.bits / 8;
    const std::size_t pixel = plane < 0 ? sample * facts.samples : sample;
    const int columns = std::min(blocks.width, facts.width - at.x);
    const int rows = std::min(blocks.height, facts.height - at.y);
    for (int y = 0; y < rows; ++y) {
        const uchar* from = block + static_cast<std::size_t>(y) * blocks.width * pixel;
        uchar* to = out.ptr(at.y + y) + at.x * out.elemSize();
        if (plane < 0) {
            std::memcpy(to, from, columns * pixel);
            continue;
        }
        to += plane * sample;
        for (int x = 0; x < columns; ++x, to += out.elemSize(), from += sample) {
            std::memcpy(to, from, sample);
        }
    }
}

/// Blocks that cannot be decoded are refused, or stay grey and are said to be `lost`.
cv::Mat all_samples(TIFF* tiff, const Facts& facts, const TiffMemory& memory, Damage damage, std::string& lost)
{
    const Blocks blocks = blocks_of(tiff, facts);
    const int type = CV_MAKETYPE(facts.bits == 16 ? CV_16U : CV_8U, facts.samples);
    cv::Mat out = blank(facts.height, facts.width, type, facts.alpha);
    std::vector<uchar> block(blocks.bytes);
    int missing = 0;
    int all = 0;
    for (int plane = facts.planar ? 0 : -1; plane < (facts.planar ? facts.samples : 0); ++plane) {
        const auto of = static_cast<std::uint16_t>(std::max(plane, 0));
        for (int y = 0; y < facts.height; y += blocks.height) {
            for (int x = 0; x < facts.width; x += blocks.width) {
                const auto column = static_cast<std::uint32_t>(x);
                const auto row = static_cast<std::uint32_t>(y);
                const tmsize_t got =
                    blocks.tiled ? TIFFReadTile(tiff, block.data(), column, row, 0, of)
                                 : TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, row, of), block.data(), -1);
                const std::uint64_t pixel = out.elemSize() / (plane < 0 ? 1 : facts.samples);
                const std::uint64_t rows = std::min(blocks.height, facts.height - y);
                ++all;
                if (got >= 0 && static_cast<std::uint64_t>(got) >= rows * blocks.width * pixel) {
                    place_block(facts, blocks, block.data(), {x, y}, plane, out);
                } else if (damage == Damage::refuse) {
                    damaged("TIFF", memory.words);
                } else {
                    ++missing;
                }
            }
        }
    }
    if (missing == all) {
        damaged("TIFF", memory.words);
    }
    if (missing > 0) {
        lost =
            fmt::format("only {} of its {} {} could be decoded", all - missing, all, blocks.tiled ? "tiles" : "strips");
    }
    return out;
}

/// Divides the alpha out again, which some programs multiply into the colour.
template <class Sample>
void unmultiply(cv::Mat& colour, const cv::Mat& alpha)
{
    constexpr std::uint64_t k_full = std::numeric_limits<Sample>::max();
    const int channels = colour.channels();
    for (int y = 0; y < colour.rows; ++y) {
        auto* out = colour.ptr<Sample>(y);
        const auto* a = alpha.ptr<Sample>(y);
        for (int i = 0; i < colour.cols * channels; ++i) {
            const std::uint64_t through = std::max<std::uint64_t>(a[i / channels], 1);
            out[i] = static_cast<Sample>(std::min(k_full, (out[i] * k_full + through / 2) / through));
        }
    }
}

void divide_alpha(Raster& raster)
{
    raster.colour.depth() == CV_16U ? unmultiply<std::uint16_t>(raster.colour, raster.alpha)
                                    : unmultiply<std::uint8_t>(raster.colour, raster.alpha);
}

Raster from_samples(const cv::Mat& samples, const Facts& facts)
{
    Raster raster{cv::Mat(samples.size(), CV_MAKETYPE(samples.depth(), facts.colours))};
    std::vector<int> order;
    for (int i = 0; i < facts.colours; ++i) {
        order.insert(order.end(), {i, facts.colours == 3 ? 2 - i : i});
    }
    cv::mixChannels(&samples, 1, &raster.colour, 1, order.data(), static_cast<std::size_t>(facts.colours));
    if (facts.photometric == PHOTOMETRIC_MINISWHITE) {
        cv::bitwise_not(raster.colour, raster.colour);
    }
    if (facts.alpha && facts.samples > facts.colours) {
        cv::extractChannel(samples, raster.alpha, facts.colours);
        if (facts.premultiplied && facts.colours != 4) {
            divide_alpha(raster);
        }
    }
    return raster;
}

/// Palettes, bitmaps, YCbCr, Lab: libtiff makes 8-bit RGBA (alpha multiplied in) of them.
Raster from_view(TIFF* tiff, const Facts& facts, const TiffMemory& memory, Damage damage)
{
    char why[1024] = "";
    TIFFRGBAImage image;
    const int stop = damage == Damage::refuse ? 1 : 0;
    if (TIFFRGBAImageOK(tiff, why) == 0 || TIFFRGBAImageBegin(&image, tiff, stop, why) == 0) {
        throw Error(Errc::input, std::string("this kind of TIFF cannot be read (") + why +
                                     "); export it with 8 or 16 bits, or as PNG");
    }
    image.req_orientation = image.orientation; // it is turned later, like every other picture
    cv::Mat rgba = blank(facts.height, facts.width, CV_8UC4, true);
    const int done = TIFFRGBAImageGet(&image, rgba.ptr<std::uint32_t>(), static_cast<std::uint32_t>(facts.width),
                                      static_cast<std::uint32_t>(facts.height));
    TIFFRGBAImageEnd(&image);
    if (done == 0 || (damage == Damage::refuse && !memory.words.empty())) {
        damaged("TIFF", memory.words);
    }
    Raster raster;
    raster.lost = memory.words.empty() ? "" : "a part of it could not be decoded";
    cv::cvtColor(rgba, raster.colour, cv::COLOR_RGBA2BGR);
    if (facts.alpha) {
        cv::extractChannel(rgba, raster.alpha, 3);
        divide_alpha(raster);
    }
    return raster;
}

} // namespace

std::optional<Header> read_tiff_header(std::string_view bytes)
{
    TiffMemory memory{bytes};
    const Tiff tiff = open_tiff(memory);
    if (!tiff) {
        return std::nullopt; // the directory commonly stands behind the pixels
    }
    const Facts facts = facts_of(tiff.get());
    if (facts.floating) {
        throw Error(Errc::input, "a floating-point TIFF has no defined white; export it with 8 or 16 bits");
    }
    const int orientation = tag(tiff.get(), TIFFTAG_ORIENTATION);
    return Header{.format = Format::tiff,
                  .stored = {facts.width, facts.height},
                  .orientation = orientation >= 1 && orientation <= 8 ? orientation : 1,
                  .bits = facts.bits,
                  .channels = facts.samples,
                  .alpha = facts.alpha};
}

Raster decode_tiff(std::string_view file, const Header& header, Damage damage)
{
    TiffMemory memory{file};
    const Tiff tiff = open_tiff(memory);
    if (!tiff) {
        damaged("TIFF", memory.words);
    }
    const Facts facts = facts_of(tiff.get());
    check_size(header, facts.width, facts.height);
    Raster raster;
    if (plain(facts)) {
        std::string lost;
        raster = from_samples(all_samples(tiff.get(), facts, memory, damage, lost), facts);
        raster.lost = lost;
    } else {
        blocks_of(tiff.get(), facts);
        raster = from_view(tiff.get(), facts, memory, damage);
    }
    std::uint32_t length = 0;
    void* icc = nullptr;
    if (TIFFGetField(tiff.get(), TIFFTAG_ICCPROFILE, &length, &icc) == 1) {
        raster.icc.assign(static_cast<const char*>(icc), length);
    }
    return raster;
}

} // namespace longtake::stages::picture
