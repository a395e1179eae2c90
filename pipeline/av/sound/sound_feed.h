#pragma once

#include "pipeline/av/media_writer.h"
#include "pipeline/av/sound/audio_encoder.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

namespace longtake::av {

/// Takes sound from its source and encodes it on a thread of its own, a few seconds ahead of whoever writes it. Holds
/// libav types, so it is included from sources only.
class SoundFeed {
public:
    /// For a file of this spec, which has sound.
    SoundFeed(SoundSource source, const MediaSpec& spec, bool global_header);
    ~SoundFeed();
    SoundFeed(const SoundFeed&) = delete;
    SoundFeed& operator=(const SoundFeed&) = delete;

    const AVCodecContext* context() const noexcept { return encoder_.context(); }

    /// The next packet that begins before `until` seconds, in the encoder's time base; null when there is none. Throws
    /// what the source threw.
    PacketPtr next_before(double until);

private:
    void run();
    void put(const AVPacket* packet);

    SoundSource source_;
    AudioEncoder encoder_;
    std::size_t skip_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<PacketPtr> packets_;
    bool ended_ = false;
    bool abandoned_ = false;
    std::exception_ptr failure_;
    std::thread thread_; ///< last: it starts when everything else stands
};

} // namespace longtake::av
