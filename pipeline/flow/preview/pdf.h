#pragma once

#include "pipeline/model/rate.h"

#include <string>
#include <vector>

namespace longtake::preview {

/// A page that is one JPEG.
struct PdfPage {
    std::string jpeg;
    Size pixels;
};

/// The bytes of a PDF 1.4 (ISO 32000-1) whose pages, A4 across, each show one picture as large as the page.
std::string pdf_of(const std::vector<PdfPage>& pages, const std::string& title);

} // namespace longtake::preview
