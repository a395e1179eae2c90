#include "pipeline/av/bitstream/av1/codec.h"

#include "pipeline/av/bitstream/av1/config.h"
#include "pipeline/av/bitstream/av1/header.h"
#include "pipeline/base/error.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace longtake::av::av1 {
namespace {

class Splicer final : public StreamSplicer {
public:
    void add_source(const StreamHeader& header, Origin /*origin*/) override
    {
        const auto& source = dynamic_cast<const Header&>(header);
        const CommonWords words = source.words();
        if (!words_) {
            words_ = words;
            first_ = source.sequence();
            payload_.assign(source.payload().begin(), source.payload().end());
        }
        if (!(source.sequence().size == first_.size) || source.sequence().bit_depth != first_.bit_depth) {
            throw Error(Errc::input, "its pictures are not of the kind of those before");
        }
        if (words.chroma_position != words_->chroma_position) {
            words_->chroma_position = 0; // unknown
        }
        words_->level = std::max(words_->level, words.level);
        words_->tier = std::max(words_->tier, words.tier);
    }

    /// With the first source's sequence header.
    Bytes header() const override { return build_config(with_common_words(payload_, words_.value())); }

    Sample take(View packet, bool /*key*/, bool /*begins*/, const StreamHeader& from, std::size_t /*source*/) override
    {
        Header::Rewritten unit = dynamic_cast<const Header&>(from).rewritten(packet, words_.value());
        sample_ = std::move(unit.unit);
        return {sample_, unit.entry};
    }

private:
    std::optional<CommonWords> words_;
    SequenceHeader first_; ///< the first source's
    Bytes payload_;        ///< of it
    Bytes sample_;
};

} // namespace

std::unique_ptr<StreamHeader> read_header(View extradata, View first)
{
    return std::make_unique<Header>(extradata, first);
}

std::unique_ptr<StreamSplicer> make_splicer()
{
    return std::make_unique<Splicer>();
}

} // namespace longtake::av::av1
