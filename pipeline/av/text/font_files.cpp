#include "pipeline/av/text/font_files.h"

#include "pipeline/av/text/fontconfig.h"
#include "pipeline/av/text/typesetter.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"

#include <fmt/format.h>

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace longtake::av {
namespace {

/// Numbers of a font file, which are big-endian. Throws Error(input) beyond its end.
class FontBytes {
public:
    explicit FontBytes(std::string_view bytes) : bytes_(bytes) {}

    std::uint64_t number(std::uint64_t at, int length) const
    {
        need(at, static_cast<std::uint64_t>(length));
        std::uint64_t value = 0;
        for (int i = 0; i < length; ++i) {
            value = value << 8 | static_cast<std::uint8_t>(bytes_[at + static_cast<std::uint64_t>(i)]);
        }
        return value;
    }

    void need(std::uint64_t at, std::uint64_t length) const
    {
        if (at > bytes_.size() || length > bytes_.size() - at) {
            throw Error(Errc::input, "it is cut off; download it again");
        }
    }

    std::string_view tag(std::uint64_t at) const
    {
        need(at, 4);
        return bytes_.substr(at, 4);
    }

private:
    std::string_view bytes_;
};

/// All tables of a font that begins at `at` are in the file (OpenType 1.9, "Organization of an OpenType font").
void check_tables(const FontBytes& bytes, std::uint64_t at)
{
    constexpr std::uint64_t k_count = 4, k_first = 12, k_record = 16, k_offset = 8, k_length = 12;
    const std::uint64_t tables = bytes.number(at + k_count, 2);
    for (std::uint64_t i = 0; i < tables; ++i) {
        const std::uint64_t record = at + k_first + i * k_record;
        bytes.need(bytes.number(record + k_offset, 4), bytes.number(record + k_length, 4));
    }
}

/// Libraries open a font that is cut off, and draw what is left.
void check_whole_font(std::string_view file)
{
    using namespace std::string_view_literals;
    const FontBytes bytes(file);
    const std::string_view kind = file.substr(0, 4);
    if (kind == "ttcf") {
        constexpr std::uint64_t k_count = 8, k_first = 12;
        const std::uint64_t fonts = bytes.number(k_count, 4);
        bytes.need(k_first, 4 * fonts);
        for (std::uint64_t i = 0; i < fonts; ++i) {
            check_tables(bytes, bytes.number(k_first + 4 * i, 4));
        }
    } else if (kind == "\0\1\0\0"sv || kind == "true" || kind == "OTTO") {
        check_tables(bytes, 0);
    } else {
        throw Error(Errc::input, kind == "wOFF" || kind == "wOF2"
                                     ? "it is a web font (WOFF); use the TTF or OTF it was made from"
                                     : "it is no font; use a TTF, OTF or TTC file");
    }
}

/// Sees that a file has a font with letters in it.
void check_letters(const std::filesystem::path& file)
{
    const FontSet fonts(FcFontSetCreate());
    int faces = 0;
    FcFreeTypeQueryAll(fc(file.string()), static_cast<unsigned>(-1), nullptr, &faces, fonts.get());
    for (int i = 0; i < fonts->nfont; ++i) {
        FcCharSet* letters = nullptr;
        if (FcPatternGetCharSet(fonts->fonts[i], FC_CHARSET, 0, &letters) == FcResultMatch &&
            FcCharSetCount(letters) > 0) {
            return;
        }
    }
    throw Error(Errc::input, fonts->nfont > 0 ? "it has no letters; use another font"
                                              : "its font cannot be read; download it again");
}

void add_font(const std::filesystem::path& file)
{
    check_whole_font(read_text(file));
    check_letters(file);
    if (FcConfigAppFontAddFile(nullptr, fc(file.string())) != FcTrue) {
        throw Error(Errc::input, "fontconfig does not take it; use another font");
    }
    fonts_have_come();
}

} // namespace

void use_font_file(const std::filesystem::path& file)
{
    static std::set<std::filesystem::path> in_use;
    const std::filesystem::path path = std::filesystem::absolute(file).lexically_normal();
    const std::lock_guard lock(pango_lock());
    if (!in_use.contains(path)) {
        in_context("font '" + path.filename().string() + "'", [&] { add_font(path); });
        in_use.insert(path);
    }
}

} // namespace longtake::av
