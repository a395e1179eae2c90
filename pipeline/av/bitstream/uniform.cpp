#include "pipeline/av/bitstream/uniform.h"

#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"

#include <algorithm>

namespace longtake::av::uniform {
namespace {

class Header final : public StreamHeader {
public:
    explicit Header(View extradata) : bytes_(extradata.begin(), extradata.end()) {}

    std::string copy_blocker() const override { return {}; }
    std::string identity() const override { return sha256_of(std::string(bytes_.begin(), bytes_.end())); }
    std::string pixel_format() const override { return {}; }
    int references() const override { return 0; }
    int profile() const override { return 0; }
    int level() const override { return 0; }

    CodedPicture look_at(View packet, bool key) const override
    {
        CodedPicture seen;
        seen.pictures = packet.empty() ? 0 : 1;
        seen.entry = seen.restart = key;
        return seen;
    }

    bool same_picture(View packet, bool /*begins*/, const StreamHeader& source, View original) const override
    {
        return bytes_ == dynamic_cast<const Header&>(source).bytes_ && std::ranges::equal(packet, original);
    }

    const Bytes& bytes() const { return bytes_; }

private:
    Bytes bytes_;
};

class Splicer final : public StreamSplicer {
public:
    void add_source(const StreamHeader& header, Origin /*origin*/) override
    {
        const Bytes& bytes = dynamic_cast<const Header&>(header).bytes();
        if (header_ && *header_ != bytes) {
            throw Error(Errc::input, "its header is not that of the pieces before");
        }
        header_ = bytes;
    }

    Bytes header() const override { return header_.value_or(Bytes()); }

    Sample take(View packet, bool key, bool /*begins*/, const StreamHeader& /*from*/, std::size_t /*source*/) override
    {
        return {packet, key};
    }

private:
    std::optional<Bytes> header_;
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

} // namespace longtake::av::uniform
