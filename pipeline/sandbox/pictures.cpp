#include "pipeline/sandbox/pictures.h"

#include "pipeline/av/picture/picture_decoder.h"
#include "pipeline/av/picture/picture_writer.h"
#include "pipeline/av/text/text.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "pipeline/sandbox/apis/call.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>

namespace longtake::sandbox {
namespace {

constexpr int k_least_side = 300;
constexpr double k_most_aspect = 2.5;

int base64_value(char letter)
{
    static constexpr std::string_view k_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const auto k_values = [] {
        std::array<std::int8_t, 256> values{};
        values.fill(-1);
        for (std::size_t i = 0; i < k_letters.size(); ++i) {
            values[static_cast<unsigned char>(k_letters[i])] = static_cast<std::int8_t>(i);
        }
        return values;
    }();
    return k_values[static_cast<unsigned char>(letter)];
}

/// The size of a JPEG or PNG that can be decoded to its end; nullopt if it is neither or damaged.
std::optional<Size> picture_size(const std::string& bytes)
{
    const bool png = bytes.starts_with("\x89PNG\r\n\x1A\n");
    if (!png && !bytes.starts_with("\xFF\xD8\xFF")) {
        return std::nullopt;
    }
    try {
        return av::decode_picture(bytes, png ? av::PictureCodec::png : av::PictureCodec::jpeg).frame.size();
    } catch (const Error&) {
        return std::nullopt;
    }
}

/// Two colours of the text's own, one shining through the other from a corner.
void paint_ground(av::Picture& picture, const std::string& text)
{
    const std::size_t seed = std::hash<std::string>{}(text);
    const auto colour = [&](int shift, int channel) {
        const double hue =
            static_cast<double>((seed >> shift) % 360) * std::numbers::pi / 180 + channel * 2 * std::numbers::pi / 3;
        return 0.5 + 0.5 * std::cos(hue);
    };
    for (int y = 0; y < picture.size.height; ++y) {
        for (int x = 0; x < picture.size.width; ++x) {
            const double u = static_cast<double>(x) / picture.size.width;
            const double v = static_cast<double>(y) / picture.size.height;
            const double light = std::exp(-3 * ((u - 0.75) * (u - 0.75) + (v - 0.25) * (v - 0.25)));
            for (int c = 0; c < 3; ++c) {
                const double value = 18 + 60 * colour(0, c) * (1 - v) + 130 * colour(9, c) * light;
                picture.rgb[static_cast<std::size_t>(3) * (y * picture.size.width + x) + c] =
                    static_cast<std::uint8_t>(std::min(value, 235.0));
            }
        }
    }
}

std::string first_letters(const std::string& text, std::size_t bytes)
{
    std::size_t end = std::min(text.size(), bytes);
    while (end < text.size() && end > 0 && (text[end] & 0xC0) == 0x80) {
        --end;
    }
    return text.substr(0, end);
}

} // namespace

std::string decode_base64(const std::string& text, const std::string& field)
{
    if (text.starts_with("data:")) {
        throw Refusal(1201, field + ": base64 must be sent without the data: prefix");
    }
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    std::size_t letters = 0;
    for (; letters < text.size() && text[letters] != '='; ++letters) {
        const int value = base64_value(text[letters]);
        if (value < 0) {
            throw Refusal(1201, fmt::format("{}: is neither a URL nor base64 (byte {})", field, letters));
        }
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        if (letters % 4 != 0) {
            bytes.push_back(static_cast<char>(bits >> (6 - letters % 4 * 2)));
        }
    }
    const std::size_t padding = text.size() - letters;
    const bool padded = padding <= 2 && text.find_first_not_of('=', letters) == std::string::npos;
    if (text.empty() || text.size() % 4 != 0 || !padded) {
        throw Refusal(1201, field + ": is not whole base64");
    }
    return bytes;
}

Picture Pictures::keep(const std::string& bytes, const std::string& field, std::int64_t max_bytes)
{
    if (static_cast<std::int64_t>(bytes.size()) > max_bytes) {
        throw Refusal(1201, fmt::format("{}: {} bytes; at most {} are allowed", field, bytes.size(), max_bytes));
    }
    const std::optional<Size> decoded = picture_size(bytes);
    if (!decoded) {
        throw Refusal(1201, field + ": is no JPEG or PNG picture");
    }
    const Size size = *decoded;
    if (std::min(size.width, size.height) < k_least_side) {
        throw Refusal(1201, fmt::format("{}: {} is too small; sides must be 300 px or more", field, size.text()));
    }
    if (size.aspect() > k_most_aspect || 1 / size.aspect() > k_most_aspect) {
        throw Refusal(1201, fmt::format("{}: {} is out of 1:2.5 to 2.5:1", field, size.text()));
    }
    const auto file = dir_ / (sha256_of(bytes) + (bytes[0] == '\x89' ? ".png" : ".jpg"));
    const std::lock_guard lock(mutex_);
    if (!std::filesystem::exists(file)) {
        write_atomic(file, bytes);
    }
    return {file, size};
}

Picture Pictures::draw(const std::string& text, Size size)
{
    const auto file = dir_ / (sha256_of(text + size.text()) + ".png");
    const std::lock_guard lock(mutex_);
    if (!std::filesystem::exists(file)) {
        av::Picture picture = av::plain_picture(size, "#000000");
        paint_ground(picture, text);
        try {
            av::draw_text(picture, first_letters(text, 160), {});
        } catch (const Error&) { // nothing that fits: the colours alone
        }
        const av::Frame frame = av::Frame::rgb(size);
        for (int y = 0; y < size.height; ++y) {
            std::copy_n(picture.rgb.data() + static_cast<std::size_t>(3) * y * size.width, 3 * size.width,
                        frame.plane(0) + static_cast<std::ptrdiff_t>(y) * frame.stride(0));
        }
        write_atomic(file, av::encode_png(frame));
    }
    return {file, size};
}

void Pictures::publish(const std::string& url, const Picture& picture)
{
    const std::lock_guard lock(mutex_);
    published_[url] = picture;
}

Picture Pictures::at(const std::string& url)
{
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = published_.find(url); found != published_.end()) {
            return found->second;
        }
    }
    return draw(url, {640, 360});
}

} // namespace longtake::sandbox
