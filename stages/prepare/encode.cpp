#include "stages/prepare/encode.h"

#include "pipeline/base/error.h"
#include "stages/prepare/codecs/codecs.h"
#include "stages/prepare/reduce.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace longtake::stages::picture {
namespace {

constexpr int k_best = 95;
constexpr int k_least = 70;
constexpr int k_least_fixed = 40;

bool takes(const ImageRules& rules, const char* format)
{
    return std::find(rules.formats.begin(), rules.formats.end(), format) != rules.formats.end();
}

bool fits(const std::string& bytes, std::int64_t limit)
{
    return static_cast<std::int64_t>(bytes.size()) <= limit;
}

std::optional<Encoded> as_png(const cv::Mat& bgr, std::int64_t limit)
{
    // Photographs rarely pack below a third; do not spend seconds on what cannot fit.
    constexpr std::int64_t k_hopeless = 8;
    if (static_cast<std::int64_t>(bgr.total()) * 3 > k_hopeless * limit) {
        return std::nullopt;
    }
    std::string bytes = encode_png(bgr);
    if (!fits(bytes, limit)) {
        return std::nullopt;
    }
    return Encoded{std::move(bytes), "png", {bgr.cols, bgr.rows}, {"encoded as PNG"}};
}

std::optional<Encoded> made(std::optional<std::string> jpeg, const cv::Mat& bgr, int quality)
{
    if (!jpeg) {
        return std::nullopt;
    }
    return Encoded{
        std::move(*jpeg), "jpeg", {bgr.cols, bgr.rows}, {fmt::format("encoded as JPEG quality {}", quality)}};
}

/// The best quality that fits, by halving the range.
std::optional<Encoded> as_jpeg(const cv::Mat& bgr, std::int64_t limit, int least, std::optional<std::string> best_jpeg)
{
    std::optional<Encoded> best = made(best_jpeg ? std::move(best_jpeg) : encode_jpeg(bgr, k_best, limit), bgr, k_best);
    if (best) {
        return best;
    }
    for (int low = least, high = k_best - 1; low <= high;) {
        const int quality = best || low > least ? (low + high + 1) / 2 : low; // first learn whether any fits
        if (auto encoded = made(encode_jpeg(bgr, quality, limit), bgr, quality)) {
            best = std::move(encoded);
            low = quality + 1;
        } else {
            high = quality - 1;
        }
    }
    return best;
}

std::optional<Encoded> at_this_size(const cv::Mat& bgr, const ImageRules& rules, Content content, int least,
                                    std::optional<std::string> best_jpeg = {})
{
    const bool jpeg_allowed = takes(rules, "jpeg") && content != Content::mask;
    const bool png_allowed = takes(rules, "png");
    if (png_allowed && (content != Content::photograph || !jpeg_allowed)) {
        if (auto encoded = as_png(bgr, jpeg_allowed ? rules.max_bytes / 2 : rules.max_bytes)) {
            return encoded;
        }
    }
    return jpeg_allowed ? as_jpeg(bgr, rules.max_bytes, least, std::move(best_jpeg)) : std::nullopt;
}

[[noreturn]] void too_large(const ImageRules& rules)
{
    throw Error(Errc::input, fmt::format("it cannot be brought below {} bytes at a size the service takes; "
                                         "use a simpler picture",
                                         rules.max_bytes));
}

} // namespace

JpegEncoder best_jpeg_encoder(cv::Size size, const ImageRules& rules)
{
    return {size, 3, k_best, rules.max_bytes};
}

Encoded encode(const cv::Mat& bgr, const ImageRules& rules, Content content, bool fixed_size,
               std::optional<std::string> best_jpeg)
{
    if (content == Content::mask || fixed_size) {
        auto encoded = at_this_size(bgr, rules, content, k_least_fixed, std::move(best_jpeg));
        return encoded ? std::move(*encoded) : (too_large(rules), Encoded{});
    }
    if (auto encoded = at_this_size(bgr, rules, content, k_least, std::move(best_jpeg))) {
        return std::move(*encoded);
    }
    // Bytes go with the area, roughly; a few steps of a sixth off each side find a size that fits.
    constexpr double k_step = 0.85;
    cv::Mat smaller;
    for (double scale = k_step;; scale *= k_step) {
        const cv::Size size(static_cast<int>(std::lround(bgr.cols * scale)),
                            static_cast<int>(std::lround(bgr.rows * scale)));
        if (std::min(size.width, size.height) < rules.min_side) {
            too_large(rules);
        }
        smaller.release(); // the two of them may be most of the memory
        smaller = reduced(bgr, size);
        if (auto encoded = at_this_size(smaller, rules, content, k_least)) {
            encoded->actions.insert(encoded->actions.begin(), fmt::format("down-scaled to {}x{} to fit {} bytes",
                                                                          size.width, size.height, rules.max_bytes));
            return std::move(*encoded);
        }
    }
}

} // namespace longtake::stages::picture
