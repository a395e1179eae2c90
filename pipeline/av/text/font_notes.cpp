#include "pipeline/av/text/font_notes.h"

#include "pipeline/av/text/fonts.h"
#include "pipeline/av/text/letters.h"
#include "pipeline/av/text/line_breaks.h"
#include "pipeline/av/text/typesetter.h"
#include "pipeline/base/text.h"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <map>
#include <set>

namespace longtake::av {
namespace {

/// Letters that no font has, and of each byte the family that draws it.
struct FontsUsed {
    std::vector<char32_t> missing;
    std::map<std::size_t, std::string> families; ///< by a run's first byte
};

std::string family_of(PangoFont* font)
{
    if (font == nullptr) {
        return {};
    }
    const FontDescription description(pango_font_describe(font));
    const char* family = pango_font_description_get_family(description.get());
    return family == nullptr ? "" : family;
}

FontsUsed fonts_used(PangoLayout* layout)
{
    FontsUsed used;
    for (GSList* row = pango_layout_get_lines_readonly(layout); row != nullptr; row = row->next) {
        for (GSList* at = static_cast<PangoLayoutLine*>(row->data)->runs; at != nullptr; at = at->next) {
            const auto* run = static_cast<PangoLayoutRun*>(at->data);
            used.families[static_cast<std::size_t>(run->item->offset)] = family_of(run->item->analysis.font);
            for (int i = 0; i < run->glyphs->num_glyphs; ++i) {
                const PangoGlyph glyph = run->glyphs->glyphs[i].glyph;
                const auto letter = static_cast<char32_t>(glyph & ~PANGO_GLYPH_UNKNOWN_FLAG);
                if (unknown(glyph) &&
                    std::find(used.missing.begin(), used.missing.end(), letter) == used.missing.end()) {
                    used.missing.push_back(letter);
                }
            }
        }
    }
    return used;
}

std::string utf8_of(char32_t letter)
{
    std::string out;
    icu::UnicodeString(static_cast<UChar32>(letter)).toUTF8String(out);
    return out;
}

/// "x (U+0078)"; a letter that has no picture of its own by its number alone.
std::string named(char32_t letter)
{
    const bool shown =
        u_isgraph(static_cast<UChar32>(letter)) != 0 && u_charType(static_cast<UChar32>(letter)) != U_PRIVATE_USE_CHAR;
    const std::string number = fmt::format("U+{:04X}", static_cast<std::uint32_t>(letter));
    return shown ? fmt::format("{} ({})", utf8_of(letter), number) : number;
}

void note_missing(const FontsUsed& used, std::vector<std::string>& notes)
{
    constexpr std::size_t k_named = 8;
    if (used.missing.empty()) {
        return;
    }
    std::vector<std::string> letters;
    std::set<std::string> packages;
    for (const char32_t letter : used.missing) {
        if (letters.size() < k_named) {
            letters.push_back(named(letter));
        }
        if (const std::string package = package_for(letter); !package.empty()) {
            packages.insert(package);
        }
    }
    std::string note =
        fmt::format("no installed font has the letter{} {}", letters.size() > 1 ? "s" : "", join(letters));
    if (used.missing.size() > k_named) {
        note += fmt::format(" and {} more", used.missing.size() - k_named);
    }
    note += ": drawn as boxes";
    if (!packages.empty()) {
        note += "; install " + join({packages.begin(), packages.end()}, " ");
    }
    notes.push_back(note);
}

/// The names of a list with commas between.
std::vector<std::string> names_in(const std::string& list)
{
    std::vector<std::string> names;
    for (std::size_t at = 0; at <= list.size();) {
        const std::size_t comma = std::min(list.find(',', at), list.size());
        std::string name = list.substr(at, comma - at);
        name.erase(0, std::min(name.find_first_not_of(' '), name.size()));
        name.erase(name.find_last_not_of(' ') + 1);
        names.push_back(name);
        at = comma + 1;
    }
    return names;
}

void note_family(const std::string& font, std::vector<std::string>& notes)
{
    const std::vector<std::string> names = names_in(font); // Pango takes the first that is there
    const auto there =
        std::find_if(names.begin(), names.end(), [](const auto& name) { return family_for(name) == name; });
    if (there != names.begin()) {
        notes.push_back(fmt::format("the font '{}' is not installed; {} is used instead", names.front(),
                                    there == names.end() ? family_for(names.front()) : *there));
    }
}

/// Which families draw a word's letters; marks and signs that all fonts share have no say.
std::vector<std::string> families_of(const std::string& text, const WordSpan& word, const FontsUsed& used)
{
    std::vector<std::string> families;
    each_letter(text, word.begin, word.end, [&](UChar32 letter, std::size_t at) {
        const auto run = used.families.upper_bound(at);
        const bool counts = u_isalpha(letter) != 0 && run != used.families.begin();
        const std::string family = counts ? std::prev(run)->second : "";
        const auto known = [&](const std::string& one) { return one == family; };
        if (!family.empty() && std::none_of(families.begin(), families.end(), known)) {
            families.push_back(family);
        }
    });
    return families;
}

void note_mixed_words(const std::string& text, const FontsUsed& used, std::vector<std::string>& notes)
{
    std::string first;
    std::size_t more = 0;
    for (const WordSpan& word : words_of(text)) {
        const std::vector<std::string> families = families_of(text, word, used);
        if (families.size() < 2) {
            continue;
        }
        if (first.empty()) {
            first = fmt::format("the word '{}' is set from {} fonts: {}",
                                text.substr(word.begin, word.end - word.begin), families.size(), join(families));
        } else {
            ++more;
        }
    }
    if (!first.empty()) {
        notes.push_back(first + (more > 0 ? fmt::format(" (and {} more)", more) : ""));
    }
}

} // namespace

bool unknown(PangoGlyph glyph)
{
    return glyph != PANGO_GLYPH_EMPTY && (glyph & PANGO_GLYPH_UNKNOWN_FLAG) != 0;
}

std::vector<std::string> font_notes(const std::string& text, const std::string& family, PangoLayout* layout)
{
    std::vector<std::string> notes;
    note_family(family, notes);
    const FontsUsed used = fonts_used(layout);
    note_missing(used, notes);
    note_mixed_words(text, used, notes);
    return notes;
}

} // namespace longtake::av
