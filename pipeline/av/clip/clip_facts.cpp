#include "pipeline/av/clip/clip_facts.h"

#include "pipeline/av/bitstream/codec.h"
#include "pipeline/av/clip/cadence.h"
#include "pipeline/av/input.h"
#include "pipeline/av/picture/orientation.h"
#include "pipeline/av/picture/to_bt709.h"
#include "pipeline/av/sound/sound_tracks.h"

#include <fmt/format.h>

extern "C" {
#include <libavutil/dovi_meta.h>
}

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace longtake::av {
namespace {

constexpr double k_longest_hold = 24 * 3600; ///< seconds

/// libavformat's readers of single pictures end their names so.
bool is_picture(const InputStream& input)
{
    return std::string_view(input.container->iformat->name).ends_with("_pipe");
}

/// The base layer of Dolby Vision's profile 5 is in a colour space of its own, which only its metadata leads out of.
void refuse_dolby_vision_5(const InputStream& input)
{
    const std::uint8_t* data = av_stream_get_side_data(input.stream, AV_PKT_DATA_DOVI_CONF, nullptr);
    if (data != nullptr && reinterpret_cast<const AVDOVIDecoderConfigurationRecord*>(data)->dv_profile == 5) {
        throw Error(Errc::input, input.name + ": is Dolby Vision, profile 5, whose colours are not read; export it as "
                                              "HLG, HDR10 or SDR");
    }
}

/// What a pass over the packets tells.
struct Pictured {
    std::vector<std::int64_t> times; ///< of the pictures that are shown, in the order of decoding
    std::int64_t end = INT64_MIN;    ///< of the last picture, in the stream's time base
    std::int64_t shown = 0;
    bool all_timed = true;
};

/// From the packets alone.
Pictured pictured_in(InputStream& input)
{
    const PacketPtr packet(av_packet_alloc());
    const AVRational average = rate_of(input.stream);
    const std::int64_t frame = std::llround(1 / (av_q2d(average) * av_q2d(input.stream->time_base)));
    Pictured seen;
    while (read_packet(input, packet.get())) {
        if ((packet->flags & AV_PKT_FLAG_DISCARD) != 0) {
            continue;
        }
        ++seen.shown;
        seen.all_timed = seen.all_timed && packet->pts != AV_NOPTS_VALUE;
        const std::int64_t at = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts; // AVI has only the latter
        if (at != AV_NOPTS_VALUE) {
            seen.times.push_back(at);
            seen.end = std::max(seen.end, at + (packet->duration > 0 ? packet->duration : frame));
        }
    }
    std::sort(seen.times.begin(), seen.times.end());
    if (!seen.all_timed && !seen.times.empty()) { // a program stream need not time every picture, not even the last
        seen.end = std::max(seen.end, seen.times.front() + seen.shown * frame);
    }
    return seen;
}

/// From what a decoder shows: of streams that were cut, or are damaged, not every packet becomes a picture.
Pictured pictured_by_decoding(const std::filesystem::path& file, Damage damage)
{
    const PacketPtr packet(av_packet_alloc());
    const FramePtr frame(av_frame_alloc());
    InputStream input = open_stream(file, 0, damage);
    const double tick = av_q2d(input.stream->time_base);
    const AVRational average = rate_of(input.stream);
    const std::int64_t step = std::llround(1 / (av_q2d(average) * tick));
    Pictured seen;
    while (decode_next(input, packet.get(), frame.get())) {
        const std::int64_t before = seen.times.empty() ? 0 : seen.times.back() + step;
        const std::int64_t at = frame->best_effort_timestamp != AV_NOPTS_VALUE ? frame->best_effort_timestamp : before;
        seen.times.push_back(at);
        seen.end = std::max(seen.end, at + (frame->pkt_duration > 0 ? frame->pkt_duration : step));
        ++seen.shown;
    }
    std::sort(seen.times.begin(), seen.times.end());
    return seen;
}

double length_of(const InputStream& input, const Pictured& seen, InputInfo& facts)
{
    if (seen.times.empty()) {
        return static_cast<double>(input.container->duration) / AV_TIME_BASE;
    }
    const double pictures = static_cast<double>(seen.end - seen.times.front()) * av_q2d(input.stream->time_base);
    if (input.sound_until <= pictures + k_sound_holds) {
        return pictures;
    }
    facts.notes.push_back(fmt::format("its sound goes on for {:.2f} s after its last picture, which is held meanwhile",
                                      input.sound_until - pictures));
    return input.sound_until;
}

/// A picture that stands for more than a day is a damaged timestamp, and would be a film of years.
void refuse_leaps(const InputStream& input, const Pictured& seen, double length)
{
    const auto seconds = [&](std::int64_t time) { return static_cast<double>(time) * av_q2d(input.stream->time_base); };
    double longest = seen.times.empty() ? 0 : length - (seconds(seen.times.back()) - seconds(seen.times.front()));
    for (std::size_t i = 1; i < seen.times.size(); ++i) {
        longest = std::max(longest, seconds(seen.times[i]) - seconds(seen.times[i - 1]));
    }
    if (longest > k_longest_hold) {
        throw Error(Errc::input, fmt::format("{}: its timestamps leap by {:.0f} hours; cut it there, or time it anew",
                                             input.name, longest / 3600));
    }
}

/// What the stream's own header says about it, if it does: nothing is decoded for progressive H.264.
bool may_be_interlaced(const InputStream& input)
{
    const AVCodecParameters* p = input.stream->codecpar;
    constexpr std::array progressive = {AV_CODEC_ID_VP8, AV_CODEC_ID_VP9, AV_CODEC_ID_AV1, AV_CODEC_ID_GIF,
                                        AV_CODEC_ID_APNG};
    if (std::find(progressive.begin(), progressive.end(), p->codec_id) != progressive.end()) {
        return false;
    }
    const std::optional<h264::Sps> sps = sps_of(p);
    return !sps || !sps->frame_mbs_only;
}

/// What only decoded pictures tell, of the first few.
struct Pictures {
    bool interlaced = false;
    bool fields = false; ///< each is a single field
};

Pictures first_pictures(const std::filesystem::path& file, Damage damage)
{
    constexpr int k_enough = 12;
    InputStream input = open_stream(file, 1, damage);
    const PacketPtr packet(av_packet_alloc());
    const FramePtr frame(av_frame_alloc());
    Pictures pictures;
    for (int i = 0; i < k_enough && decode_next(input, packet.get(), frame.get()); ++i) {
        pictures.interlaced = pictures.interlaced || frame->interlaced_frame != 0;
    }
    pictures.fields = pictures.interlaced && input.stream->codecpar->codec_id == AV_CODEC_ID_HEVC;
    return pictures;
}

void note_fields(const InputStream& input, const std::filesystem::path& file, InputInfo& facts)
{
    if (!may_be_interlaced(input)) {
        return;
    }
    const Pictures pictures = first_pictures(file, input.damage);
    if (pictures.fields) {
        throw Error(Errc::input, input.name + ": its pictures are coded as single fields, which is not read of HEVC; "
                                              "deinterlace it first");
    }
    facts.interlaced = pictures.interlaced;
}

void note_colours(const InputStream& input, InputInfo& facts)
{
    if (const std::string from = needs_bt709(input.stream->codecpar); !from.empty()) {
        facts.notes.push_back(from);
    }
    const auto* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(input.stream->codecpar->format));
    const bool tagged = av_dict_get(input.stream->metadata, "alpha_mode", nullptr, 0) != nullptr;
    const bool pictures = input.stream->codecpar->codec_id == AV_CODEC_ID_GIF; // see-through only where it says so
    if (tagged || (format != nullptr && !pictures && (format->flags & AV_PIX_FMT_FLAG_ALPHA) != 0)) {
        facts.notes.emplace_back(
            "what is transparent in it is shown over black; \"background\" chooses another colour");
    }
}

std::string track_name(const AVStream* stream)
{
    const AVDictionaryEntry* language = av_dict_get(stream->metadata, "language", nullptr, 0);
    const bool known = language != nullptr && std::string_view(language->value) != "und";
    return fmt::format("#{} {}{}", stream->index, avcodec_get_name(stream->codecpar->codec_id),
                       known ? std::string(" ") + language->value : "");
}

/// Names tracks of a kind that are not in the film. Timecode and the like, which nobody sees or hears, are not missed.
void note_left_out(const InputStream& input, InputInfo& facts)
{
    const SoundTracks sound = sound_tracks(input.container.get());
    const auto name = [&](const char* kind, const std::vector<const AVStream*>& tracks) {
        std::string names;
        for (const AVStream* track : tracks) {
            names += (names.empty() ? "" : ", ") + track_name(track);
        }
        if (!names.empty()) {
            facts.notes.push_back(fmt::format("left out: {} {}", kind, names));
        }
    };
    std::vector<const AVStream*> pictures;
    std::vector<const AVStream*> subtitles;
    std::vector<const AVStream*> data;
    for (unsigned i = 0; i < input.container->nb_streams; ++i) {
        const AVStream* stream = input.container->streams[i];
        const AVMediaType type = stream->codecpar->codec_type;
        const bool cover = (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
        if (type == AVMEDIA_TYPE_VIDEO && stream != input.stream && !cover) {
            pictures.push_back(stream);
        } else if (type == AVMEDIA_TYPE_SUBTITLE) {
            subtitles.push_back(stream);
        } else if (type == AVMEDIA_TYPE_DATA && stream->codecpar->codec_id != AV_CODEC_ID_NONE) {
            data.push_back(stream);
        }
    }
    name("picture track", pictures);
    name("sound track", {sound.others.begin(), sound.others.end()});
    name("subtitles", subtitles);
    name("data track", data);
    facts.sound = !sound.heard.empty();
    if (sound.heard.size() == 2) {
        facts.notes.push_back(fmt::format("its sound tracks {} and {} are left and right", track_name(sound.heard[0]),
                                          track_name(sound.heard[1])));
    }
    if (facts.sound && sound.heard.front()->codecpar->ch_layout.nb_channels > 2) {
        facts.notes.push_back(fmt::format("its sound of {} channels is mixed down to two, so much lower that nothing "
                                          "can clip",
                                          sound.heard.front()->codecpar->ch_layout.nb_channels));
    }
}

/// Of pictures that could be copied, as far as the headers tell.
Coding coding_of(const InputStream& input, const Cadence& cadence, const InputInfo& facts)
{
    const AVCodecParameters* parameters = input.stream->codecpar;
    const AVRational sar = input.stream->sample_aspect_ratio;
    const std::string name = avcodec_get_name(parameters->codec_id);
    const SpliceableCodec* codec = spliceable_codec(name);
    if (codec == nullptr || codec->origin == Origin::own || !cadence.constant || facts.interlaced ||
        !needs_bt709(parameters).empty() || !orientation_of(input.stream).as_coded() ||
        (sar.num > 0 && !is_square(sar))) {
        return {};
    }
    try {
        const auto header = header_of(input, *codec);
        return header->copy_blocker().empty() ? Coding{name, header->pixel_format()} : Coding();
    } catch (const Error&) { // decoding it says what is wrong with it
        return {};
    }
}

/// Decodes everything once, to know whether decoders see damage and where.
void note_damage(const std::filesystem::path& file, InputInfo& facts)
{
    const PacketPtr packet(av_packet_alloc());
    const FramePtr frame(av_frame_alloc());
    try {
        InputStream strict = open_stream(file, 0);
        while (decode_next(strict, packet.get(), frame.get())) {
        }
    } catch (const Error& error) {
        const std::string_view why = error.what();
        const std::string name = file.string() + ": ";
        facts.damaged = true;
        facts.notes.push_back(
            fmt::format("damaged, shown as decoders show it: {}",
                        why.substr(why.starts_with(name) ? name.size() : 0, why.find(';') - name.size())));
    }
}

} // namespace

InputInfo clip_facts(const std::filesystem::path& file, Damage damage)
{
    InputStream input = open_track(file, damage);
    if (is_picture(input)) {
        throw Error(Errc::input,
                    file.string() + ": is a picture, not a video; `longtake run --image` makes a film of it");
    }
    refuse_dolby_vision_5(input);
    InputInfo facts;
    facts.size = displayed_size(input.container.get(), input.stream);
    Pictured seen = pictured_in(input);
    if (input.cut_in || damage == Damage::passed_over) {
        const std::int64_t packets = seen.shown;
        seen = pictured_by_decoding(file, damage);
        if (const std::int64_t lost = packets - seen.shown; input.cut_in && lost > 0) {
            facts.notes.push_back(fmt::format("begins with the first picture that can be shown: {} before it cannot",
                                              lost == 1 ? "one" : fmt::format("{}", lost)));
        }
    }
    const AVRational average = rate_of(input.stream);
    const double tick = av_q2d(input.stream->time_base);
    const Cadence cadence = seen.all_timed ? cadence_of(seen.times, tick, {average.num, average.den})
                                           : Cadence{{average.num, average.den}, true};
    facts.rate = cadence.rate;
    facts.seconds = length_of(input, seen, facts);
    refuse_leaps(input, seen, facts.seconds);
    note_fields(input, file, facts);
    note_colours(input, facts);
    facts.coding = coding_of(input, cadence, facts);
    note_left_out(input, facts);
    if (damage == Damage::passed_over) {
        note_damage(file, facts);
    }
    return facts;
}

} // namespace longtake::av
