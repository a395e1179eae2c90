#include "stages/prepare/source.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

namespace longtake::stages::picture {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t k_most_pixels = 100'000'000;        ///< decoded
constexpr std::int64_t k_most_pixels_shrunk = 500'000'000; ///< in the file, where it can be decoded smaller
constexpr std::int64_t k_most_decoded = 800'000'000;       ///< bytes
constexpr std::size_t k_header_bytes = 256 * 1024;         ///< enough for nearly every header

std::uintmax_t checked_length(const fs::path& file)
{
    std::error_code error;
    const fs::file_status status = fs::status(file, error);
    if (!fs::exists(status)) {
        throw Error(Errc::input, "no such picture; check its path");
    }
    if (fs::is_directory(status)) {
        throw Error(Errc::input, "this is a directory; name a picture in it");
    }
    if (!fs::is_regular_file(status)) {
        throw Error(Errc::input, "this is not a regular file; save the picture to one first");
    }
    const std::uintmax_t length = fs::file_size(file);
    if (length == 0) {
        throw Error(Errc::input, "the file is empty; fetch or export it again");
    }
    if (length > k_most_bytes) {
        throw Error(Errc::input,
                    fmt::format("{} MB is too much for one picture; export it smaller", length / 1'000'000));
    }
    return length;
}

void check_pixels_up_to(std::int64_t most, Size size)
{
    const std::int64_t pixels = std::int64_t{size.width} * size.height;
    if (pixels > most) {
        throw Error(Errc::input,
                    fmt::format("{} is {} megapixels, more than the {} this program takes; export it smaller",
                                size.text(), pixels / 1'000'000, most / 1'000'000));
    }
}

/// Before anything is decoded: a small file may promise a picture that fills the memory.
void check_area(const Header& header)
{
    const bool shrinks = header.format == Format::jpeg && !header.progressive;
    check_pixels_up_to(shrinks ? k_most_pixels_shrunk : k_most_pixels, header.stored);
    const std::int64_t bytes =
        std::int64_t{header.stored.width} * header.stored.height * header.channels * (header.bits > 8 ? 2 : 1);
    if (!shrinks && bytes > k_most_decoded) {
        throw Error(Errc::input, fmt::format("{} with {} samples of {} bits is {} MB decoded, more than the {} this "
                                             "program takes; export it smaller, or as 8-bit RGB",
                                             header.stored.text(), header.channels, header.bits, bytes / 1'000'000,
                                             k_most_decoded / 1'000'000));
    }
}

} // namespace

std::string read_bytes(const fs::path& file, std::uintmax_t most)
{
    std::string bytes(std::min(checked_length(file), most), '\0');
    std::ifstream in(file, std::ios::binary);
    if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
        throw Error(Errc::input, std::string("cannot read it: ") + std::strerror(errno) + "; check its permissions");
    }
    return bytes;
}

void check_pixels(Size size)
{
    check_pixels_up_to(k_most_pixels, size);
}

Decoded decode_whole(std::string_view bytes, const Header& header, Damage damage)
{
    check_pixels(header.displayed());
    return decode(bytes, header, damage);
}

Header header_of(std::string_view bytes, Damage damage)
{
    const std::optional<Header> header = read_header(bytes, damage);
    if (!header) {
        throw Error(Errc::input, "the file is cut short (it ends within the header); fetch it again");
    }
    check_area(*header);
    return *header;
}

Header header_of_file(const fs::path& file)
{
    if (const auto header = read_header(read_bytes(file, k_header_bytes))) {
        check_area(*header);
        return *header;
    }
    return header_of(read_bytes(file));
}

} // namespace longtake::stages::picture
