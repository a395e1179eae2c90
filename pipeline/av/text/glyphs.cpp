#include "pipeline/av/text/glyphs.h"

#include "pipeline/av/text/font_notes.h"

#include <pango/pangofc-font.h>

#include <algorithm>

namespace longtake::av {
namespace {

/// Whether a run is pictures (emoji) or boxes, which are no outlines.
bool painted(const PangoLayoutRun& run)
{
    FcBool colour = FcFalse;
    PangoFont* font = run.item->analysis.font;
    if (PANGO_IS_FC_FONT(font)) {
        FcPatternGetBool(pango_fc_font_get_pattern(PANGO_FC_FONT(font)), FC_COLOR, 0, &colour);
    }
    const PangoGlyphInfo* first = run.glyphs->glyphs;
    return colour == FcTrue ||
           std::any_of(first, first + run.glyphs->num_glyphs, [](const auto& info) { return unknown(info.glyph); });
}

} // namespace

/// Outlines are filled where they are: cairo 1.16 would set each letter at a whole pixel, unevenly.
void draw_layout(cairo_t* cairo, PangoLayout* layout, double x, double y)
{
    const LayoutIter runs(pango_layout_get_iter(layout));
    do {
        PangoLayoutRun* run = pango_layout_iter_get_run_readonly(runs.get());
        if (run == nullptr) {
            continue;
        }
        PangoRectangle logical;
        pango_layout_iter_get_run_extents(runs.get(), nullptr, &logical);
        cairo_move_to(cairo, x + static_cast<double>(logical.x) / PANGO_SCALE,
                      y + static_cast<double>(pango_layout_iter_get_baseline(runs.get())) / PANGO_SCALE);
        if (painted(*run)) {
            pango_cairo_show_glyph_string(cairo, run->item->analysis.font, run->glyphs);
        } else {
            pango_cairo_glyph_string_path(cairo, run->item->analysis.font, run->glyphs);
            cairo_fill(cairo);
        }
    } while (pango_layout_iter_next_run(runs.get()));
}

} // namespace longtake::av
