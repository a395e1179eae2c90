#pragma once

#include "pipeline/av/bitstream/codec.h"
#include "pipeline/av/bitstream/hevc/config.h"
#include "pipeline/av/bitstream/hevc/slice.h"

#include <map>

namespace longtake::av::hevc {

/// A picture parameter set and what it leads to.
struct ParameterSet {
    Pps pps;
    Sps sps;
    Bytes pps_nal;
    Bytes sps_nal;
    Bytes vps_nal;
};

class Header final : public StreamHeader {
public:
    /// Throws Error(input) for a record that is damaged, or whose sets name others it does not have.
    explicit Header(View extradata);

    std::string copy_blocker() const override;
    std::string identity() const override;
    std::string pixel_format() const override;
    int references() const override;
    int profile() const override;
    int level() const override;
    CodedPicture look_at(View packet, bool key) const override;
    bool same_picture(View packet, bool begins, const StreamHeader& source, View original) const override;

    std::vector<View> nals(View packet) const { return split(packet, config_.length_size); }

    /// By PPS id.
    const std::map<int, ParameterSet>& sets() const noexcept { return sets_; }

    /// Throws Error(input) where there is none.
    const ParameterSet& set_of(View slice) const;

private:
    const Sps* sps() const { return sets_.empty() ? nullptr : &sets_.begin()->second.sps; }
    std::vector<View> slices(View packet) const;
    bool knows(View nal) const;
    void look_into(View nal, CodedPicture& seen) const;
    void look_into_slice(View nal, CodedPicture& seen) const;
    bool same_slice(View ours, bool begins, const Header& source, View theirs) const;

    HevcConfig config_;
    std::map<int, ParameterSet> sets_;
    bool layers_ = false;
    bool hrd_ = false; ///< in a VPS
};

} // namespace longtake::av::hevc
