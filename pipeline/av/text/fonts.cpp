#include "pipeline/av/text/fonts.h"

#include "pipeline/av/text/fontconfig.h"

#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace longtake::av {
namespace {

constexpr const char* k_core = "fonts-noto-core";
constexpr const char* k_cjk = "fonts-noto-cjk";
constexpr const char* k_emoji = "fonts-noto-color-emoji";

/// What fontconfig answers to itself, whatever is installed.
bool generic(const std::string& family)
{
    constexpr std::array k_generic = {"sans",    "sansserif", "serif",    "mono",  "monospace",
                                      "cursive", "fantasy",   "systemui", "emoji", "math"};
    std::string plain;
    std::copy_if(family.begin(), family.end(), std::back_inserter(plain), [](char c) { return c != '-'; });
    return std::any_of(k_generic.begin(), k_generic.end(), [&](const char* one) { return same_family(plain, one); });
}

} // namespace

const std::vector<Script>& big_scripts()
{
    static const std::vector<Script> scripts = {
        {"Latin", "Aaéßŵ", k_core},  {"Cyrillic", "Жяї", k_core},    {"Greek", "Ωλή", k_core},
        {"Arabic", "سلامپ", k_core}, {"Hebrew", "שלום", k_core},     {"Devanagari", "कखिऋ", k_core},
        {"Thai", "กาแฟ่", k_core},    {"Chinese", "们开茶灣", k_cjk}, {"Japanese", "あアー円", k_cjk},
        {"Korean", "한글뷁", k_cjk}, {"emoji", "🎉🚀", k_emoji},
    };
    return scripts;
}

bool font_has(const std::string& letters)
{
    const icu::UnicodeString text = icu::UnicodeString::fromUTF8(letters);
    const Letters wanted(FcCharSetCreate());
    for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
        FcCharSetAddChar(wanted.get(), static_cast<FcChar32>(text.char32At(at)));
    }
    const Pattern pattern(FcPatternCreate());
    FcPatternAddCharSet(pattern.get(), FC_CHARSET, wanted.get()); // lists those that have all of it
    const std::unique_ptr<FcObjectSet, Released<FcObjectSetDestroy>> nothing(FcObjectSetBuild(FC_FAMILY, nullptr));
    const FontSet fonts(FcFontList(nullptr, pattern.get(), nothing.get()));
    return fonts && fonts->nfont > 0;
}

std::vector<Script> uncovered_scripts()
{
    std::vector<Script> scripts = big_scripts();
    std::erase_if(scripts, [](const Script& script) { return font_has(script.sample); });
    return scripts;
}

bool same_family(const std::string& a, const std::string& b)
{
    const auto bare = [](const std::string& name) {
        std::string out;
        for (const char c : name) {
            if (c != ' ') {
                out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            }
        }
        return out;
    };
    return bare(a) == bare(b);
}

std::string family_for(const std::string& family)
{
    const Pattern pattern(FcPatternCreate());
    FcPatternAddString(pattern.get(), FC_FAMILY, fc(family));
    FcConfigSubstitute(nullptr, pattern.get(), FcMatchPattern);
    FcDefaultSubstitute(pattern.get());
    FcResult result = FcResultMatch;
    const Pattern font(FcFontMatch(nullptr, pattern.get(), &result));
    FcChar8* name = nullptr;
    if (!font || FcPatternGetString(font.get(), FC_FAMILY, 0, &name) != FcResultMatch) {
        return {};
    }
    std::string first = reinterpret_cast<const char*>(name);
    if (generic(family)) {
        return family;
    }
    for (int i = 0; FcPatternGetString(font.get(), FC_FAMILY, i, &name) == FcResultMatch; ++i) {
        if (same_family(family, reinterpret_cast<const char*>(name))) {
            return family; // one of the names of this font, in some language
        }
    }
    return first;
}

std::string package_for(char32_t letter)
{
    const auto c = static_cast<UChar32>(letter);
    if (u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) || u_hasBinaryProperty(c, UCHAR_EMOJI_PRESENTATION)) {
        return k_emoji;
    }
    UErrorCode error = U_ZERO_ERROR;
    switch (uscript_getScript(c, &error)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
    case USCRIPT_BOPOMOFO: return k_cjk;
    case USCRIPT_INVALID_CODE:
    case USCRIPT_UNKNOWN:
    case USCRIPT_COMMON:
    case USCRIPT_INHERITED: return {};
    default: return k_core;
    }
}

} // namespace longtake::av
