#include "pipeline/av/splice/splice_proof.h"

#include "pipeline/av/bitstream/h264/slice.h"
#include "pipeline/av/splice/packet_run_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>
#include <map>
#include <set>
#include <vector>

namespace longtake::av {
namespace {

using h264::Bytes;
using h264::NalType;
using h264::View;

constexpr int k_threads = 2; ///< more would mostly wait at the parts' ends

[[noreturn]] void off(const std::string& what)
{
    throw Error(Errc::unverified, "the spliced file failed its check: " + what);
}

/// The parameter sets a file's header holds, by PPS id.
struct Header {
    struct Set {
        h264::Sps sps;
        h264::Pps pps;
        Bytes sps_nal;
        Bytes pps_nal;
    };
    int length_size = 4;
    std::map<int, Set> sets;

    const Set& of(View slice) const
    {
        const auto found = sets.find(h264::pps_id_of(slice));
        if (found == sets.end()) {
            off(fmt::format("a slice uses PPS {}, which the header does not have", h264::pps_id_of(slice)));
        }
        return found->second;
    }
};

Header header_of(const AVStream* stream)
{
    const AVCodecParameters* p = stream->codecpar;
    const auto config = h264::parse_config({p->extradata, static_cast<std::size_t>(p->extradata_size)});
    std::map<int, Bytes> sps;
    Header header;
    header.length_size = config.length_size;
    for (const Bytes& nal : config.sps) {
        sps[h264::parse_sps(nal).id] = nal;
    }
    for (const Bytes& nal : config.pps) {
        const h264::Pps parsed = h264::parse_pps(nal);
        const auto found = sps.find(parsed.sps_id);
        if (found == sps.end()) {
            off(fmt::format("PPS {} needs SPS {}, which the header does not have", parsed.id, parsed.sps_id));
        }
        header.sets[parsed.id] = {h264::parse_sps(found->second), parsed, found->second, nal};
    }
    return header;
}

std::vector<View> nals_of(const AVPacket* packet, int length_size, bool (*wanted)(NalType))
{
    std::vector<View> nals = h264::split({packet->data, static_cast<std::size_t>(packet->size)}, length_size);
    std::erase_if(nals, [&](View nal) { return !wanted(h264::type_of(nal)); });
    return nals;
}

std::vector<View> slices_of(const AVPacket* packet, int length_size)
{
    return nals_of(packet, length_size,
                   [](NalType type) { return type == NalType::slice || type == NalType::idr_slice; });
}

bool has_parameter_sets(const AVPacket* packet, int length_size)
{
    return !nals_of(packet, length_size, [](NalType type) {
                return type == NalType::sps || type == NalType::pps;
            }).empty();
}

bool equal_pictures(const AVFrame* a, const AVFrame* b)
{
    if (a->format != b->format || a->width != b->width || a->height != b->height) {
        return false;
    }
    for (int plane = 0; plane < 3; ++plane) {
        const int shift = plane == 0 ? 0 : 1;
        const auto width = static_cast<std::size_t>((a->width + shift) >> shift);
        for (int y = 0; y < (a->height + shift) >> shift; ++y) {
            if (std::memcmp(a->data[plane] + y * a->linesize[plane], b->data[plane] + y * b->linesize[plane], width) !=
                0) {
                return false;
            }
        }
    }
    return true;
}

/// Decodes chosen packets of a stream; damage ends the proof.
class PartDecoder {
public:
    PartDecoder(const AVStream* stream, int threads)
    {
        const AVCodec* codec = avcodec_find_decoder(stream->codecpar->codec_id);
        decoder_.reset(avcodec_alloc_context3(codec));
        check(avcodec_parameters_to_context(decoder_.get(), stream->codecpar), "decode");
        decoder_->thread_count = threads;
        decoder_->err_recognition = AV_EF_EXPLODE | AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
        check(avcodec_open2(decoder_.get(), codec, nullptr), "decode");
    }

    /// Of pictures that are only counted nobody sees the edges.
    void smooth_edges(bool smooth) { decoder_->skip_loop_filter = smooth ? AVDISCARD_DEFAULT : AVDISCARD_ALL; }

    void send(const AVPacket* packet)
    {
        if (avcodec_send_packet(decoder_.get(), packet) < 0) {
            off("it does not decode");
        }
        receive();
    }

    /// The part is over: what is still inside comes out, and the next may begin.
    void flush()
    {
        send(nullptr);
        avcodec_flush_buffers(decoder_.get());
    }

    std::deque<FramePtr>& frames() { return frames_; }

private:
    void receive()
    {
        while (true) {
            FramePtr frame(av_frame_alloc());
            const int got = avcodec_receive_frame(decoder_.get(), frame.get());
            if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) {
                return;
            }
            if (got < 0 || frame->decode_error_flags != 0 || (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0) {
                off("a frame is damaged");
            }
            frames_.push_back(std::move(frame));
        }
    }

    CodecPtr decoder_;
    std::deque<FramePtr> frames_;
};

class Proof {
public:
    Proof(const std::filesystem::path& file, Rate rate, VerifyDepth depth, std::stop_token stop)
        : input_(open_track(file)), header_(header_of(input_.stream)), decoder_(input_.stream, k_threads), rate_(rate),
          depth_(depth), stop_(std::move(stop))
    {
    }

    void hold(const VerifiedPart& part)
    {
        if (stop_.stop_requested()) {
            throw Error(Errc::interrupted, "stopped");
        }
        part.file.empty() ? hold_encoded(part) : hold_copied(part);
        at_ += part.frames;
    }

    void end()
    {
        if (read_packet(input_, packet_.get())) {
            off("it is longer than planned");
        }
    }

private:
    void hold_encoded(const VerifiedPart& part)
    {
        std::vector<bool> seen(static_cast<std::size_t>(part.frames));
        std::int64_t decoded = 0;
        decoder_.smooth_edges(depth_ == VerifyDepth::all);
        for (std::int64_t i = 0; i < part.frames; ++i) {
            next(part, i, seen);
            decoder_.send(packet_.get());
            decoded += count();
        }
        decoder_.flush();
        decoded += count();
        if (decoded != part.frames) {
            off(fmt::format("the segment at frame {} decodes to {} frames, not {}", at_, decoded, part.frames));
        }
    }

    void hold_copied(const VerifiedPart& part)
    {
        PacketRunReader source(part.file, part.run, rate_);
        decoder_.smooth_edges(true);
        const Header source_header = header_of(source.stream());
        std::optional<PartDecoder> source_decoder; // opened when a picture is to be decoded: most parts need none
        std::vector<bool> seen(static_cast<std::size_t>(part.frames));
        for (std::int64_t i = 0; i < part.frames; ++i) {
            next(part, i, seen);
            const AVPacket* original = source.next();
            if (original == nullptr) {
                off("a copied part has more packets than its source");
            }
            compare(original, source_header);
            if (depth_ == VerifyDepth::all || (i == 0 && first_of_its_set())) {
                if (!source_decoder) {
                    source_decoder.emplace(source.stream(), depth_ == VerifyDepth::all ? k_threads : 1);
                }
                decoder_.send(packet_.get());
                source_decoder->send(original);
                compare_frames(*source_decoder);
            }
        }
        if (source_decoder) {
            end_copy(*source_decoder);
        }
    }

    void end_copy(PartDecoder& source_decoder)
    {
        decoder_.flush();
        source_decoder.flush();
        compare_frames(source_decoder);
        if (!decoder_.frames().empty() || !source_decoder.frames().empty()) {
            off(fmt::format("the copy at frame {} decodes to another number of frames than its source", at_));
        }
    }

    /// Whether no picture that uses these parameter sets has been decoded yet. They and the slices are compared bit for
    /// bit; one picture of each set shows that they mean the same where they are now.
    bool first_of_its_set()
    {
        return decoded_sets_.insert(h264::pps_id_of(slices_of(packet_.get(), header_.length_size).front())).second;
    }

    /// Reads the packet that should be number `i` of a part, and looks at its place and its head.
    void next(const VerifiedPart& part, std::int64_t i, std::vector<bool>& seen)
    {
        if (!read_packet(input_, packet_.get())) {
            off(fmt::format("it ends after {} of the frames planned", at_ + i));
        }
        const double frame = input_.seconds(packet_->pts) * rate_.fps();
        const std::int64_t place = std::llround(frame) - at_;
        if (place < 0 || place >= part.frames || seen[static_cast<std::size_t>(place)] ||
            std::abs(frame - std::round(frame)) > 0.1) {
            off(fmt::format("a picture is shown at frame {:.2f}, where none or another belongs", frame));
        }
        seen[static_cast<std::size_t>(place)] = true;
        look_at_head(i == 0);
    }

    void look_at_head(bool begins)
    {
        std::optional<int> idr;
        if (has_parameter_sets(packet_.get(), header_.length_size)) {
            off(fmt::format("there are parameter sets in the stream, near frame {}", at_));
        }
        const std::vector<View> slices = slices_of(packet_.get(), header_.length_size);
        for (const View nal : slices) {
            const Header::Set& set = header_.of(nal);
            const h264::Slice slice = h264::parse_slice(nal, set.sps, set.pps);
            idr = slice.idr ? slice.idr_pic_id : idr;
        }
        if (slices.empty() || (begins && !idr)) {
            off(fmt::format("the part at frame {} does not begin with an IDR picture", at_));
        }
        if (idr && idr == last_idr_) {
            off(fmt::format("two IDR pictures in a row have the same idr_pic_id, near frame {}", at_));
        }
        last_idr_ = idr;
    }

    /// The same bytes, but for the id of the parameter sets where that had to change and the idr_pic_id beside another.
    void compare(const AVPacket* original, const Header& source_header) const
    {
        const std::vector<View> ours = slices_of(packet_.get(), header_.length_size);
        const std::vector<View> theirs = slices_of(original, source_header.length_size);
        bool equal =
            ours.size() == theirs.size() && same_sets(header_.of(ours.front()), source_header.of(theirs.front()));
        for (std::size_t i = 0; equal && i < ours.size(); ++i) {
            if (std::ranges::equal(ours[i], theirs[i])) {
                continue;
            }
            const Header::Set& set = header_.of(ours[i]);
            const Header::Set& original_set = source_header.of(theirs[i]);
            const h264::Slice slice = h264::parse_slice(theirs[i], original_set.sps, original_set.pps);
            const Bytes back = h264::rewritten(ours[i], set.sps, set.pps, {slice.pps_id, slice.idr_pic_id});
            equal = std::ranges::equal(back, theirs[i]);
        }
        if (!equal) {
            off(fmt::format("the copy at frame {} has other bytes than its source", at_));
        }
    }

    /// Equal but for their ids and for the colours, which every SPS of a spliced file says.
    static bool same_sets(const Header::Set& ours, const Header::Set& theirs)
    {
        const h264::Colour bt709{false, 1, 1, 1};
        return ours.sps_nal == h264::with_colour(h264::with_id(theirs.sps_nal, ours.sps.id), bt709) &&
               ours.pps_nal == h264::with_ids(theirs.pps_nal, ours.sps.id, ours.pps.id);
    }

    void compare_frames(PartDecoder& source)
    {
        while (!decoder_.frames().empty() && !source.frames().empty()) {
            if (!equal_pictures(decoder_.frames().front().get(), source.frames().front().get())) {
                off(fmt::format("the copy at frame {} decodes to other pictures than its source", at_));
            }
            decoder_.frames().pop_front();
            source.frames().pop_front();
        }
    }

    std::int64_t count()
    {
        const auto frames = std::ssize(decoder_.frames());
        decoder_.frames().clear();
        return frames;
    }

    InputStream input_;
    Header header_;
    PartDecoder decoder_;
    Rate rate_;
    VerifyDepth depth_;
    std::stop_token stop_;
    PacketPtr packet_{av_packet_alloc()};
    std::optional<int> last_idr_;
    std::set<int> decoded_sets_; ///< PPS ids
    std::int64_t at_ = 0;
};

} // namespace

void verify_splice(const std::filesystem::path& file, Rate rate, std::span<const VerifiedPart> parts, VerifyDepth depth,
                   std::stop_token stop)
{
    try {
        Proof proof(file, rate, depth, std::move(stop));
        for (const VerifiedPart& part : parts) {
            proof.hold(part);
        }
        proof.end();
    } catch (const Error& error) {
        if (error.code() == Errc::input) { // of the file that was written
            off(error.what());
        }
        throw;
    }
}

} // namespace longtake::av
