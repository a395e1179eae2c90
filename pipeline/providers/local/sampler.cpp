#include "pipeline/providers/local/sampler.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace longtake::local {

namespace {

constexpr int k_one = 1 << k_weight_bits;
constexpr int k_round = k_one / 2;

/// Rounds weights to integers that sum to exactly one, so that a flat colour stays what it is.
template <int N>
void store_weights(const std::array<double, N>& weights, std::int16_t* out)
{
    double sum = 0;
    for (const double weight : weights) {
        sum += weight;
    }
    int left = k_one;
    int greatest = 0;
    for (int k = 0; k < N; ++k) {
        out[k] = static_cast<std::int16_t>(std::lround(weights[k] / sum * k_one));
        left -= out[k];
        greatest = out[k] > out[greatest] ? k : greatest;
    }
    out[greatest] = static_cast<std::int16_t>(out[greatest] + left);
}

/// Mitchell and Netravali's cubic with C = (1 - B) / 2: B = 0 is Catmull-Rom, 1 the smooth B-spline.
double cubic(double x, double b)
{
    x = std::abs(x);
    const double c = (1 - b) / 2;
    if (x < 1) {
        return ((12 - 9 * b - 6 * c) * x * x * x + (-18 + 12 * b + 6 * c) * x * x + 6 - 2 * b) / 6;
    }
    return x < 2 ? ((-b - 6 * c) * x * x * x + (6 * b + 30 * c) * x * x + (-12 * b - 48 * c) * x + 8 * b + 24 * c) / 6
                 : 0;
}

/// sin(a + k * step) for k = -3..4, where sin and cos of the steps are known.
class SineLadder {
public:
    explicit SineLadder(double step)
    {
        for (int k = 0; k < Axis::k_taps; ++k) {
            cos_[k] = std::cos((k - 3) * step);
            sin_[k] = std::sin((k - 3) * step);
        }
    }
    std::array<double, Axis::k_taps> from(double angle) const
    {
        const double s = std::sin(angle);
        const double c = std::cos(angle);
        std::array<double, Axis::k_taps> sines;
        for (int k = 0; k < Axis::k_taps; ++k) {
            sines[k] = s * cos_[k] + c * sin_[k];
        }
        return sines;
    }

private:
    std::array<double, Axis::k_taps> cos_{};
    std::array<double, Axis::k_taps> sin_{};
};

/// Moves the weights' centre of gravity to where it belongs. A windowed sinc alone is off by up to 0.014 samples,
/// back and forth with the phase, which is most of the jitter that a slow move had.
void centre(std::array<double, Axis::k_taps>& weights, const std::array<double, Axis::k_taps>& hump, double phase)
{
    double sum = 0;
    double moment = 0;
    double humps = 0;
    double hump_moment = 0;
    double hump_square = 0;
    for (int k = 0; k < Axis::k_taps; ++k) {
        const double distance = k - 3 - phase;
        sum += weights[k];
        moment += weights[k] * distance;
        humps += hump[k];
        hump_moment += hump[k] * distance;
        hump_square += hump[k] * distance * distance;
    }
    const double mean = hump_moment / humps;
    const double slope = moment / (hump_square - mean * hump_moment);
    for (int k = 0; k < Axis::k_taps; ++k) { // tilts them without changing their sum
        weights[k] = (weights[k] - slope * hump[k] * (k - 3 - phase - mean)) / sum;
    }
}

#if defined(__SSE2__)

__m128i load(const std::int16_t* p)
{
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}

__m128i load_half(const std::int16_t* p)
{
    return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
}

/// The sums of four vectors of four.
__m128i sum_each(__m128i a, __m128i b, __m128i c, __m128i d)
{
    const __m128i ab = _mm_add_epi32(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
    const __m128i cd = _mm_add_epi32(_mm_unpacklo_epi32(c, d), _mm_unpackhi_epi32(c, d));
    return _mm_add_epi32(_mm_unpacklo_epi64(ab, cd), _mm_unpackhi_epi64(ab, cd));
}

__m128i descale(__m128i sum)
{
    return _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(k_round)), k_weight_bits);
}

#endif

/// One line from eight rows of a plane.
void blend_rows(const std::array<const std::int16_t*, Axis::k_taps>& rows, const std::int16_t* weights, int count,
                std::int16_t* line)
{
    int x = 0;
#if defined(__SSE2__)
    __m128i pair[4];
    for (int k = 0; k < 4; ++k) {
        pair[k] = _mm_set1_epi32((weights[2 * k] & 0xffff) | (weights[2 * k + 1] << 16));
    }
    for (; x + 8 <= count; x += 8) {
        __m128i low = _mm_set1_epi32(k_round);
        __m128i high = low;
        for (int k = 0; k < 4; ++k) {
            const __m128i a = load(rows[2 * k] + x);
            const __m128i b = load(rows[2 * k + 1] + x);
            low = _mm_add_epi32(low, _mm_madd_epi16(_mm_unpacklo_epi16(a, b), pair[k]));
            high = _mm_add_epi32(high, _mm_madd_epi16(_mm_unpackhi_epi16(a, b), pair[k]));
        }
        _mm_storeu_si128(reinterpret_cast<__m128i*>(line + x),
                         _mm_packs_epi32(_mm_srai_epi32(low, k_weight_bits), _mm_srai_epi32(high, k_weight_bits)));
    }
#endif
    for (; x < count; ++x) {
        int sum = k_round;
        for (int k = 0; k < Axis::k_taps; ++k) {
            sum += rows[k][x] * weights[k];
        }
        line[x] = static_cast<std::int16_t>(std::clamp(sum >> k_weight_bits, -32768, 32767));
    }
}

/// Along a line, whose sample 0 lies at `line`.
void blend_columns(const std::int16_t* line, const Axis& axis, std::int32_t* sums)
{
    int x = 0;
#if defined(__SSE2__)
    for (; x + 4 <= axis.count(); x += 4) {
        __m128i product[4];
        for (int k = 0; k < 4; ++k) {
            product[k] = _mm_madd_epi16(load(line + axis.first(x + k)), load(axis.weights(x + k)));
        }
        _mm_storeu_si128(reinterpret_cast<__m128i*>(sums + x),
                         sum_each(product[0], product[1], product[2], product[3]));
    }
#endif
    for (; x < axis.count(); ++x) {
        int sum = 0;
        for (int k = 0; k < Axis::k_taps; ++k) {
            sum += line[axis.first(x) + k] * axis.weights(x)[k];
        }
        sums[x] = sum;
    }
}

} // namespace

void Axis::place(int count, double origin, double step, int length)
{
    const double stretch = std::max(step, 1.0);
    const SineLadder sinc(-std::numbers::pi / stretch);
    const SineLadder window(-std::numbers::pi / 4);
    first_.resize(count);
    weights_.resize(static_cast<std::size_t>(count) * k_taps);
    for (int i = 0; i < count; ++i) {
        const double position = std::clamp(origin + i * step, -1.0, static_cast<double>(length));
        const double whole = std::floor(position);
        const double phase = position - whole;
        first_[i] = static_cast<int>(whole) - 3;
        // The distance to tap k is phase - (k - 3); Lanczos: sinc(distance / stretch) * sinc(distance / 4).
        const auto wave = sinc.from(std::numbers::pi * phase / stretch);
        const auto fade = window.from(std::numbers::pi * phase / 4);
        std::array<double, k_taps> weights{};
        std::array<double, k_taps> hump{};
        for (int k = 0; k < k_taps; ++k) {
            const double angle = std::numbers::pi * (phase - (k - 3));
            const bool middle = std::abs(angle) < 1e-6;
            hump[k] = middle ? 1 : fade[k] * 4 / angle;
            weights[k] = middle ? 1 : hump[k] * wave[k] * stretch / angle;
        }
        centre(weights, hump, phase);
        store_weights<k_taps>(weights, &weights_[static_cast<std::size_t>(i) * k_taps]);
    }
}

void GridSampler::row(const Plane& plane, const Axis& x, const Axis& y, int index, std::int32_t* sums)
{
    const int begin = std::max(x.first(0), -Plane::k_border);
    const int end = std::min(x.first(x.count() - 1) + Axis::k_taps, plane.width() + Plane::k_border);
    line_.resize(static_cast<std::size_t>(plane.stride()) + Axis::k_taps);
    std::array<const std::int16_t*, Axis::k_taps> rows;
    for (int k = 0; k < Axis::k_taps; ++k) {
        rows[k] = plane.row(y.first(index) + k) + Plane::k_border + begin;
    }
    std::int16_t* line = line_.data() + Plane::k_border;
    blend_rows(rows, y.weights(index), end - begin, line + begin);
    blend_columns(line, x, sums);
}

void PhaseTable::shape(double step)
{
    const double softness = std::clamp((step - 1) / 0.8, 0.0, 1.0);
    weights_.resize(static_cast<std::size_t>(k_taps) << k_phase_bits);
    for (int phase = 0; phase < 1 << k_phase_bits; ++phase) {
        const double fraction = (phase + 0.5) / (1 << k_phase_bits); // the middle of what is cut to this phase
        store_weights<k_taps>({cubic(fraction + 1, softness), cubic(fraction, softness), cubic(1 - fraction, softness),
                               cubic(2 - fraction, softness)},
                              &weights_[static_cast<std::size_t>(phase) * k_taps]);
    }
}

namespace {

/// Turns positions into whole samples and phases of one plane, a few at a time.
class Locator {
public:
    static constexpr int k_batch = 4;

    /// For each position of a batch: the first of its taps as an offset from origin(), and either axis' phase.
    struct Spots {
        alignas(16) std::int32_t offset[k_batch];
        alignas(16) std::int32_t phase_x[k_batch];
        alignas(16) std::int32_t phase_y[k_batch];
    };

    explicit Locator(const Plane& plane)
        : origin_(plane.row(-Plane::k_border)), stride_(plane.stride()),
          right_(static_cast<float>(plane.width() + Plane::k_border - 4)),
          bottom_(static_cast<float>(plane.height() + Plane::k_border - 4))
    {
    }

    const std::int16_t* origin() const noexcept { return origin_; }

    void locate(const float* x, const float* y, int count, Spots& spots) const
    {
        for (int i = 0; i < count; ++i) {
            const int fx = fixed(x[i], right_);
            const int fy = fixed(y[i], bottom_);
            spots.offset[i] = (fy >> k_bits) * stride_ + (fx >> k_bits);
            spots.phase_x[i] = fx & k_mask;
            spots.phase_y[i] = fy & k_mask;
        }
    }

#if defined(__SSE2__)
    void locate_batch(const float* x, const float* y, Spots& spots) const
    {
        const __m128i mask = _mm_set1_epi32(k_mask);
        const __m128i fx = fixed(_mm_loadu_ps(x), right_);
        const __m128i fy = fixed(_mm_loadu_ps(y), bottom_);
        // Rows and stride fit 15 bits, so that this is a 32-bit product, which SSE2 lacks.
        const __m128i row = _mm_madd_epi16(_mm_srai_epi32(fy, k_bits), _mm_set1_epi32(stride_));
        store(spots.offset, _mm_add_epi32(row, _mm_srai_epi32(fx, k_bits)));
        store(spots.phase_x, _mm_and_si128(fx, mask));
        store(spots.phase_y, _mm_and_si128(fy, mask));
    }
#endif

private:
    static constexpr int k_bits = PhaseTable::k_phase_bits;
    static constexpr int k_mask = (1 << k_bits) - 1;
    static constexpr float k_least = 3.0F - Plane::k_border;
    static constexpr float k_shift = Plane::k_border - 1; ///< from a position to its first tap in the bordered plane

    static int fixed(float position, float greatest)
    {
        return static_cast<int>((std::min(std::max(position, k_least), greatest) + k_shift) * (1 << k_bits));
    }

#if defined(__SSE2__)
    static __m128i fixed(__m128 position, float greatest)
    {
        const __m128 inside = _mm_min_ps(_mm_max_ps(position, _mm_set1_ps(k_least)), _mm_set1_ps(greatest));
        return _mm_cvttps_epi32(_mm_mul_ps(_mm_add_ps(inside, _mm_set1_ps(k_shift)), _mm_set1_ps(1 << k_bits)));
    }

    static void store(std::int32_t* to, __m128i value)
    {
        _mm_store_si128(reinterpret_cast<__m128i*>(to), value);
    }
#endif

    const std::int16_t* origin_;
    int stride_;
    float right_;
    float bottom_;
};

#if defined(__SSE2__)

/// The four columns around a position, each blended of its four rows.
__m128i column_sums(const std::int16_t* p, std::ptrdiff_t stride, const std::int16_t* weights)
{
    const __m128i weight = load_half(weights);
    const __m128i upper = _mm_unpacklo_epi16(load_half(p), load_half(p + stride));
    const __m128i lower = _mm_unpacklo_epi16(load_half(p + 2 * stride), load_half(p + 3 * stride));
    return descale(_mm_add_epi32(_mm_madd_epi16(upper, _mm_shuffle_epi32(weight, 0x00)),
                                 _mm_madd_epi16(lower, _mm_shuffle_epi32(weight, 0x55))));
}

/// Positions i and i + 1 of a batch: two partial sums each.
__m128i sample_two(const Locator::Spots& spots, int i, const std::int16_t* origin, std::ptrdiff_t stride,
                   const PhaseTable& table)
{
    const __m128i first = column_sums(origin + spots.offset[i], stride, table.weights(spots.phase_y[i]));
    const __m128i second = column_sums(origin + spots.offset[i + 1], stride, table.weights(spots.phase_y[i + 1]));
    const __m128i weights =
        _mm_unpacklo_epi64(load_half(table.weights(spots.phase_x[i])), load_half(table.weights(spots.phase_x[i + 1])));
    return _mm_madd_epi16(_mm_packs_epi32(first, second), weights);
}

#endif

int sample_one(const std::int16_t* corner, std::ptrdiff_t stride, const std::int16_t* across, const std::int16_t* down)
{
    int sum = 0;
    for (int column = 0; column < PhaseTable::k_taps; ++column) {
        int line = k_round;
        for (int k = 0; k < PhaseTable::k_taps; ++k) {
            line += corner[k * stride + column] * down[k];
        }
        sum += std::clamp(line >> k_weight_bits, -32768, 32767) * across[column];
    }
    return sum;
}

} // namespace

void sample_at(const Plane& plane, const PhaseTable& table, const float* x, const float* y, int count,
               std::int32_t* sums)
{
    const Locator locator(plane);
    const std::ptrdiff_t stride = plane.stride();
    Locator::Spots spots;
    int i = 0;
#if defined(__SSE2__)
    for (; i + Locator::k_batch <= count; i += Locator::k_batch) {
        locator.locate_batch(x + i, y + i, spots);
        const __m128 a = _mm_castsi128_ps(sample_two(spots, 0, locator.origin(), stride, table));
        const __m128 b = _mm_castsi128_ps(sample_two(spots, 2, locator.origin(), stride, table));
        const __m128i even = _mm_castps_si128(_mm_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0)));
        const __m128i odd = _mm_castps_si128(_mm_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1)));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(sums + i), _mm_add_epi32(even, odd));
    }
#endif
    for (; i < count; ++i) {
        locator.locate(x + i, y + i, 1, spots);
        sums[i] = sample_one(locator.origin() + spots.offset[0], stride, table.weights(spots.phase_x[0]),
                             table.weights(spots.phase_y[0]));
    }
}

void quantise(const std::int32_t* sums, int count, int row, std::uint8_t* out)
{
    // The plastic-number sequence: evenly spread in any small window, and nothing to look up.
    // https://extremelearning.com.au/unreasonable-effectiveness-of-quasirandom-sequences/
    constexpr std::int32_t k_mask = (1 << k_sum_bits) - 1;
    constexpr std::int32_t k_across = 791545; // 2^20 / 1.3247
    constexpr std::int32_t k_down = 597523;   // 2^20 / 1.3247^2
    const std::int32_t begin = static_cast<std::int32_t>((static_cast<std::int64_t>(row) * k_down) & k_mask);
    int x = 0;
#if defined(__SSE2__)
    const __m128i mask = _mm_set1_epi32(k_mask);
    const __m128i advance = _mm_set1_epi32((4 * k_across) & k_mask);
    __m128i noise = _mm_add_epi32(_mm_set1_epi32(begin), _mm_setr_epi32(0, k_across, 2 * k_across, 3 * k_across));
    for (; x + 8 <= count; x += 8) {
        __m128i value[2];
        for (int k = 0; k < 2; ++k) {
            noise = _mm_and_si128(noise, mask);
            const __m128i sum = _mm_loadu_si128(reinterpret_cast<const __m128i*>(sums + x + 4 * k));
            value[k] = _mm_srai_epi32(_mm_add_epi32(sum, noise), k_sum_bits);
            noise = _mm_add_epi32(noise, advance);
        }
        const __m128i words = _mm_packs_epi32(value[0], value[1]);
        _mm_storel_epi64(reinterpret_cast<__m128i*>(out + x), _mm_packus_epi16(words, words));
    }
#endif
    for (; x < count; ++x) {
        const auto cut = static_cast<std::int32_t>((static_cast<std::int64_t>(x) * k_across + begin) & k_mask);
        out[x] = static_cast<std::uint8_t>(std::clamp((sums[x] + cut) >> k_sum_bits, 0, 255));
    }
}

} // namespace longtake::local
