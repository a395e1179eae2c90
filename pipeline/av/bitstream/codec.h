#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace longtake::av {

using Bytes = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;

/// What a packet turned out to hold.
struct CodedPicture {
    int pictures = 0;     ///< that begin in it: 1 in what can be copied
    bool entry = false;   ///< decoding may begin here; what is shown after it does not refer to what is before
    bool restart = false; ///< an entry that is one in the middle of a stream, too, and leaves what is before as it is
    bool leading = false; ///< it is decoded after an entry and shown before it, and may refer to before it
    bool bidirectional = false;  ///< it may be shown before a picture that was decoded earlier
    int parameter_set = 0;       ///< the id of the one its picture uses; only where there is one
    std::optional<int> entry_id; ///< of an entry, where the codec wants neighbours to differ: H.264's idr_pic_id
    bool parameter_sets = false; ///< it brings parameter sets itself
    std::string copy_blocker;    ///< why its picture cannot be copied; empty: it can
};

/// The header of a coded stream, as the container holds it, and how its packets are read. Knows no container and no
/// libav; what is decoded is decided from the bits.
class StreamHeader {
public:
    virtual ~StreamHeader() = default;

    /// Why nothing of this stream can be copied into another; empty: it can.
    virtual std::string copy_blocker() const = 0;

    /// Equal for streams that share their parameter sets byte for byte.
    virtual std::string identity() const = 0;

    /// libavutil's name of what its pictures decode to; empty: not known.
    virtual std::string pixel_format() const = 0;

    virtual int references() const = 0; ///< pictures kept to refer to, at the most
    virtual int profile() const = 0;    ///< the codec's own number: H.264's profile_idc
    virtual int level() const = 0;      ///< as well: level_idc

    /// `key`: whether the container calls it a sync sample, which codecs believe that cannot look themselves. Throws
    /// Error(input) when the packet is damaged or names parameter sets this header does not have.
    virtual CodedPicture look_at(View packet, bool key) const = 0;

    /// Whether a packet of this stream has the same picture as a packet of its source: the same bits, but for ids that
    /// had to change and for colours that are said outright, and where it `begins` a part, for what makes it a restart.
    /// Both packets have a picture.
    virtual bool same_picture(View packet, bool begins, const StreamHeader& source, View original) const = 0;
};

/// Who encoded what is copied: somebody, or this program with its own settings.
enum class Origin { foreign, own };

/// One stream made of pictures of several: it has one header, with every source's parameter sets under ids of their
/// own, and the pictures are renumbered to match; or, of AV1, every entry has its source's. Sources have the ids 0, 1,
/// ... in the order they were added.
class StreamSplicer {
public:
    virtual ~StreamSplicer() = default;

    /// Throws Error(input) if the header cannot be taken over.
    virtual void add_source(const StreamHeader& header, Origin origin) = 0;

    /// What the container's header holds.
    virtual Bytes header() const = 0;

    struct Sample {
        View data; ///< valid until the next call
        bool entry = false;
    };

    /// A picture of a source as this stream holds it. `begins`: it follows pictures it does not follow there. `from`:
    /// the header of the file it comes from, which shares that source's parameter sets but not always its container;
    /// `key` as above. Throws Error(input) if it cannot be rewritten.
    virtual Sample take(View packet, bool key, bool begins, const StreamHeader& from, std::size_t source) = 0;
};

/// A codec whose pictures can be copied into another stream.
struct SpliceableCodec {
    std::string_view name;  ///< libavcodec's
    std::string_view title; ///< as people write it: "H.264"
    std::string_view entry; ///< what decoding can begin at: "IDR picture"
    /// Whose: anybody's, where parameter sets are told apart; otherwise only pictures that this program encoded, piece
    /// by piece with the same settings.
    Origin origin = Origin::own;
    std::size_t sources = 1; ///< the most whose parameter sets one stream can hold
    /// `first`: the stream's first packet, for codecs whose streams bring their header themselves (AV1); empty: not
    /// known. Throws Error(input) if the header is damaged.
    std::unique_ptr<StreamHeader> (*read_header)(View extradata, View first);
    std::unique_ptr<StreamSplicer> (*make_splicer)();
};

/// Null if nothing of that codec can be copied.
const SpliceableCodec* spliceable_codec(std::string_view name);

} // namespace longtake::av
