#include "pipeline/av/cmaf/track_index.h"

#include "pipeline/av/cmaf/boxes.h"
#include "pipeline/av/cmaf/codec_text.h"
#include "pipeline/av/cmaf/file_boxes.h"
#include "pipeline/av/cmaf/segments.h"
#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace longtake::av::cmaf {
namespace {

using View = std::span<const std::uint8_t>;

[[noreturn]] void wrong(const std::string& what)
{
    throw Error(Errc::unverified, what);
}

/// What every sample of a track has where its fragment does not say otherwise.
struct Defaults {
    std::uint32_t ticks = 0, bytes = 0, flags = 0;
};

constexpr std::uint32_t k_not_sync = 0x10000; ///< sample_is_non_sync_sample, 8.8.3.1

/// Sample entries begin with what pictures or sound have in common (12.1.3, 12.2.3), then hold boxes.
void read_sample_entry(View stsd, TrackIndex& track)
{
    BoxReader reader(stsd);
    reader.skip(4);
    if (reader.u32() != 1) {
        wrong("it has several sample entries");
    }
    const BoxReader::Box entry = reader.box();
    BoxReader fields(entry.payload);
    fields.skip(8);
    const bool sound = entry.type == "mp4a" || entry.type == "Opus";
    if (sound) {
        fields.skip(8);
        track.channels = static_cast<int>(fields.u16());
        fields.skip(6);
        track.sample_rate = static_cast<int>(fields.u32() >> 16);
    } else {
        fields.skip(16);
        track.size.width = static_cast<int>(fields.u16());
        track.size.height = static_cast<int>(fields.u16());
        fields.skip(50);
    }
    track.codec = codec_text(entry.type, fields.rest());
}

Defaults read_header(View moov, TrackIndex& track)
{
    if (count_boxes(moov, "trak") != 1) {
        wrong("it is not of one track");
    }
    if (!find_box(moov, "trak/edts").empty()) {
        wrong("it has an edit list, which players treat differently");
    }
    BoxReader media(find_box(moov, "trak/mdia/mdhd"));
    const bool wide = media.u32() >> 24 == 1;
    media.skip(wide ? 16 : 8);
    track.timescale = media.u32();
    if (track.timescale == 0) {
        wrong("it has no timescale");
    }
    read_sample_entry(find_box(moov, "trak/mdia/minf/stbl/stsd"), track);
    BoxReader extends(find_box(moov, "mvex/trex"));
    extends.skip(12);
    Defaults defaults;
    defaults.ticks = extends.u32();
    defaults.bytes = extends.u32();
    defaults.flags = extends.u32();
    return defaults;
}

/// Reads a track fragment: its header, when it begins, and its one run of samples (8.8.7, 8.8.12, 8.8.8).
class FragmentReader {
public:
    FragmentReader(View moof, const Defaults& defaults) : defaults_(defaults)
    {
        if (count_boxes(moof, "traf") != 1 || count_boxes(find_box(moof, "traf"), "trun") != 1) {
            wrong("a fragment has several runs of samples");
        }
        read_defaults(find_box(moof, "traf/tfhd"));
        BoxReader begin(find_box(moof, "traf/tfdt"));
        start_ = static_cast<std::int64_t>(begin.number(begin.u32() >> 24 == 1 ? 8 : 4));
        read_samples(find_box(moof, "traf/trun"));
    }

    /// `moof`: where it lies; `media`: the data of the mdat behind it.
    Fragment fragment(ByteRange moof, ByteRange media) const
    {
        if (samples_ == 0 || !sync_) {
            wrong(fmt::format("the fragment at {} does not begin with a picture to begin with", moof.at));
        }
        if (first_shown_ != 0 || last_shown_ > ticks_) {
            wrong(fmt::format("the fragment at {} shows something outside of its time", moof.at));
        }
        if (moof.at + data_offset_ != media.at || bytes_ != media.bytes) {
            wrong(fmt::format("the samples of the fragment at {} are not its media", moof.at));
        }
        return {{moof.at, media.end() - moof.at}, {media.at, first_bytes_}, start_, ticks_, samples_};
    }

private:
    void read_defaults(View tfhd)
    {
        BoxReader reader(tfhd);
        const std::uint32_t flags = reader.u32();
        reader.skip(4);
        reader.skip((flags & 1U) != 0 ? 8 : 0);
        reader.skip((flags & 2U) != 0 ? 4 : 0);
        for (auto [bit, field] : {std::pair(8U, &Defaults::ticks), {16U, &Defaults::bytes}, {32U, &Defaults::flags}}) {
            if ((flags & bit) != 0) {
                defaults_.*field = reader.u32();
            }
        }
    }

    void read_samples(View trun)
    {
        BoxReader reader(trun);
        const std::uint32_t flags = reader.u32() & 0xffffff;
        samples_ = reader.u32();
        data_offset_ = (flags & 1U) != 0 ? static_cast<std::int32_t>(reader.u32()) : 0;
        std::uint32_t first_flags = (flags & 4U) != 0 ? reader.u32() : defaults_.flags;
        for (std::int64_t i = 0; i < samples_; ++i) {
            const std::uint32_t ticks = (flags & 0x100U) != 0 ? reader.u32() : defaults_.ticks;
            const std::uint32_t bytes = (flags & 0x200U) != 0 ? reader.u32() : defaults_.bytes;
            const std::uint32_t own = (flags & 0x400U) != 0 ? reader.u32() : defaults_.flags;
            const std::int64_t offset = (flags & 0x800U) != 0 ? static_cast<std::int32_t>(reader.u32()) : 0;
            add(ticks, bytes, offset);
            if (i == 0) {
                first_bytes_ = bytes;
                first_flags = (flags & 0x400U) != 0 ? own : first_flags;
            }
        }
        sync_ = (first_flags & k_not_sync) == 0;
    }

    void add(std::int64_t ticks, std::int64_t bytes, std::int64_t offset)
    {
        first_shown_ = std::min(first_shown_, ticks_ + offset);
        last_shown_ = std::max(last_shown_, ticks_ + offset + 1);
        ticks_ += ticks;
        bytes_ += bytes;
    }

    Defaults defaults_;
    std::int64_t start_ = 0, ticks_ = 0, samples_ = 0, bytes_ = 0, first_bytes_ = 0, data_offset_ = 0;
    std::int64_t first_shown_ = std::numeric_limits<std::int64_t>::max(); ///< from its start
    std::int64_t last_shown_ = 0;
    bool sync_ = false;
};

void need_no_gap(const TrackIndex& track)
{
    std::int64_t at = 0;
    for (const Fragment& fragment : track.fragments) {
        if (fragment.start != at) {
            wrong(fmt::format("a fragment begins at {:.3f} s, not at {:.3f} s, where the one before it ends",
                              track.seconds(fragment.start), track.seconds(at)));
        }
        at += fragment.ticks;
    }
    if (track.fragments.empty()) {
        wrong("it has no fragments");
    }
}

TrackIndex read_boxes(FileBoxes& file)
{
    TrackIndex track;
    Defaults defaults;
    std::vector<std::uint8_t> sidx;
    FileBoxes::Box box;
    while (file.next(box)) {
        if (box.type == "moov") {
            const std::vector<std::uint8_t> moov = file.payload(box);
            defaults = read_header(moov, track);
            track.header = {0, box.where.end()};
        } else if (box.type == "sidx") {
            track.segment_index = box.where;
            sidx = file.payload(box);
        } else if (box.type == "moof") {
            const std::vector<std::uint8_t> moof = file.payload(box);
            const ByteRange where = box.where;
            if (!file.next(box) || box.type != "mdat") {
                wrong(fmt::format("the fragment at {} has no media behind it", where.at));
            }
            const ByteRange media{box.where.at + box.header, box.where.bytes - box.header};
            track.fragments.push_back(FragmentReader(moof, defaults).fragment(where, media));
        }
    }
    if (track.timescale == 0) {
        wrong("it has no header");
    }
    need_no_gap(track);
    if (!sidx.empty()) {
        need_matching_index(track, sidx);
    }
    return track;
}

} // namespace

std::int64_t TrackIndex::ticks() const noexcept
{
    return fragments.empty() ? 0 : fragments.back().start + fragments.back().ticks;
}

TrackIndex read_track(const std::filesystem::path& file)
{
    return in_context(file.filename().string(), [&] {
        FileBoxes boxes(file);
        return read_boxes(boxes);
    });
}

} // namespace longtake::av::cmaf
