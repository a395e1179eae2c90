#include "pipeline/av/splice/clip_index.h"

#include "pipeline/av/bitstream/codec.h"
#include "pipeline/av/clip/cadence.h"
#include "pipeline/av/input.h"
#include "pipeline/av/picture/orientation.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <memory>

namespace longtake::av {
namespace {

/// What a pass over the packets collects.
struct Pass {
    std::vector<std::int64_t> pts; ///< by packet; NOPTS: never shown
    bool reordered = false;        ///< some picture is shown at another time than it is decoded
    bool bidirectional = false;    ///< it has B slices
    std::string copy_blocker;

    void stumble(const std::string& over)
    {
        if (copy_blocker.empty()) {
            copy_blocker = over;
        }
    }
};

/// What the container says over the stream's head.
std::string obstacle_of(const AVStream* stream)
{
    const AVRational sar = stream->sample_aspect_ratio;
    const AVColorSpace matrix = stream->codecpar->color_space;
    if (const Orientation shown = orientation_of(stream); !shown.as_coded()) {
        return "it is to be shown " + shown.text();
    }
    if (sar.num > 0 && !is_square(sar)) {
        return fmt::format("its pixels are not square ({}:{})", sar.num, sar.den);
    }
    if (matrix != AVCOL_SPC_UNSPECIFIED && matrix != AVCOL_SPC_BT709) {
        return "its matrix is not BT.709";
    }
    return {};
}

/// Looks into a packet: one whole picture that can be copied?
void look_into(const AVPacket* packet, const StreamHeader& header, std::size_t number, ClipIndex& index, Pass& pass)
{
    const CodedPicture seen = header.look_at(bytes_of(packet), (packet->flags & AV_PKT_FLAG_KEY) != 0);
    pass.stumble(seen.copy_blocker);
    pass.bidirectional = pass.bidirectional || seen.bidirectional;
    if (seen.pictures != 1) {
        pass.stumble("its packets are not one picture each");
    }
    if (seen.entry) {
        index.sync_samples.push_back(static_cast<std::int32_t>(number));
        index.leading.push_back(0);
    } else if (seen.leading && !index.leading.empty()) {
        ++index.leading.back();
    }
}

/// Places in the order of showing, from the timestamps.
void put_in_order(const std::vector<std::int64_t>& pts, ClipIndex& index, Pass& pass)
{
    std::vector<std::int32_t> order;
    for (std::size_t i = 0; i < pts.size(); ++i) {
        if (pts[i] != AV_NOPTS_VALUE) {
            order.push_back(static_cast<std::int32_t>(i));
        }
    }
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return pts[a] < pts[b]; });
    index.frames = std::ssize(order);
    index.display_index.assign(pts.size(), -1);
    for (std::size_t place = 0; place < order.size(); ++place) {
        index.display_index[static_cast<std::size_t>(order[place])] = static_cast<std::int32_t>(place);
        if (place > 0 && pts[order[place]] == pts[order[place - 1]]) {
            pass.stumble("two of its pictures have the same timestamp");
        }
    }
    std::int32_t lead = 0;
    for (std::size_t i = 0, decoded = 0; i < pts.size(); ++i) {
        if (index.display_index[i] >= 0) {
            lead = std::max(lead, static_cast<std::int32_t>(decoded) - index.display_index[i]);
            ++decoded;
        }
    }
    index.reorder = lead;
}

/// The rate all its pictures lie on the grid of.
void find_rate(const std::vector<std::int64_t>& pts, const AVStream* stream, ClipIndex& index, Pass& pass)
{
    std::vector<std::int64_t> times;
    for (std::size_t i = 0; i < pts.size(); ++i) {
        if (index.display_index[i] >= 0) {
            times.push_back(pts[i]);
        }
    }
    std::sort(times.begin(), times.end());
    const AVRational average = rate_of(stream);
    const Cadence cadence = cadence_of(times, av_q2d(stream->time_base), {average.num, average.den});
    index.rate = cadence.rate;
    if (!cadence.constant) {
        pass.stumble("its frame rate is not constant");
    }
}

/// The stream's header, if its codec is one that can be copied; what is wrong with it goes into `pass`.
std::unique_ptr<StreamHeader> read_header(const InputStream& input, Pass& pass)
{
    const AVStream* stream = input.stream;
    const std::string codec = avcodec_get_name(stream->codecpar->codec_id);
    const SpliceableCodec* spliceable = spliceable_codec(codec);
    if (spliceable == nullptr || spliceable->origin == Origin::own) {
        pass.stumble("it is " + codec + ", not H.264, HEVC or AV1");
        return nullptr;
    }
    pass.stumble(obstacle_of(stream));
    try {
        auto header = header_of(input, *spliceable);
        pass.stumble(header->copy_blocker());
        return header;
    } catch (const Error& error) {
        pass.stumble(std::string("its parameter sets: ") + error.what());
        return nullptr;
    }
}

} // namespace

std::optional<PacketRun> ClipIndex::run_within(std::int64_t first, std::int64_t end) const
{
    const auto entry = std::find_if(sync_samples.begin(), sync_samples.end(), [&](std::int32_t packet) {
        return display_index[static_cast<std::size_t>(packet)] >= first;
    });
    if (entry == sync_samples.end()) {
        return std::nullopt;
    }
    const auto number = static_cast<std::size_t>(entry - sync_samples.begin());
    const std::int64_t skipped = number < leading.size() ? leading[number] : 0;
    PacketRun run{*entry, 0, display_index[static_cast<std::size_t>(*entry)], skipped};
    std::int64_t highest = run.first - 1;
    for (std::int64_t i = run.packet; i < std::ssize(display_index); i += i == run.packet ? 1 + skipped : 1) {
        const std::int64_t place = display_index[static_cast<std::size_t>(i)];
        if (place < run.first || place >= end) {
            break;
        }
        highest = std::max(highest, place);
        const std::int64_t count = i == run.packet ? 1 : i - run.packet - skipped + 1;
        if (highest - run.first + 1 == count) {
            run.packets = count;
        }
    }
    return run.packets > 0 ? std::optional(run) : std::nullopt;
}

std::int64_t ClipIndex::longest_gop() const
{
    const auto led = [&](std::size_t entry) { return entry < leading.size() ? leading[entry] : 0; };
    std::int64_t longest = 0;
    for (std::size_t i = 0; i < sync_samples.size(); ++i) { // what is shown before an entry counts to the one before
        const std::int64_t end = i + 1 < sync_samples.size() ? sync_samples[i + 1] : std::ssize(display_index);
        longest = std::max(longest, end - sync_samples[i] - led(i) + led(i + 1));
    }
    return longest;
}

ClipIndex index_clip(const std::filesystem::path& file)
{
    InputStream input = open_track(file);
    const AVStream* stream = input.stream;
    ClipIndex index;
    Pass pass;
    index.codec = avcodec_get_name(stream->codecpar->codec_id);
    index.size = {stream->codecpar->width, stream->codecpar->height};
    const std::unique_ptr<StreamHeader> header = read_header(input, pass);
    const PacketPtr packet(av_packet_alloc());
    while (read_packet(input, packet.get())) {
        if (packet->pts == AV_NOPTS_VALUE) {
            pass.stumble("its packets have no timestamps");
        }
        pass.reordered = pass.reordered || packet->pts != packet->dts;
        const bool never_shown = (packet->flags & AV_PKT_FLAG_DISCARD) != 0 ||
                                 (input.cut_in && packet->pts != AV_NOPTS_VALUE && input.seconds(packet->pts) < 0);
        if (header && pass.copy_blocker.empty()) {
            try {
                look_into(packet.get(), *header, pass.pts.size(), index, pass);
            } catch (const Error& error) {
                pass.stumble(error.what());
            }
        }
        index.bytes.push_back(packet->size);
        pass.pts.push_back(never_shown ? AV_NOPTS_VALUE : packet->pts);
    }
    if (pass.bidirectional && !pass.reordered) {
        pass.stumble("its timestamps do not say in which order its pictures are shown");
    }
    put_in_order(pass.pts, index, pass);
    find_rate(pass.pts, stream, index, pass);
    if (header) {
        index.pixel_format = header->pixel_format();
        index.references = header->references();
        index.profile = header->profile();
        index.level = header->level();
        index.parameters = header->identity();
    }
    if (pass.copy_blocker.empty() && index.sync_samples.empty()) {
        pass.stumble(fmt::format("it has no {}", spliceable_codec(index.codec)->entry));
    }
    index.copy_blocker = pass.copy_blocker;
    return index;
}

void to_json(nlohmann::json& json, const ClipIndex& index)
{
    json = {{"codec", index.codec},
            {"pixel_format", index.pixel_format},
            {"size", index.size},
            {"rate", index.rate},
            {"frames", index.frames},
            {"shown", index.display_index},
            {"entries", index.sync_samples},
            {"leading", index.leading},
            {"reorder", index.reorder},
            {"references", index.references},
            {"level", index.level},
            {"profile", index.profile},
            {"bytes", index.bytes},
            {"parameters", index.parameters},
            {"obstacle", index.copy_blocker}};
}

void from_json(const nlohmann::json& json, ClipIndex& index)
{
    json.at("codec").get_to(index.codec);
    json.at("pixel_format").get_to(index.pixel_format);
    json.at("size").get_to(index.size);
    json.at("rate").get_to(index.rate);
    json.at("frames").get_to(index.frames);
    json.at("shown").get_to(index.display_index);
    json.at("entries").get_to(index.sync_samples);
    json.at("leading").get_to(index.leading);
    json.at("reorder").get_to(index.reorder);
    json.at("references").get_to(index.references);
    json.at("level").get_to(index.level);
    json.at("profile").get_to(index.profile);
    json.at("bytes").get_to(index.bytes);
    json.at("parameters").get_to(index.parameters);
    json.at("obstacle").get_to(index.copy_blocker);
}

} // namespace longtake::av
