#include "pipeline/av/sound/sound_tracks.h"

#include "pipeline/av/clip/accepted.h"

#include <algorithm>

namespace longtake::av {
namespace {

/// Whether each track is one microphone of the same recorder.
bool one_channel_each(const std::vector<AVStream*>& tracks)
{
    return tracks.size() > 1 && std::all_of(tracks.begin(), tracks.end(), [&](const AVStream* track) {
               const AVCodecParameters* p = track->codecpar;
               return is_pcm(p->codec_id) && p->ch_layout.nb_channels == 1 &&
                      p->sample_rate == tracks.front()->codecpar->sample_rate;
           });
}

} // namespace

SoundTracks sound_tracks(AVFormatContext* container)
{
    std::vector<AVStream*> all;
    for (unsigned i = 0; i < container->nb_streams; ++i) {
        if (container->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO) {
            all.push_back(container->streams[i]);
        }
    }
    SoundTracks tracks;
    if (one_channel_each(all)) {
        tracks.heard.assign(all.begin(), all.begin() + 2);
        tracks.others.assign(all.begin() + 2, all.end());
        return tracks;
    }
    const int best = av_find_best_stream(container, AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    for (AVStream* track : all) {
        (track->index == best ? tracks.heard : tracks.others).push_back(track);
    }
    return tracks;
}

} // namespace longtake::av
