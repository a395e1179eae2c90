#pragma once

#include <string_view>

namespace longtake::av {

/// Whether a file begins as XML in UTF-8 does, which may be an SVG.
bool looks_like_xml(std::string_view file);

/// Sees that an SVG is whole without any other file: every reference is to a part of its own ("#name"), to a PNG or
/// JPEG inside it ("data:"), or a link nobody follows (<a>). Scripts and animations are let be: nobody runs them.
/// Throws Error(input), with the reason and the remedy: for XML that is none or has another root, references to files
/// and addresses, style sheets, entities, pictures that are damaged or have more than 16 megapixels together.
void check_svg(std::string_view file);

} // namespace longtake::av
