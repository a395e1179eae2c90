#include "pipeline/av/bitstream/hevc/header.h"

#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace longtake::av::hevc {
namespace {

constexpr const char* k_layers = "it has several layers";

constexpr int k_main = 1;
constexpr int k_main_10 = 2;

// Of the constraint flags after the 32 of compatibility (7.3.3).
constexpr unsigned k_progressive_source = 0x80;
constexpr unsigned k_interlaced_source = 0x40;

bool as_good_as_square(int num, int den)
{
    return num <= 0 || den <= 0 ||
           std::abs(num - den) * 200 <= den; // half a per cent: what scaling to even sides leaves
}

bool maybe_interlaced(const Sps& sps)
{
    const unsigned constraints = sps.profile.bytes[5];
    return sps.fields || (constraints & (k_progressive_source | k_interlaced_source)) == k_interlaced_source;
}

std::string picture_blocker(const Sps& sps, bool hrd_in_vps)
{
    const int depth = sps.bit_depth_luma;
    if (sps.chroma_format != 1 || (depth != 8 && depth != 10) || sps.bit_depth_chroma != depth) {
        return "it is not 8-bit or 10-bit 4:2:0";
    }
    if (sps.profile.idc() != k_main && sps.profile.idc() != k_main_10) {
        return fmt::format("its profile ({}) is not Main or Main 10", sps.profile.idc());
    }
    if (maybe_interlaced(sps)) {
        return "it may be interlaced";
    }
    if (sps.hrd || hrd_in_vps) {
        return "its buffer model (HRD) would not hold in another stream";
    }
    if (!as_good_as_square(sps.sar_num, sps.sar_den)) {
        return fmt::format("its pixels are not square ({}:{})", sps.sar_num, sps.sar_den);
    }
    return colour_blocker(sps.colour.value_or(Colour{}), sps.size);
}

template <class Id>
std::map<int, Bytes> by_id(const std::vector<Bytes>& nals, Id&& id)
{
    std::map<int, Bytes> sets;
    for (const Bytes& nal : nals) {
        sets[id(nal)] = nal;
    }
    return sets;
}

const Bytes& found_in(const std::map<int, Bytes>& sets, int id, const char* name)
{
    const auto found = sets.find(id);
    if (found == sets.end()) {
        throw Error(Errc::input, fmt::format("{} {} is named and not in the header", name, id));
    }
    return found->second;
}

/// Equal but for their ids and for the colours.
bool same_sets(const ParameterSet& ours, const ParameterSet& theirs)
{
    const int vps_id = ours.sps.vps_id;
    return ours.vps_nal == with_id(theirs.vps_nal, vps_id) &&
           ours.sps_nal == with_colour(with_ids(theirs.sps_nal, vps_id, ours.sps.id), k_bt709) &&
           ours.pps_nal == with_pps_ids(theirs.pps_nal, ours.sps.id, ours.pps.id);
}

void block(CodedPicture& seen, const char* blocker)
{
    if (seen.copy_blocker.empty()) {
        seen.copy_blocker = blocker;
    }
}

} // namespace

Header::Header(View extradata) : config_(parse_config(extradata))
{
    const auto vps = by_id(config_.vps, [](const Bytes& nal) { return parse_vps(nal).id; });
    const auto sps = by_id(config_.sps, [](const Bytes& nal) { return parse_sps(nal).id; });
    for (const Bytes& nal : config_.pps) {
        ParameterSet set;
        set.pps = parse_pps(nal);
        set.pps_nal = nal;
        set.sps_nal = found_in(sps, set.pps.sps_id, "SPS");
        set.sps = parse_sps(set.sps_nal);
        set.vps_nal = found_in(vps, set.sps.vps_id, "VPS");
        sets_[set.pps.id] = std::move(set);
    }
    for (const Bytes& nal : config_.vps) {
        const Vps one = parse_vps(nal);
        layers_ = layers_ || one.layers > 1;
        hrd_ = hrd_ || one.hrd;
    }
}

std::string Header::copy_blocker() const
{
    if (config_.vps.size() != 1 || config_.sps.size() != 1 || sets_.empty() || sets_.size() != config_.pps.size()) {
        return fmt::format("its parameter sets: it has {} VPS, {} SPS and {} PPS", config_.vps.size(),
                           config_.sps.size(), config_.pps.size());
    }
    if (layers_) {
        return k_layers;
    }
    const bool extended =
        sps()->extended || std::ranges::any_of(sets_, [](const auto& set) { return set.second.pps.extended; });
    const std::string blocker = picture_blocker(*sps(), hrd_);
    return blocker.empty() && extended ? "its parameter sets have extensions" : blocker;
}

std::string Header::identity() const
{
    std::string bytes;
    for (const auto* sets : {&config_.vps, &config_.sps, &config_.pps}) {
        for (const Bytes& set : *sets) {
            bytes.append(set.begin(), set.end());
            bytes.push_back('\n');
        }
    }
    return sha256_of(bytes);
}

std::string Header::pixel_format() const
{
    if (sps() == nullptr || sps()->chroma_format != 1 || sps()->bit_depth_luma != sps()->bit_depth_chroma) {
        return {};
    }
    return sps()->bit_depth_luma == 8 ? "yuv420p" : fmt::format("yuv420p{}le", sps()->bit_depth_luma);
}

int Header::references() const
{
    return sps() != nullptr ? sps()->dpb_pictures - 1 : 0;
}

int Header::profile() const
{
    return sps() != nullptr ? sps()->profile.idc() : 0;
}

int Header::level() const
{
    return sps() != nullptr ? sps()->profile.level() : 0;
}

CodedPicture Header::look_at(View packet, bool /*key*/) const
{
    CodedPicture seen;
    for (const View nal : nals(packet)) {
        look_into(nal, seen);
    }
    return seen;
}

bool Header::same_picture(View packet, bool begins, const StreamHeader& source, View original) const
{
    const auto& from = dynamic_cast<const Header&>(source);
    const std::vector<View> ours = slices(packet);
    const std::vector<View> theirs = from.slices(original);
    return !ours.empty() &&
           std::ranges::equal(ours, theirs, [&](View a, View b) { return same_slice(a, begins, from, b); });
}

const ParameterSet& Header::set_of(View slice) const
{
    const auto found = sets_.find(pps_id_of(slice));
    if (found == sets_.end()) {
        throw Error(Errc::input, "its slices use parameter sets the header does not have");
    }
    return found->second;
}

std::vector<View> Header::slices(View packet) const
{
    std::vector<View> slices = nals(packet);
    std::erase_if(slices, [](View nal) { return !is_slice(type_of(nal)); });
    return slices;
}

bool Header::knows(View nal) const
{
    const auto& sets = type_of(nal) == NalType::vps   ? config_.vps
                       : type_of(nal) == NalType::sps ? config_.sps
                                                      : config_.pps;
    return std::ranges::any_of(sets, [&](const Bytes& set) { return std::ranges::equal(set, nal); });
}

void Header::look_into(View nal, CodedPicture& seen) const
{
    if (nal.size() < k_header_bytes) {
        throw Error(Errc::input, "HEVC packet: a NAL unit of one byte");
    }
    const NalType type = type_of(nal);
    if (layer_of(nal) != 0) {
        return block(seen, k_layers);
    }
    if (is_slice(type)) {
        return look_into_slice(nal, seen);
    }
    if (type < NalType::vps) {
        return block(seen, "it has pictures of a kind nobody knows");
    }
    if (type == NalType::end_of_sequence || type == NalType::end_of_stream) {
        return block(seen, "it ends and begins anew on the way");
    }
    if (type <= NalType::pps) {
        seen.parameter_sets = true;
        if (!knows(nal)) {
            block(seen, "its parameter sets change on the way");
        }
    }
}

void Header::look_into_slice(View nal, CodedPicture& seen) const
{
    const ParameterSet& set = set_of(nal);
    const Slice slice = parse_slice(nal, set.sps, set.pps);
    seen.pictures += slice.first ? 1 : 0;
    // Where nothing is reordered, encoders write B slices that look back alone.
    seen.bidirectional = seen.bidirectional || (slice.is_b.value_or(false) && set.sps.reorder_frames > 0);
    seen.entry = is_entry(slice.type);
    seen.restart = seen.entry && slice.type != NalType::cra && !slice.drops_earlier;
    seen.leading = is_leading(slice.type);
    seen.parameter_set = slice.pps_id;
}

/// The same slice under other ids; or, where a part begins, as a picture that nothing before it matters to.
bool Header::same_slice(View ours, bool begins, const Header& source, View theirs) const
{
    const ParameterSet& set = set_of(ours);
    const ParameterSet& original = source.set_of(theirs);
    if (!same_sets(set, original)) {
        return false;
    }
    return std::ranges::equal(ours, theirs) ||
           std::ranges::equal(ours, rewritten(theirs, original.sps, original.pps, {set.pps.id, begins}));
}

} // namespace longtake::av::hevc
