#pragma once

#include <pango/pango.h>

#include <string>
#include <vector>

namespace longtake::av {

/// Whether a glyph stands for a letter that no font has: it is drawn as a box.
bool unknown(PangoGlyph glyph);

/// What is to be said of the fonts that draw `text`, which `layout` holds: a family that is not installed, letters that
/// no font has, words set from two fonts.
std::vector<std::string> font_notes(const std::string& text, const std::string& family, PangoLayout* layout);

} // namespace longtake::av
