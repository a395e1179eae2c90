#include "pipeline/image/lut/lut.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"

#include <fmt/format.h>
#include <opencv2/core/hal/intrin.hpp>

#include <algorithm>
#include <limits>
#include <mutex>
#include <utility>

namespace longtake::image {
namespace {

using Four = cv::v_float32x4; ///< R, G, B or Y', Cb, Cr, and nothing

constexpr float k_luma_range = 219, k_chroma_range = 224; ///< code values (ITU-R BT.709-6, 3.4)
constexpr float k_black = 16, k_no_colour = 128;
constexpr float k_kr = 0.2126F, k_kg = 0.7152F, k_kb = 0.0722F; ///< of luma (BT.709-6, 3.2)
constexpr float k_cb_range = 2 * (1 - k_kb), k_cr_range = 2 * (1 - k_kr);

/// What R'G'B' adds to Y', Cb, Cr above black.
Lut::Entry ycc_above_black(const std::array<float, 3>& rgb)
{
    const float y = k_kr * rgb[0] + k_kg * rgb[1] + k_kb * rgb[2];
    return {
        {k_luma_range * y, k_chroma_range * (rgb[2] - y) / k_cb_range, k_chroma_range * (rgb[0] - y) / k_cr_range, 0}};
}

std::array<float, 3> clamped(const std::array<float, 3>& rgb)
{
    std::array<float, 3> in = rgb;
    for (float& value : in) {
        value = std::clamp(value, 0.0F, 1.0F);
    }
    return in;
}

void add_black(Lut::Entry& entry)
{
    entry.ycc[0] += k_black;
    entry.ycc[1] += k_no_colour;
    entry.ycc[2] += k_no_colour;
}

std::vector<Lut::Entry> cube_entries(const Cube& cube)
{
    std::vector<Lut::Entry> entries;
    entries.reserve(cube.colours.size());
    for (const auto& rgb : cube.colours) {
        add_black(entries.emplace_back(ycc_above_black(clamped(rgb))));
    }
    return entries;
}

/// Conversion is linear: each curve's part can be added to those of the others.
std::vector<Lut::Entry> curve_entries(const Cube& cube)
{
    std::vector<Lut::Entry> entries;
    entries.reserve(3 * cube.colours.size());
    for (std::size_t channel = 0; channel < 3; ++channel) {
        for (const auto& rgb : cube.colours) {
            std::array<float, 3> alone{};
            alone[channel] = clamped(rgb)[channel];
            entries.push_back(ycc_above_black(alone));
            if (channel == 0) {
                add_black(entries.back());
            }
        }
    }
    return entries;
}

/// R'G'B' = y + (by_cb * cb + by_cr * cr), with y of 0..1 and chroma of -0.5..0.5.
Lut::Places places_of(const Cube& cube)
{
    constexpr std::array<float, 3> k_by_cb = {0, -k_kb * k_cb_range / k_kg, k_cb_range};
    constexpr std::array<float, 3> k_by_cr = {k_cr_range, -k_kr * k_cr_range / k_kg, 0};
    constexpr float k_anywhere = std::numeric_limits<float>::max();
    const auto last = static_cast<float>(cube.size - 1);
    Lut::Places places;
    for (std::size_t i = 0; i < 3; ++i) {
        const float scale = last / (cube.high[i] - cube.low[i]);
        places.y[i] = scale / k_luma_range;
        places.cb[i] = scale * k_by_cb[i] / k_chroma_range;
        places.cr[i] = scale * k_by_cr[i] / k_chroma_range;
        places.at_zero[i] = -k_black * places.y[i] - k_no_colour * (places.cb[i] + places.cr[i]) - scale * cube.low[i];
        places.least[i] = cube.low[i] > 0 ? 0 : -k_anywhere; // a table for a part of 0..1 ends where it says
        places.most[i] = cube.high[i] < 1 ? last : k_anywhere;
    }
    return places;
}

Four loaded(const std::array<float, 4>& values)
{
    return cv::v_load_aligned(values.data());
}

/// Where a colour lies: the entry below it by channel, and how far it is beyond that.
struct Cell {
    alignas(16) std::array<int, 4> below;
    alignas(16) std::array<float, 4> beyond;
};

class Locator {
public:
    Locator(const Lut::Places& places, int size)
        : y_(loaded(places.y)), cb_(loaded(places.cb)), cr_(loaded(places.cr)), at_zero_(loaded(places.at_zero)),
          least_(loaded(places.least)), most_(loaded(places.most)), last_(cv::v_setall_s32(size - 2))
    {
    }

    Four of_chroma(std::uint8_t cb, std::uint8_t cr) const
    {
        return cv::v_muladd(cv::v_setall_f32(cb), cb_, cv::v_muladd(cv::v_setall_f32(cr), cr_, at_zero_));
    }

    Cell cell(std::uint8_t y, const Four& chroma) const
    {
        const Four place = cv::v_max(least_, cv::v_min(most_, cv::v_muladd(cv::v_setall_f32(y), y_, chroma)));
        const cv::v_int32x4 below = cv::v_max(cv::v_setzero_s32(), cv::v_min(last_, cv::v_floor(place)));
        Cell cell;
        cv::v_store_aligned(cell.below.data(), below);
        cv::v_store_aligned(cell.beyond.data(), place - cv::v_cvt_f32(below));
        return cell;
    }

private:
    Four y_, cb_, cr_, at_zero_, least_, most_;
    cv::v_int32x4 last_;
};

/// Of the six tetrahedra a cell is made of, the colour lies in the one whose corners it passes going from the cell's
/// lowest along the channel it is farthest in first.
class Tetrahedral {
public:
    Tetrahedral(const std::vector<Lut::Entry>& entries, int size)
        : entries_(entries.data()), step_{1, size, size * size}
    {
        const int r = step_[0], g = step_[1], b = step_[2];
        corners_ = {{{b, g + b},
                     {b, r + b},
                     {g, g + b},
                     {r, r + g}, // by the bits r >= g, g >= b, r >= b
                     {b, g + b},
                     {r, r + b},
                     {g, r + g},
                     {r, r + g}}};
    }

    Four at(const Cell& cell) const
    {
        const float r = cell.beyond[0], g = cell.beyond[1], b = cell.beyond[2];
        const std::size_t order = static_cast<std::size_t>(r >= g) | static_cast<std::size_t>(g >= b) << 1 |
                                  static_cast<std::size_t>(r >= b) << 2;
        const float most = std::max(std::max(r, g), b);
        const float least = std::min(std::min(r, g), b);
        const float middle = std::max(std::min(r, g), std::min(std::max(r, g), b));
        const Lut::Entry* low = entries_ + cell.below[0] + static_cast<std::ptrdiff_t>(cell.below[1]) * step_[1] +
                                static_cast<std::ptrdiff_t>(cell.below[2]) * step_[2];
        const auto [second, third] = corners_[order];
        Four sum = loaded(low->ycc) * cv::v_setall_f32(1 - most);
        sum = cv::v_muladd(loaded(low[second].ycc), cv::v_setall_f32(most - middle), sum);
        sum = cv::v_muladd(loaded(low[third].ycc), cv::v_setall_f32(middle - least), sum);
        return cv::v_muladd(loaded(low[step_[0] + step_[1] + step_[2]].ycc), cv::v_setall_f32(least), sum);
    }

private:
    const Lut::Entry* entries_;
    std::array<int, 3> step_;
    std::array<std::pair<int, int>, 8> corners_;
};

/// Three curves, each linear between its entries.
class Linear {
public:
    Linear(const std::vector<Lut::Entry>& entries, int size) : entries_(entries.data()), size_(size) {}

    Four at(const Cell& cell) const
    {
        Four sum = cv::v_setzero_f32();
        for (std::size_t i = 0; i < 3; ++i) {
            const Lut::Entry* low = entries_ + static_cast<std::ptrdiff_t>(i) * size_ + cell.below[i];
            sum = cv::v_muladd(loaded(low[0].ycc), cv::v_setall_f32(1 - cell.beyond[i]), sum);
            sum = cv::v_muladd(loaded(low[1].ycc), cv::v_setall_f32(cell.beyond[i]), sum);
        }
        return sum;
    }

private:
    const Lut::Entry* entries_;
    int size_;
};

std::uint8_t code_of(float value)
{
    return static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F) + 0.5F);
}

/// Two rows of luma (the last may be alone) and the one of chroma that they share.
struct RowPair {
    RowPair(const av::Frame& frame, int top)
    {
        const auto row = [&](int plane, int y) {
            return frame.plane(plane) + static_cast<std::ptrdiff_t>(y) * frame.stride(plane);
        };
        count = std::min(2, frame.size().height - top);
        luma = {row(0, top), row(0, top + count - 1)};
        cb = row(1, top / 2);
        cr = row(2, top / 2);
    }

    std::array<std::uint8_t*, 2> luma;
    std::uint8_t* cb;
    std::uint8_t* cr;
    int count;
};

/// Grades the four pixels that share a sample of chroma, fewer at the picture's edges.
template <class Interpolation>
void grade_block(const RowPair& from, const RowPair& to, int left, int columns, const Locator& locator,
                 const Interpolation& interpolation)
{
    const Four chroma = locator.of_chroma(from.cb[left / 2], from.cr[left / 2]);
    Four sum = cv::v_setzero_f32();
    for (int y = 0; y < from.count; ++y) {
        for (int x = left; x < left + columns; ++x) {
            const Four ycc = interpolation.at(locator.cell(from.luma[y][x], chroma));
            to.luma[y][x] = code_of(ycc.get0());
            sum = sum + ycc;
        }
    }
    alignas(16) std::array<float, 4> means{};
    cv::v_store_aligned(means.data(), sum * cv::v_setall_f32(1.0F / static_cast<float>(from.count * columns)));
    to.cb[left / 2] = code_of(means[1]);
    to.cr[left / 2] = code_of(means[2]);
}

} // namespace

Lut::Lut(const Cube& cube)
    : three_(cube.three), size_(cube.size), places_(places_of(cube)),
      entries_(cube.three ? cube_entries(cube) : curve_entries(cube))
{
}

template <class Interpolation>
av::Frame Lut::graded_by(const av::Frame& frame, const Interpolation& interpolation) const
{
    const Size size = frame.size();
    const Locator locator(places_, size_);
    av::Frame out = av::Frame::yuv420(size);
    for (int top = 0; top < size.height; top += 2) {
        const RowPair from(frame, top);
        const RowPair to(out, top);
        int left = 0;
        for (; left + 1 < size.width; left += 2) {
            grade_block(from, to, left, 2, locator, interpolation);
        }
        if (left < size.width) {
            grade_block(from, to, left, 1, locator, interpolation);
        }
    }
    return out;
}

av::Frame Lut::apply(const av::Frame& frame) const
{
    return three_ ? graded_by(frame, Tetrahedral(entries_, size_)) : graded_by(frame, Linear(entries_, size_));
}

Lut read_lut(const std::filesystem::path& file)
{
    constexpr std::uintmax_t k_most_bytes = 600'000'000; // 256^3 rows as programs write them
    const std::string name = file.filename().string();
    std::error_code unknown; // then reading says why
    if (const auto bytes = std::filesystem::file_size(file, unknown); !unknown && bytes > k_most_bytes) {
        throw Error(Errc::input, fmt::format("LUT '{}' is larger than 600 MB; export a smaller one, 33 entries a side "
                                             "are plenty",
                                             name));
    }
    return Lut(parse_cube(read_text(file), name));
}

std::shared_ptr<const Lut> lut_of(const StyleFile& file)
{
    static std::mutex lock;
    static StyleFile kept;
    static std::shared_ptr<const Lut> lut;
    const std::lock_guard guard(lock);
    if (!lut || file.sha256.empty() || !(file == kept)) {
        lut = std::make_shared<const Lut>(read_lut(file.file));
        kept = file;
    }
    return lut;
}

} // namespace longtake::image
