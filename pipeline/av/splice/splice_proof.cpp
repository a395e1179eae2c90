#include "pipeline/av/splice/splice_proof.h"

#include "pipeline/av/bitstream/codec.h"
#include "pipeline/av/splice/packet_run_reader.h"
#include "pipeline/base/hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>
#include <memory>
#include <set>
#include <vector>

namespace longtake::av {
namespace {

constexpr int k_threads = 2; ///< more would mostly wait at the parts' ends

constexpr const char* k_failed = "the spliced file failed its check: ";

[[noreturn]] void off(const std::string& what)
{
    throw Error(Errc::unverified, std::string(k_failed) + what);
}

const SpliceableCodec& codec_of(const InputStream& input)
{
    const std::string name = avcodec_get_name(input.stream->codecpar->codec_id);
    const SpliceableCodec* codec = spliceable_codec(name);
    if (codec == nullptr) {
        off("it is " + name);
    }
    return *codec;
}

bool equal_pictures(const AVFrame* a, const AVFrame* b)
{
    if (a->format != b->format || a->width != b->width || a->height != b->height) {
        return false;
    }
    const auto format = static_cast<AVPixelFormat>(a->format);
    const AVPixFmtDescriptor* layout = av_pix_fmt_desc_get(format);
    for (int plane = 0; plane < av_pix_fmt_count_planes(format); ++plane) {
        const auto bytes = static_cast<std::size_t>(av_image_get_linesize(format, a->width, plane));
        const int rows = plane == 0 ? a->height : AV_CEIL_RSHIFT(a->height, layout->log2_chroma_h);
        for (int y = 0; y < rows; ++y) {
            if (std::memcmp(a->data[plane] + y * a->linesize[plane], b->data[plane] + y * b->linesize[plane], bytes) !=
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
    Proof(const std::filesystem::path& file, Rate rate, int threads, VerifyDepth depth, std::stop_token stop)
        : input_(open_track(file)), codec_(codec_of(input_)), header_(header_of(input_, codec_)),
          decoder_(input_.stream, threads), rate_(rate), depth_(depth), stop_(std::move(stop))
    {
    }

    void hold(const VerifiedPart& part)
    {
        if (stop_.stop_requested()) {
            throw Error(Errc::interrupted, "stopped");
        }
        hold_copied(part);
        at_ += part.run.packets;
    }

    /// Decodes everything; the hash of each packet.
    std::vector<std::string> decode(std::int64_t frames)
    {
        std::vector<std::string> hashes;
        std::vector<bool> seen(static_cast<std::size_t>(frames));
        std::int64_t decoded = 0;
        decoder_.smooth_edges(depth_ == VerifyDepth::all);
        for (std::int64_t i = 0; i < frames; ++i) {
            next(i, seen);
            hashes.push_back(
                sha256_of({reinterpret_cast<const char*>(packet_->data), static_cast<std::size_t>(packet_->size)}));
            decoder_.send(packet_.get());
            decoded += count();
        }
        decoder_.flush();
        decoded += count();
        if (decoded != frames) {
            off(fmt::format("it decodes to {} frames, not {}", decoded, frames));
        }
        return hashes;
    }

    void end()
    {
        if (read_packet(input_, packet_.get())) {
            off("it is longer than planned");
        }
    }

private:
    void hold_copied(const VerifiedPart& part)
    {
        PacketRunReader source(part.file, part.run, rate_);
        const std::unique_ptr<StreamHeader> source_header = source.header(codec_);
        std::optional<PartDecoder> source_decoder; // opened when a picture is to be decoded: most parts need none
        std::vector<bool> seen(static_cast<std::size_t>(part.run.packets));
        for (std::int64_t i = 0; i < part.run.packets; ++i) {
            const CodedPicture picture = next(i, seen);
            const AVPacket* original = source.next();
            if (original == nullptr) {
                off("a copied part has more packets than its source");
            }
            compare(original, i == 0, *source_header);
            if (depth_ == VerifyDepth::all || (i == 0 && first_of_its_set(picture))) {
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
    bool first_of_its_set(const CodedPicture& picture) { return decoded_sets_.insert(picture.parameter_set).second; }

    /// Reads the packet that should be number `i` of a part, and looks at its place and its head.
    CodedPicture next(std::int64_t i, std::vector<bool>& seen)
    {
        if (!read_packet(input_, packet_.get())) {
            off(fmt::format("it ends after {} of the frames planned", at_ + i));
        }
        const double frame = input_.seconds(packet_->pts) * rate_.fps();
        const std::int64_t place = std::llround(frame) - at_;
        if (place < 0 || place >= std::ssize(seen) || seen[static_cast<std::size_t>(place)] ||
            std::abs(frame - std::round(frame)) > 0.1) {
            off(fmt::format("a picture is shown at frame {:.2f}, where none or another belongs", frame));
        }
        seen[static_cast<std::size_t>(place)] = true;
        return look_at_head(i == 0);
    }

    CodedPicture look_at_head(bool begins)
    {
        CodedPicture picture = header_->look_at(bytes_of(packet_.get()), (packet_->flags & AV_PKT_FLAG_KEY) != 0);
        if (picture.parameter_sets) {
            off(fmt::format("there are parameter sets in the stream, near frame {}", at_));
        }
        if (picture.pictures == 0 || (begins && !picture.restart)) {
            off(fmt::format("the part at frame {} does not begin with a picture that decoding can begin at", at_));
        }
        if (picture.entry_id && picture.entry_id == last_entry_id_) {
            off(fmt::format("two IDR pictures in a row have the same idr_pic_id, near frame {}", at_));
        }
        last_entry_id_ = picture.entry_id;
        return picture;
    }

    /// The same bytes, but for what StreamHeader::same_picture says.
    void compare(const AVPacket* original, bool begins, const StreamHeader& source) const
    {
        if (!header_->same_picture(bytes_of(packet_.get()), begins, source, bytes_of(original))) {
            off(fmt::format("the copy at frame {} has other bytes than its source", at_));
        }
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
    const SpliceableCodec& codec_;
    std::unique_ptr<StreamHeader> header_;
    PartDecoder decoder_;
    Rate rate_;
    VerifyDepth depth_;
    std::stop_token stop_;
    PacketPtr packet_{av_packet_alloc()};
    std::optional<int> last_entry_id_;
    std::set<int> decoded_sets_; ///< ids of parameter sets
    std::int64_t at_ = 0;
};

} // namespace

void verify_splice(const std::filesystem::path& file, Rate rate, std::span<const VerifiedPart> parts, VerifyDepth depth,
                   std::stop_token stop)
{
    as_unverified(k_failed, [&] {
        Proof proof(file, rate, k_threads, depth, std::move(stop));
        for (const VerifiedPart& part : parts) {
            proof.hold(part);
        }
        proof.end();
    });
}

std::vector<std::string> verify_segment(const std::filesystem::path& file, Rate rate, std::int64_t frames)
{
    return as_unverified(k_failed, [&] {
        Proof proof(file, rate, 1, VerifyDepth::joins, {});
        auto hashes = proof.decode(frames);
        proof.end();
        return hashes;
    });
}

} // namespace longtake::av
