#include "pipeline/av/bitstream/h264/codec.h"

#include "pipeline/av/bitstream/h264/slice.h"
#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>

namespace longtake::av::h264 {
namespace {

struct ParameterSet {
    Sps sps;
    Pps pps;
    Bytes sps_nal;
    Bytes pps_nal;
};

bool is_slice(View nal)
{
    return type_of(nal) == NalType::slice || type_of(nal) == NalType::idr_slice;
}

bool is_square(int num, int den)
{
    return num <= 0 || den <= 0 ||
           std::abs(num - den) * 200 <= den; // half a per cent: what scaling to even sides leaves
}

std::string blocker_of(const Sps& sps, const Pps& pps)
{
    if (sps.chroma_format != 1 || sps.bit_depth_luma != 8 || sps.bit_depth_chroma != 8) {
        return "it is not 8-bit 4:2:0";
    }
    if (sps.profile != 66 && sps.profile != 77 && sps.profile != 100) { // 244, say, is lossless
        return fmt::format("its profile ({}) is not Baseline, Main or High", sps.profile);
    }
    if (!sps.frame_mbs_only) {
        return "it may be interlaced";
    }
    if (sps.scaling_lists || pps.scaling_lists) {
        return "it has scaling lists of its own";
    }
    if (sps.hrd) {
        return "its buffer model (HRD) would not hold in another stream";
    }
    if (pps.slice_groups > 1 || pps.redundant_pic_cnt) {
        return "it uses slice groups or redundant pictures";
    }
    if (!is_square(sps.sar_num, sps.sar_den)) {
        return fmt::format("its pixels are not square ({}:{})", sps.sar_num, sps.sar_den);
    }
    return colour_blocker(sps.colour.value_or(Colour{}), sps.size);
}

class Header final : public StreamHeader {
public:
    explicit Header(View extradata) : config_(parse_config(extradata))
    {
        std::map<int, const Bytes*> sps;
        for (const Bytes& nal : config_.sps) {
            sps[parse_sps(nal).id] = &nal;
        }
        for (const Bytes& nal : config_.pps) {
            const Pps pps = parse_pps(nal);
            const auto found = sps.find(pps.sps_id);
            if (found == sps.end()) {
                throw Error(Errc::input,
                            fmt::format("PPS {} needs SPS {}, which the header does not have", pps.id, pps.sps_id));
            }
            sets_[pps.id] = {parse_sps(*found->second), pps, *found->second, nal};
        }
    }

    std::string copy_blocker() const override
    {
        if (config_.sps.size() != 1 || config_.pps.size() != 1) {
            return fmt::format("its parameter sets: it has {} SPS and {} PPS", config_.sps.size(), config_.pps.size());
        }
        return blocker_of(first().sps, first().pps);
    }

    std::string identity() const override
    {
        std::string bytes;
        for (const auto* sets : {&config_.sps, &config_.pps}) {
            for (const Bytes& set : *sets) {
                bytes.append(set.begin(), set.end());
                bytes.push_back('\n');
            }
        }
        return sha256_of(bytes);
    }

    std::string pixel_format() const override
    {
        const bool usual = !sets_.empty() && first().sps.chroma_format == 1 && first().sps.bit_depth_luma == 8;
        return usual ? "yuv420p" : "";
    }

    int references() const override { return sets_.empty() ? 0 : first().sps.num_ref_frames; }
    int profile() const override { return sets_.empty() ? 0 : first().sps.profile; }
    int level() const override { return sets_.empty() ? 0 : first().sps.level; }

    CodedPicture look_at(View packet, bool /*key*/) const override
    {
        CodedPicture seen;
        for (const View nal : nals(packet)) {
            look_into(nal, seen);
        }
        return seen;
    }

    bool same_picture(View packet, bool /*begins*/, const StreamHeader& source, View original) const override
    {
        const auto& from = dynamic_cast<const Header&>(source);
        const std::vector<View> ours = slices(packet);
        const std::vector<View> theirs = from.slices(original);
        return !ours.empty() && same_sets(set_of(ours.front()), from.set_of(theirs.front())) &&
               std::ranges::equal(ours, theirs, [&](View a, View b) { return same_slice(a, from, b); });
    }

    /// The only parameter set. Throws Error(input) where there are several.
    const ParameterSet& only() const
    {
        if (config_.sps.size() != 1 || config_.pps.size() != 1) {
            throw Error(Errc::input, "it has several parameter sets, which cannot be taken over");
        }
        return first();
    }

    std::vector<View> nals(View packet) const { return split(packet, config_.length_size); }

private:
    const ParameterSet& first() const { return sets_.begin()->second; }

    std::vector<View> slices(View packet) const
    {
        std::vector<View> slices = nals(packet);
        std::erase_if(slices, [](View nal) { return !is_slice(nal); });
        return slices;
    }

    const ParameterSet& set_of(View slice) const
    {
        const auto found = sets_.find(pps_id_of(slice));
        if (found == sets_.end()) {
            throw Error(Errc::input, "its slices use parameter sets the header does not have");
        }
        return found->second;
    }

    static bool known(View nal, const std::vector<Bytes>& sets)
    {
        return std::ranges::any_of(sets, [&](const Bytes& set) { return std::ranges::equal(set, nal); });
    }

    void look_into(View nal, CodedPicture& seen) const
    {
        const auto block = [&](const char* blocker) {
            if (seen.copy_blocker.empty()) {
                seen.copy_blocker = blocker;
            }
        };
        switch (type_of(nal)) {
        case NalType::idr_slice:
        case NalType::slice: {
            const ParameterSet& set = set_of(nal);
            const Slice slice = parse_slice(nal, set.sps, set.pps);
            seen.pictures += slice.first_mb == 0 ? 1 : 0;
            seen.bidirectional = seen.bidirectional || slice.type == 1;
            seen.entry = seen.restart = slice.idr;
            seen.parameter_set = slice.pps_id;
            seen.entry_id = slice.idr ? slice.idr_pic_id : seen.entry_id;
            break;
        }
        case NalType::partition_a:
        case NalType::partition_b:
        case NalType::partition_c: block("its slices are partitioned"); break;
        case NalType::sps:
        case NalType::pps:
            seen.parameter_sets = true;
            if (!known(nal, type_of(nal) == NalType::sps ? config_.sps : config_.pps)) {
                block("its parameter sets change on the way");
            }
            break;
        default: break;
        }
    }

    bool same_slice(View ours, const Header& source, View theirs) const
    {
        if (std::ranges::equal(ours, theirs)) {
            return true;
        }
        const ParameterSet& set = set_of(ours);
        const ParameterSet& original = source.set_of(theirs);
        const Slice slice = parse_slice(theirs, original.sps, original.pps);
        return std::ranges::equal(rewritten(ours, set.sps, set.pps, {slice.pps_id, slice.idr_pic_id}), theirs);
    }

    /// Equal but for their ids and for the colours.
    static bool same_sets(const ParameterSet& ours, const ParameterSet& theirs)
    {
        return ours.sps_nal == with_colour(with_id(theirs.sps_nal, ours.sps.id), k_bt709) &&
               ours.pps_nal == with_ids(theirs.pps_nal, ours.sps.id, ours.pps.id);
    }

    AvcConfig config_;
    std::map<int, ParameterSet> sets_; ///< by PPS id
};

/// Whether a NAL unit has a place in a sample: parameter sets are in the header, and the stream does not end here. Of
/// our own encoder's remarks (SEI) none is needed.
bool belongs(NalType type, Origin origin)
{
    switch (type) {
    case NalType::sei: return origin == Origin::foreign;
    case NalType::sps:
    case NalType::pps:
    case NalType::delimiter:
    case NalType::end_of_sequence:
    case NalType::end_of_stream:
    case NalType::filler: return false;
    default: return true;
    }
}

class Splicer final : public StreamSplicer {
public:
    void add_source(const StreamHeader& header, Origin origin) override
    {
        const ParameterSet& set = dynamic_cast<const Header&>(header).only();
        const int id = static_cast<int>(groups_.size());
        groups_.push_back({id, origin, with_colour(with_id(set.sps_nal, id), k_bt709), with_ids(set.pps_nal, id, id),
                           set.sps, set.pps});
    }

    Bytes header() const override
    {
        std::vector<Bytes> sps;
        std::vector<Bytes> pps;
        for (const Group& group : groups_) {
            sps.push_back(group.sps);
            pps.push_back(group.pps);
        }
        return build_config(sps, pps);
    }

    Sample take(View packet, bool /*key*/, bool /*begins*/, const StreamHeader& from, std::size_t source) override
    {
        const Group& group = groups_.at(source);
        sample_.clear();
        std::optional<int> idr;
        for (const View nal : dynamic_cast<const Header&>(from).nals(packet)) {
            if (is_slice(nal)) {
                put_slice(nal, group, idr);
            } else if (belongs(type_of(nal), group.origin)) {
                append(sample_, nal);
            }
        }
        last_idr_ = idr;
        return {sample_, idr.has_value()};
    }

private:
    /// Parameter sets of one source, and the id they have in this stream.
    struct Group {
        int id = 0;
        Origin origin = Origin::foreign;
        Bytes sps; ///< under `id`
        Bytes pps;
        Sps parsed_sps; ///< as the source has them
        Pps parsed_pps;

        bool renumbered() const { return parsed_pps.id != id; }
    };

    void put_slice(View nal, const Group& group, std::optional<int>& idr)
    {
        SliceIds ids;
        if (group.renumbered()) {
            ids.pps_id = group.id;
        }
        if (type_of(nal) == NalType::idr_slice) {
            const int own = parse_slice(nal, group.parsed_sps, group.parsed_pps).idr_pic_id.value_or(0);
            // Two IDR pictures in a row have to differ (ITU-T H.264, 7.4.3).
            idr = idr.value_or(last_idr_ == own ? own ^ 1 : own);
            if (*idr != own) {
                ids.idr_pic_id = *idr;
            }
        }
        if (ids.pps_id || ids.idr_pic_id) {
            append(sample_, rewritten(nal, group.parsed_sps, group.parsed_pps, ids));
        } else {
            append(sample_, nal);
        }
    }

    std::vector<Group> groups_;
    std::optional<int> last_idr_; ///< idr_pic_id of the picture before, if it was one
    Bytes sample_;
};

} // namespace

std::unique_ptr<StreamHeader> read_header(View extradata, View /*first*/)
{
    return std::make_unique<Header>(extradata);
}

std::unique_ptr<StreamSplicer> make_splicer()
{
    return std::make_unique<Splicer>();
}

} // namespace longtake::av::h264
