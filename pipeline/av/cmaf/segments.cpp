#include "pipeline/av/cmaf/segments.h"

#include "pipeline/av/cmaf/boxes.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>

namespace longtake::av::cmaf {
namespace {

constexpr std::int64_t k_index_head = 32, k_index_entry = 12;
constexpr std::uint32_t k_starts_with_sap = 0x90000000; ///< of type 1

double bits_a_second(std::int64_t bytes, std::int64_t ticks, std::int64_t timescale)
{
    return 8.0 * static_cast<double>(bytes) * static_cast<double>(timescale) /
           static_cast<double>(std::max<std::int64_t>(1, ticks));
}

} // namespace

std::vector<MediaSegment> segments_of(const TrackIndex& track, double target)
{
    const auto most = static_cast<std::int64_t>(std::floor(target * static_cast<double>(track.timescale) + 0.5));
    std::vector<MediaSegment> segments;
    for (const Fragment& fragment : track.fragments) {
        if (segments.empty() || segments.back().ticks + fragment.ticks > most) {
            segments.push_back({fragment.where, fragment.start, fragment.ticks});
        } else {
            segments.back().where.bytes += fragment.where.bytes;
            segments.back().ticks += fragment.ticks;
        }
    }
    return segments;
}

std::int64_t most_segments(double seconds, double target)
{
    return 2 * static_cast<std::int64_t>(std::ceil(seconds / target)) + 1;
}

Bandwidth bandwidth_of(std::span<const MediaSegment> segments, std::int64_t timescale, double target)
{
    const double scale = static_cast<double>(timescale);
    Bandwidth bandwidth;
    double peak = 0;
    std::int64_t all = 0, all_ticks = 0;
    for (std::size_t first = 0; first < segments.size(); ++first) {
        all += segments[first].where.bytes;
        all_ticks += segments[first].ticks;
        std::int64_t bytes = 0, ticks = 0;
        for (std::size_t i = first; i < segments.size() && static_cast<double>(ticks) < 1.5 * target * scale; ++i) {
            bytes += segments[i].where.bytes;
            ticks += segments[i].ticks;
            const double share = static_cast<double>(ticks) / (target * scale);
            if (share >= 0.5 && share <= 1.5) {
                peak = std::max(peak, bits_a_second(bytes, ticks, timescale));
            }
        }
    }
    const double average = bits_a_second(all, all_ticks, timescale);
    bandwidth.average = std::llround(average);
    bandwidth.peak = std::llround(std::max(peak, average)); // a film shorter than half a target has no such run
    return bandwidth;
}

std::int64_t segment_index_bytes(std::int64_t segments) noexcept
{
    return k_index_head + k_index_entry * segments;
}

std::vector<std::uint8_t> segment_index(std::span<const MediaSegment> segments, std::int64_t timescale)
{
    std::vector<std::uint8_t> box;
    put(box, static_cast<std::uint64_t>(segment_index_bytes(std::ssize(segments))), 4);
    put(box, "sidx");
    put(box, 0, 4); // version and flags
    put(box, 1, 4); // of track 1
    put(box, static_cast<std::uint64_t>(timescale), 4);
    put(box, 0, 4); // begins at 0
    put(box, 0, 4); // directly before the first
    put(box, static_cast<std::uint64_t>(segments.size()), 4);
    for (const MediaSegment& segment : segments) {
        put(box, static_cast<std::uint64_t>(segment.where.bytes), 4);
        put(box, static_cast<std::uint64_t>(segment.ticks), 4);
        put(box, k_starts_with_sap, 4);
    }
    return box;
}

void write_segment_index(const std::filesystem::path& file, ByteRange room, double target)
{
    const TrackIndex track = read_track(file);
    const std::vector<std::uint8_t> index = segment_index(segments_of(track, target), track.timescale);
    const std::int64_t left = room.bytes - std::ssize(index);
    if (left != 0 && left < 8) {
        throw Error(Errc::internal, fmt::format("segment index: {} bytes of {} are left", left, room.bytes));
    }
    std::vector<std::uint8_t> bytes;
    if (left > 0) {
        put(bytes, static_cast<std::uint64_t>(left), 4);
        put(bytes, "free");
        bytes.resize(static_cast<std::size_t>(left));
    }
    bytes.insert(bytes.end(), index.begin(), index.end());
    std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
    stream.seekp(room.at);
    stream.write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
    stream.close();
    if (!stream) {
        throw storage_error("writing", file, errno);
    }
}

void need_matching_index(const TrackIndex& track, std::span<const std::uint8_t> index)
{
    BoxReader reader(index);
    const bool wide = reader.u32() >> 24 == 1;
    reader.skip(4);
    const std::int64_t timescale = reader.u32();
    reader.skip(wide ? 8 : 4);
    std::int64_t at = track.segment_index.end() + static_cast<std::int64_t>(reader.number(wide ? 8 : 4));
    reader.skip(2);
    const std::uint32_t count = reader.u16();
    auto fragment = track.fragments.begin();
    for (std::uint32_t i = 0; i < count && timescale == track.timescale; ++i) {
        const std::int64_t end = at + reader.u32();
        std::int64_t ticks = reader.u32();
        reader.skip(4);
        while (fragment != track.fragments.end() && fragment->where.at == at && at < end) {
            at = fragment->where.end();
            ticks -= fragment->ticks;
            ++fragment;
        }
        if (at != end || ticks != 0) {
            throw Error(Errc::unverified, fmt::format("segment {} of its index is not what lies there", i));
        }
    }
    if (timescale != track.timescale || fragment != track.fragments.end()) {
        throw Error(Errc::unverified, "its index does not name all of it");
    }
}

} // namespace longtake::av::cmaf
