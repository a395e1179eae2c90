#include "pipeline/flow/preview/pdf.h"

#include <fmt/format.h>

#include <cstdint>

namespace longtake::preview {
namespace {

constexpr int k_width = 842, k_height = 595; ///< points: A4 across

/// UTF-8 as a text string (7.9.2.2): UTF-16BE behind its byte order mark, in hexadecimal.
std::string hex_text(const std::string& text)
{
    std::string hex = "<FEFF";
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        std::uint32_t point = bytes == 1 ? lead : lead & (0x7FU >> bytes);
        for (std::size_t k = 1; k < bytes && i + k < text.size(); ++k) {
            point = point << 6U | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
        }
        i += bytes;
        hex += point < 0x10000 ? fmt::format("{:04X}", point)
                               : fmt::format("{:04X}{:04X}", 0xD800 + ((point - 0x10000) >> 10U),
                                             0xDC00 + ((point - 0x10000) & 0x3FFU));
    }
    return hex + ">";
}

/// Objects one after the other, and where each begins (7.5.4).
class PdfWriter {
public:
    void add(const std::string& body)
    {
        offsets_.push_back(text_.size());
        text_ += fmt::format("{} 0 obj\n{}\nendobj\n", offsets_.size(), body);
    }

    void add_stream(const std::string& dictionary, const std::string& bytes)
    {
        add(fmt::format("<< {} /Length {} >>\nstream\n", dictionary, bytes.size()) + bytes + "\nendstream");
    }

    std::string finish(const std::string& trailer)
    {
        const std::size_t table = text_.size();
        text_ += fmt::format("xref\n0 {}\n0000000000 65535 f \n", offsets_.size() + 1);
        for (const std::size_t offset : offsets_) {
            text_ += fmt::format("{:010} 00000 n \n", offset);
        }
        text_ += fmt::format("trailer\n<< /Size {} {} >>\nstartxref\n{}\n%%EOF\n", offsets_.size() + 1, trailer, table);
        return std::move(text_);
    }

private:
    std::string text_ = "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n";
    std::vector<std::size_t> offsets_;
};

} // namespace

std::string pdf_of(const std::vector<PdfPage>& pages, const std::string& title)
{
    constexpr std::size_t k_first = 4; ///< the number of the first page's object; each page has three
    PdfWriter pdf;
    std::string kids;
    for (std::size_t i = 0; i < pages.size(); ++i) {
        kids += fmt::format("{} 0 R ", k_first + 3 * i);
    }
    pdf.add("<< /Type /Catalog /Pages 2 0 R >>");
    pdf.add(fmt::format("<< /Type /Pages /Kids [ {}] /Count {} >>", kids, pages.size()));
    pdf.add("<< /Title " + hex_text(title) + " /Producer (longtake) >>");
    for (std::size_t i = 0; i < pages.size(); ++i) {
        const std::size_t number = k_first + 3 * i;
        pdf.add(fmt::format("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {} {}] /Contents {} 0 R "
                            "/Resources << /XObject << /P {} 0 R >> >> >>",
                            k_width, k_height, number + 1, number + 2));
        pdf.add_stream("", fmt::format("q {} 0 0 {} 0 0 cm /P Do Q", k_width, k_height));
        pdf.add_stream(fmt::format("/Type /XObject /Subtype /Image /Width {} /Height {} /ColorSpace /DeviceRGB "
                                   "/BitsPerComponent 8 /Filter /DCTDecode",
                                   pages[i].pixels.width, pages[i].pixels.height),
                       pages[i].jpeg);
    }
    return pdf.finish("/Root 1 0 R /Info 3 0 R");
}

} // namespace longtake::preview
