#include "pipeline/flow/batch/contact_sheet.h"

#include "pipeline/av/picture/picture_decoder.h"
#include "pipeline/av/picture/picture_reader.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/flow/look/sheet.h"

#include <algorithm>
#include <cmath>

namespace longtake {
namespace {

namespace fs = std::filesystem;

constexpr int k_columns = 8;
constexpr int k_side = 200; ///< pixels: the longer side of a poster
constexpr int k_gap = 12;
constexpr int k_line = 18; ///< height of a name

} // namespace

std::optional<av::Frame> small_poster(const fs::path& file)
{
    try {
        const av::Frame whole = av::decode_picture(read_text(file), av::PictureCodec::jpeg).frame;
        const Size size = whole.size();
        const double scale = static_cast<double>(k_side) / std::max(size.width, size.height);
        const auto side = [&](int length) { return std::max(2, static_cast<int>(std::lround(length * scale))); };
        return av::resized(whole, {side(size.width), side(size.height)});
    } catch (const Error&) {
        return std::nullopt;
    }
}

fs::path poster_of(const RowState& row)
{
    if (row.deliverables.empty()) {
        return {};
    }
    fs::path poster = row.deliverables.front().file();
    poster.replace_extension(".jpg");
    return fs::exists(poster) ? poster : fs::path();
}

std::string contact_sheet(const std::vector<RowState>& rows)
{
    std::vector<std::pair<const RowState*, fs::path>> shown;
    for (const RowState& row : rows) {
        if (const fs::path poster = poster_of(row); !poster.empty() && shown.size() < k_most_on_sheet) {
            shown.emplace_back(&row, poster);
        }
    }
    if (shown.empty()) {
        return {};
    }
    const int count = static_cast<int>(shown.size());
    const int columns = std::min(k_columns, count);
    const int lines = (count + columns - 1) / columns;
    look::Sheet sheet({k_gap + columns * (k_side + k_gap), k_gap + lines * (k_side + k_line + k_gap)});
    for (int i = 0; i < count; ++i) {
        const int x = k_gap + i % columns * (k_side + k_gap);
        const int y = k_gap + i / columns * (k_side + k_line + k_gap);
        const auto& [row, file] = shown[static_cast<std::size_t>(i)];
        if (const auto poster = small_poster(file)) {
            const Size size = poster->size();
            sheet.lay(*poster, x + (k_side - size.width) / 2, y + (k_side - size.height) / 2);
        }
        sheet.write({x, y + k_side, k_side, k_line}, row->name);
    }
    return sheet.png();
}

} // namespace longtake
