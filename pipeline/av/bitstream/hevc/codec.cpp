#include "pipeline/av/bitstream/hevc/codec.h"

#include "pipeline/av/bitstream/hevc/header.h"
#include "pipeline/av/bitstream/hevc/sei.h"
#include "pipeline/base/error.h"

#include <map>

namespace longtake::av::hevc {
namespace {

/// One stream of several: each source keeps its VPS and SPS under the source's number, and its PPS under the next ids
/// that are free.
class Splicer final : public StreamSplicer {
public:
    void add_source(const StreamHeader& header, Origin origin) override
    {
        const auto& source = dynamic_cast<const Header&>(header);
        if (source.sets().empty()) {
            throw Error(Errc::input, "its header has no parameter sets");
        }
        const int id = static_cast<int>(sources_.size());
        Source& taken = sources_.emplace_back();
        taken.origin = origin;
        for (const auto& [own_id, set] : source.sets()) {
            vps_.push_back(with_id(set.vps_nal, id));
            sps_.push_back(with_colour(with_ids(set.sps_nal, id, id), k_bt709));
            taken.pps_ids[own_id] = static_cast<int>(pps_.size());
            pps_.push_back(with_pps_ids(set.pps_nal, id, taken.pps_ids[own_id]));
        }
    }

    /// Sets that several PPS share are in it once.
    Bytes header() const override { return build_config(vps_, sps_, pps_); }

    Sample take(View packet, bool /*key*/, bool begins, const StreamHeader& from, std::size_t source) override
    {
        const auto& header = dynamic_cast<const Header&>(from);
        sample_.clear();
        bool entry = false;
        for (const View nal : header.nals(packet)) {
            const NalType type = type_of(nal);
            if (is_slice(type)) {
                put_slice(nal, header.set_of(nal), begins, sources_.at(source));
                entry = entry || is_entry(type);
            } else if ((type == NalType::prefix_sei || type == NalType::suffix_sei) &&
                       sources_.at(source).origin == Origin::foreign) {
                put_sei(nal);
            } // parameter sets are in the header, and of the rest nothing is needed
        }
        return {sample_, entry};
    }

private:
    struct Source {
        Origin origin = Origin::foreign;
        std::map<int, int> pps_ids; ///< its own, to those they have in this stream
    };

    void put_slice(View nal, const ParameterSet& set, bool begins, const Source& source)
    {
        const auto id = source.pps_ids.find(set.pps.id);
        if (id == source.pps_ids.end()) {
            throw Error(Errc::input, "its slices use parameter sets the header does not have");
        }
        const bool leans = begins && parse_slice(nal, set.sps, set.pps).drops_earlier;
        if (id->second != id->first || leans ||
            (begins && type_of(nal) != NalType::bla_n_lp && !is_idr(type_of(nal)))) {
            append(sample_, rewritten(nal, set.sps, set.pps, {id->second, begins}));
        } else {
            append(sample_, nal);
        }
    }

    void put_sei(View nal)
    {
        if (const Bytes kept = transferable(nal); !kept.empty()) {
            append(sample_, kept);
        }
    }

    std::vector<Source> sources_;
    std::vector<Bytes> vps_;
    std::vector<Bytes> sps_;
    std::vector<Bytes> pps_;
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

} // namespace longtake::av::hevc
