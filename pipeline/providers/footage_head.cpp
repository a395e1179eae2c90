#include "pipeline/providers/footage_head.h"

#include <algorithm>
#include <iterator>

namespace longtake::remote {
namespace {

/// The boxes that an MP4 or QuickTime file may begin with; their names stand after four bytes of size.
constexpr std::string_view k_first_boxes[] = {"ftyp", "styp", "moov", "moof", "mdat", "free", "skip",
                                              "wide", "pnot", "uuid", "sidx", "emsg", "prft"};
constexpr std::string_view k_matroska = "\x1a\x45\xdf\xa3";
constexpr std::string_view k_byte_order_mark = "\xef\xbb\xbf";

bool is_page(std::string_view head)
{
    if (head.starts_with(k_byte_order_mark)) {
        head.remove_prefix(k_byte_order_mark.size());
    }
    head.remove_prefix(std::min(head.find_first_not_of(" \t\r\n"), head.size()));
    return head.starts_with('<') || head.starts_with('{') || head.starts_with('[');
}

} // namespace

std::string why_no_footage(std::string_view head)
{
    const std::string_view box = head.substr(std::min<std::size_t>(4, head.size()), 4);
    if (head.starts_with(k_matroska) ||
        std::find(std::begin(k_first_boxes), std::end(k_first_boxes), box) != std::end(k_first_boxes)) {
        return {};
    }
    return is_page(head) ? "a page in its place, not a video" : "something in its place that is no video";
}

} // namespace longtake::remote
