#include "pipeline/av/sound/sound_feed.h"

#include "pipeline/base/parallel.h"

#include <algorithm>

namespace longtake::av {
namespace {

constexpr std::size_t k_packets_ahead = 512; ///< about ten seconds of AAC
constexpr std::size_t k_feed_block = 2048;

/// Thrown inside the thread when nobody wants its packets any more.
struct Abandoned {};

} // namespace

SoundFeed::SoundFeed(SoundSource source, const MediaSpec& spec, bool global_header)
    : source_(std::move(source)), encoder_(*spec.audio, global_header), skip_(head_to_drop(spec, encoder_)),
      thread_(start_thread([this] { run(); }))
{
}

SoundFeed::~SoundFeed()
{
    {
        const std::lock_guard lock(mutex_);
        abandoned_ = true;
        changed_.notify_all();
    }
    thread_.join();
}

void SoundFeed::run()
{
    std::exception_ptr failure;
    try {
        const PacketSink sink = [this](const AVPacket* packet) { put(packet); };
        std::vector<float> block(2 * k_feed_block);
        while (const std::size_t got = source_(block)) {
            const std::size_t dropped = std::min(skip_, got);
            skip_ -= dropped;
            encoder_.feed({block.data() + 2 * dropped, 2 * (got - dropped)}, sink);
        }
        encoder_.finish(sink);
    } catch (const Abandoned&) {
        return;
    } catch (...) {
        failure = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    failure_ = failure;
    ended_ = true;
    changed_.notify_all();
}

void SoundFeed::put(const AVPacket* packet)
{
    PacketPtr own(av_packet_clone(packet));
    if (!own) {
        throw std::bad_alloc();
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return packets_.size() < k_packets_ahead || abandoned_; });
    if (abandoned_) {
        throw Abandoned{};
    }
    packets_.push_back(std::move(own));
    changed_.notify_all();
}

PacketPtr SoundFeed::next_before(double until)
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !packets_.empty() || ended_; });
    if (packets_.empty()) {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        return nullptr;
    }
    if (static_cast<double>(packets_.front()->pts) * av_q2d(encoder_.context()->time_base) >= until) {
        return nullptr;
    }
    PacketPtr packet = std::move(packets_.front());
    packets_.pop_front();
    changed_.notify_all();
    return packet;
}

} // namespace longtake::av
