#include "pipeline/av/text/typesetter.h"

#include "pipeline/av/text/letters.h"

#include <pango/pangofc-fontmap.h>
#include <unicode/uscript.h>

#include <string_view>

namespace longtake::av {
namespace {

constexpr double k_measured_em = 100; // pixels

PangoFontMap* pango_fonts()
{
    static PangoFontMap* const fonts = pango_cairo_font_map_new(); // lives as long as the program
    return fonts;
}

/// Chinese, Japanese and Korean share letters that each draws in its own way: kana and Hangul tell them apart.
const char* language_of(const std::string& text)
{
    bool han = false;
    bool kana = false;
    bool hangul = false;
    each_letter(text, 0, text.size(), [&](UChar32 letter, std::size_t) {
        UErrorCode error = U_ZERO_ERROR;
        const UScriptCode script = uscript_getScript(letter, &error);
        han = han || script == USCRIPT_HAN;
        kana = kana || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA;
        hangul = hangul || script == USCRIPT_HANGUL;
    });
    return kana ? "ja" : hangul ? "ko" : han ? "zh-cn" : "en";
}

/// Whether letters may be moved apart: not in scripts that join them or set marks on them.
bool stands_apart(const std::string& text)
{
    bool apart = true;
    each_letter(text, 0, text.size(), [&](UChar32 letter, std::size_t) {
        UErrorCode error = U_ZERO_ERROR;
        const UScriptCode script = uscript_getScript(letter, &error);
        apart = apart && (script == USCRIPT_LATIN || script == USCRIPT_GREEK || script == USCRIPT_CYRILLIC ||
                          script == USCRIPT_COMMON || script == USCRIPT_INHERITED);
    });
    return apart;
}

double in_ems(int units)
{
    return static_cast<double>(units) / PANGO_SCALE / k_measured_em;
}

/// Widths and heights of the text's own lines, in ems.
std::vector<MeasuredLine> measured_lines(PangoLayout* layout, const std::string& text)
{
    constexpr std::string_view k_separator = "\u2028"; // the one break that Pango counts to the line it ends
    std::vector<double> advance(text.size() + 1, 0);
    const LayoutIter clusters(pango_layout_get_iter(layout));
    do {
        PangoRectangle logical;
        pango_layout_iter_get_cluster_extents(clusters.get(), nullptr, &logical);
        advance[static_cast<std::size_t>(pango_layout_iter_get_index(clusters.get()))] += in_ems(logical.width);
    } while (pango_layout_iter_next_cluster(clusters.get()));

    std::vector<MeasuredLine> lines;
    const LayoutIter rows(pango_layout_get_iter(layout));
    do {
        const PangoLayoutLine* row = pango_layout_iter_get_line_readonly(rows.get());
        PangoRectangle logical;
        pango_layout_iter_get_line_extents(rows.get(), nullptr, &logical);
        MeasuredLine& line = lines.emplace_back();
        line.begin = static_cast<std::size_t>(row->start_index);
        line.end = line.begin + static_cast<std::size_t>(row->length);
        if (std::string_view(text).substr(line.begin, line.end - line.begin).ends_with(k_separator)) {
            line.end -= k_separator.size();
        }
        line.height = in_ems(logical.height);
        line.at.push_back(0);
        for (std::size_t at = line.begin; at < line.end; ++at) {
            line.at.push_back(line.at.back() + advance[at]);
        }
    } while (pango_layout_iter_next_line(rows.get()));
    return lines;
}

} // namespace

std::mutex& pango_lock()
{
    static std::mutex lock;
    return lock;
}

void fonts_have_come()
{
    pango_fc_font_map_config_changed(PANGO_FC_FONT_MAP(pango_fonts()));
}

Typesetter::Typesetter(const std::string& text, const std::string& font, int weight, double tracking)
    : context_(pango_font_map_create_context(pango_fonts())), font_(pango_font_description_new()),
      tracking_(stands_apart(text) ? tracking : 0)
{
    pango_context_set_language(context_.get(), pango_language_from_string(language_of(text)));
    pango_context_set_round_glyph_positions(context_.get(), FALSE);
    const std::unique_ptr<cairo_font_options_t, Released<cairo_font_options_destroy>> options(
        cairo_font_options_create());
    cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(context_.get(), options.get());
    pango_cairo_context_set_resolution(context_.get(), 72);
    pango_font_description_set_family(font_.get(), font.c_str());
    pango_font_description_set_weight(font_.get(), static_cast<PangoWeight>(weight));
}

Layout Typesetter::lay_out(const std::string& text, double em)
{
    Layout layout(pango_layout_new(context_.get()));
    pango_font_description_set_absolute_size(font_.get(), em * PANGO_SCALE);
    pango_layout_set_font_description(layout.get(), font_.get());
    pango_layout_set_alignment(layout.get(), PANGO_ALIGN_CENTER);
    pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
    if (tracking_ != 0) {
        const std::unique_ptr<PangoAttrList, Released<pango_attr_list_unref>> attributes(pango_attr_list_new());
        pango_attr_list_insert(attributes.get(),
                               pango_attr_letter_spacing_new(static_cast<int>(tracking_ * em * PANGO_SCALE)));
        pango_layout_set_attributes(layout.get(), attributes.get());
    }
    return layout;
}

double Typesetter::line_height()
{
    const Layout line = lay_out("X", k_measured_em);
    PangoRectangle logical;
    pango_layout_get_extents(line.get(), nullptr, &logical);
    return in_ems(logical.height);
}

Typesetter::Flat Typesetter::measured(const std::string& text)
{
    Flat flat;
    flat.layout = lay_out(text, k_measured_em);
    flat.lines = measured_lines(flat.layout.get(), text);
    return flat;
}

} // namespace longtake::av
