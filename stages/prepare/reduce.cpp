#include "stages/prepare/reduce.h"

#include "pipeline/base/parallel.h"

#include <opencv2/core/hal/intrin.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <numbers>
#include <thread>
#include <vector>

namespace longtake::stages::picture {
namespace {

constexpr int k_lobes = 3;
constexpr int k_one = 1 << 14; ///< weights are whole numbers of this, so that two products fit a 32-bit sum

double lanczos(double x)
{
    if (std::abs(x) < 1e-9) {
        return 1;
    }
    const double t = std::numbers::pi * x;
    return std::abs(x) >= k_lobes ? 0 : k_lobes * std::sin(t) * std::sin(t / k_lobes) / (t * t);
}

constexpr int k_scale = 64; ///< of samples between the passes
constexpr int k_lanes = 16; ///< a row is made by so many samples at once

/// Samples of one channel of a row, scaled by k_scale.
using Line = std::vector<std::int16_t>;

/// The input samples an output sample is made of; beyond the edge the last one counts again.
struct Taps {
    int count = 0;
    std::vector<int> first;            ///< of each output sample; may lie outside
    std::vector<std::int16_t> weights; ///< `count` of each, the sum of which is k_one
};

/// From the `length` samples behind `begin` (both may be fractions) to `to` of them. The count is a multiple of `step`.
Taps taps_for(double begin, double length, int to, int step)
{
    const double ratio = length / to;
    const double stretch = std::max(1.0, ratio);
    Taps taps;
    taps.count = (static_cast<int>(std::ceil(2 * k_lobes * stretch)) + step) / step * step;
    std::vector<double> exact(static_cast<std::size_t>(taps.count));
    for (int i = 0; i < to; ++i) {
        const double centre = begin + (i + 0.5) * ratio - 0.5;
        const int first = static_cast<int>(std::ceil(centre - k_lobes * stretch));
        double sum = 0;
        for (int k = 0; k < taps.count; ++k) {
            sum += exact[static_cast<std::size_t>(k)] = lanczos((first + k - centre) / stretch);
        }
        int left = k_one;
        const std::size_t at = taps.weights.size();
        for (const double weight : exact) {
            taps.weights.push_back(static_cast<std::int16_t>(std::lround(weight / sum * k_one)));
            left -= taps.weights.back();
        }
        *std::max_element(taps.weights.begin() + static_cast<std::ptrdiff_t>(at), taps.weights.end()) +=
            static_cast<std::int16_t>(left);
        taps.first.push_back(first);
    }
    return taps;
}

/// One row of the new height, its samples scaled by k_scale.
void sum_rows(const std::vector<const uchar*>& rows, const std::int16_t* weights, std::vector<std::int16_t>& out)
{
    constexpr int k_down = 8; // from k_one to k_scale
    const int count = static_cast<int>(rows.size());
    const int length = static_cast<int>(out.size());
    int x = 0;
    for (; x + 16 <= length; x += 16) { // the sums stay in registers
        std::array<cv::v_int32x4, 4> sums{cv::v_setzero_s32(), cv::v_setzero_s32(), cv::v_setzero_s32(),
                                          cv::v_setzero_s32()};
        for (int k = 0; k < count; k += 2) {
            const cv::v_uint8x16 one = cv::v_load(rows[static_cast<std::size_t>(k)] + x);
            const cv::v_uint8x16 two = cv::v_load(rows[static_cast<std::size_t>(k) + 1] + x);
            const int both = static_cast<std::uint16_t>(weights[k]) | weights[k + 1] * 65536;
            const cv::v_int16x8 pair = cv::v_reinterpret_as_s16(cv::v_setall_s32(both));
            cv::v_uint8x16 low, high;
            cv::v_zip(one, two, low, high);
            std::array<cv::v_uint16x8, 4> parts;
            cv::v_expand(low, parts[0], parts[1]);
            cv::v_expand(high, parts[2], parts[3]);
            for (std::size_t i = 0; i < 4; ++i) {
                sums[i] = cv::v_dotprod(cv::v_reinterpret_as_s16(parts[i]), pair, sums[i]);
            }
        }
        cv::v_store(&out[static_cast<std::size_t>(x)], cv::v_rshr_pack<k_down>(sums[0], sums[1]));
        cv::v_store(&out[static_cast<std::size_t>(x + 8)], cv::v_rshr_pack<k_down>(sums[2], sums[3]));
    }
    for (; x < length; ++x) {
        int sum = 1 << (k_down - 1);
        for (int k = 0; k < count; ++k) {
            sum += rows[static_cast<std::size_t>(k)][x] * weights[k];
        }
        out[static_cast<std::size_t>(x)] = cv::saturate_cast<std::int16_t>(sum >> k_down);
    }
}

/// The channels of a row, their edges repeated `margin` times.
void split(const std::vector<std::int16_t>& row, int margin, std::vector<Line>& channels)
{
    const int count = static_cast<int>(channels.size());
    const int columns = static_cast<int>(row.size()) / count;
    const auto to = [&](int channel) { return channels[static_cast<std::size_t>(channel)].data() + margin; };
    int x = 0;
    for (; count == 3 && x + 8 <= columns; x += 8) {
        cv::v_int16x8 first, second, third;
        cv::v_load_deinterleave(&row[static_cast<std::size_t>(3 * x)], first, second, third);
        cv::v_store(to(0) + x, first);
        cv::v_store(to(1) + x, second);
        cv::v_store(to(2) + x, third);
    }
    for (int c = 0; c < count; ++c) {
        std::int16_t* const channel = to(c);
        for (int i = x; i < columns; ++i) {
            channel[i] = row[static_cast<std::size_t>(i * count + c)];
        }
        std::fill_n(channel - margin, margin, channel[0]);
        std::fill_n(channel + columns, margin, channel[columns - 1]);
    }
}

/// One channel of a row of the new width; both scaled by k_scale.
void sum_columns(const std::int16_t* channel, const Taps& taps, Line& out)
{
    constexpr int k_down = 14;                 // k_one is 1 << 14
    const auto quarters = [&](std::size_t x) { // of one sample, still to be added up
        const std::int16_t* in = channel + taps.first[x];
        const std::int16_t* weights = &taps.weights[x * taps.count];
        cv::v_int32x4 sums = cv::v_dotprod(cv::v_load(in), cv::v_load(weights));
        for (int k = 8; k < taps.count; k += 8) {
            sums = cv::v_dotprod(cv::v_load(in + k), cv::v_load(weights + k), sums);
        }
        return sums;
    };
    const auto four = [&](std::size_t x) {
        cv::v_int32x4 first, second, third, fourth;
        cv::v_transpose4x4(quarters(x), quarters(x + 1), quarters(x + 2), quarters(x + 3), first, second, third,
                           fourth);
        return first + second + (third + fourth);
    };
    for (std::size_t x = 0; x < out.size(); x += 8) {
        cv::v_store(&out[x], cv::v_rshr_pack<k_down>(four(x), four(x + 4)));
    }
}

/// Sixteen samples, rounded.
cv::v_uint8x16 rounded(const Line& line, std::size_t x)
{
    constexpr int k_down = 6; // k_scale is 1 << 6
    return cv::v_rshr_pack_u<k_down>(cv::v_load(&line[x]), cv::v_load(&line[x + 8]));
}

/// The channels of a row become its pixels.
void join(const std::vector<Line>& lines, int width, uchar* out)
{
    const std::size_t channels = lines.size();
    std::array<uchar, 4 * k_lanes> pixels{};
    for (int begin = 0; begin < width; begin += k_lanes, out += k_lanes * channels) {
        const auto x = static_cast<std::size_t>(begin);
        const bool whole = begin + k_lanes <= width;
        uchar* to = whole ? out : pixels.data();
        if (channels == 3) {
            cv::v_store_interleave(to, rounded(lines[0], x), rounded(lines[1], x), rounded(lines[2], x));
        } else if (channels == 4) {
            cv::v_store_interleave(to, rounded(lines[0], x), rounded(lines[1], x), rounded(lines[2], x),
                                   rounded(lines[3], x));
        } else {
            cv::v_store(to, rounded(lines[0], x));
        }
        if (!whole) {
            std::copy_n(to, static_cast<std::size_t>(width - begin) * channels, out);
        }
    }
}

/// Averages whole pixels, as far as it leaves at least twice the size asked for.
cv::Mat averaged(const cv::Mat& picture, cv::Size to)
{
    const int across = picture.cols / (2 * to.width);
    const int down = picture.rows / (2 * to.height);
    if (across < 2 || down < 2) {
        return picture;
    }
    cv::Mat out;
    cv::resize(picture, out, {picture.cols / across, picture.rows / down}, 0, 0, cv::INTER_AREA);
    return out;
}

/// Makes the rows of the smaller picture, each on its own.
class Lanczos {
public:
    Lanczos(cv::Size from, const cv::Rect2d& part, cv::Size to, int channels)
        : from_(from), width_(to.width), channels_(channels), down_(taps_for(part.y, part.height, to.height, 2)),
          across_(taps_for(part.x, part.width, to.width, 8))
    {
        while (across_.first.size() % k_lanes != 0) {
            across_.first.push_back(across_.first.back());
            across_.weights.insert(across_.weights.end(), static_cast<std::size_t>(across_.count), 0);
        }
    }

    int taps() const noexcept { return down_.count; }

    /// The rows of the picture that row `y` is made of are first(y) .. last(y).
    int first(int y) const { return clamped(down_.first[static_cast<std::size_t>(y)]); }
    int last(int y) const { return clamped(down_.first[static_cast<std::size_t>(y)] + down_.count - 1); }

    /// What is needed while a row is made; one of each thread.
    struct Scratch {
        std::vector<const uchar*> rows;
        std::vector<std::int16_t> row;
        std::vector<Line> channels; ///< of the row, as wide as the picture and the margins
        std::vector<Line> lines;    ///< as wide as the result
    };
    Scratch scratch() const
    {
        const auto count = static_cast<std::size_t>(channels_);
        const auto width = static_cast<std::size_t>(from_.width);
        return {std::vector<const uchar*>(static_cast<std::size_t>(down_.count)),
                std::vector<std::int16_t>(width * count),
                {count, Line(width + 2 * static_cast<std::size_t>(margin()))},
                {count, Line(across_.first.size())}};
    }

    /// `row_at(i)`: row `i` of the picture.
    template <class RowAt>
    void make(int y, RowAt&& row_at, Scratch& scratch, uchar* out) const
    {
        const auto index = static_cast<std::size_t>(y);
        for (int k = 0; k < down_.count; ++k) {
            scratch.rows[static_cast<std::size_t>(k)] = row_at(clamped(down_.first[index] + k));
        }
        sum_rows(scratch.rows, &down_.weights[index * down_.count], scratch.row);
        split(scratch.row, margin(), scratch.channels);
        for (std::size_t c = 0; c < scratch.channels.size(); ++c) {
            sum_columns(scratch.channels[c].data() + margin(), across_, scratch.lines[c]);
        }
        join(scratch.lines, width_, out);
    }

private:
    int clamped(int row) const { return std::clamp(row, 0, from_.height - 1); }
    int margin() const { return across_.count; }

    cv::Size from_;
    int width_;
    int channels_;
    Taps down_;
    Taps across_;
};

constexpr int k_strip = 16; ///< rows: as many as a JPEG decoder makes at once, at most

/// Of the picture only the rows still needed are there, in a ring: the caller fills it strip by strip, and a thread
/// makes the smaller picture of them.
class Ring {
public:
    Ring(const Rows& rows, const cv::Rect2d& part, cv::Size to)
        : lanczos_(rows.size, part, to, rows.channels), scratch_(lanczos_.scratch()), count_(rows.size.height),
          ring_((lanczos_.taps() / k_strip + 4) * k_strip, rows.size.width, CV_8UC(rows.channels)),
          out_(to, CV_8UC(rows.channels)), made_(rows.made), done_(lanczos_.first(0)),
          thread_(start_thread([this] { reduce(); }))
    {
    }
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;
    ~Ring()
    {
        publish(k_stop);
        thread_.join();
    }

    /// Waits until there is room for the strip that begins at row `y`.
    cv::Mat room(int y)
    {
        for (int done = done_; y + k_strip - done > ring_.rows; done = done_) {
            done_.wait(done);
        }
        const int begin = y % ring_.rows;
        return ring_.rowRange(begin, begin + std::min(k_strip, count_ - y));
    }
    /// The first `count` rows are there.
    void publish(int count)
    {
        there_ = count;
        there_.notify_one();
    }
    /// Waits until it is made.
    cv::Mat picture()
    {
        for (int done = done_; done < count_; done = done_) {
            done_.wait(done);
        }
        return out_;
    }

private:
    static constexpr int k_stop = -1;

    void reduce()
    {
        for (int y = 0; y < out_.rows; ++y) {
            if (!await(lanczos_.last(y))) {
                return;
            }
            lanczos_.make(
                y, [&](int row) { return ring_.ptr(row % ring_.rows); }, scratch_, out_.ptr(y));
            if (made_) {
                made_(out_.row(y));
            }
            release(y + 1 < out_.rows ? lanczos_.first(y + 1) : count_);
        }
    }
    bool await(int row)
    {
        int there = there_;
        for (; there != k_stop && there <= row; there = there_) {
            there_.wait(there);
        }
        return there != k_stop;
    }
    /// The rows before `row` are not needed any more. Whoever waits for room waits for a whole strip.
    void release(int row)
    {
        const bool strip = row / k_strip != done_ / k_strip || row == count_;
        done_ = row;
        if (strip) {
            done_.notify_one();
        }
    }

    Lanczos lanczos_;
    Lanczos::Scratch scratch_;
    int count_;
    cv::Mat ring_;
    cv::Mat out_;
    std::function<void(const cv::Mat& row)> made_;
    std::atomic<int> there_ = 0;
    std::atomic<int> done_;
    std::thread thread_; ///< last: it uses all the others
};

} // namespace

cv::Mat reduced(const cv::Mat& picture, cv::Size to)
{
    const cv::Mat source = averaged(picture, to);
    const Lanczos lanczos(source.size(), cv::Rect2d({}, cv::Size2d(source.size())), to, source.channels());
    cv::Mat out(to, source.type());
    cv::parallel_for_(cv::Range(0, to.height), [&](const cv::Range& rows) {
        Lanczos::Scratch scratch = lanczos.scratch();
        for (int y = rows.start; y < rows.end; ++y) {
            lanczos.make(
                y, [&](int row) { return source.ptr(row); }, scratch, out.ptr(y));
        }
    });
    return out;
}

cv::Mat reduced(const Rows& rows, const cv::Rect2d& part, cv::Size to)
{
    Ring ring(rows, part, to);
    for (int y = 0; y < rows.size.height; y += k_strip) {
        rows.next(ring.room(y));
        ring.publish(y + k_strip);
    }
    return ring.picture();
}

} // namespace longtake::stages::picture
