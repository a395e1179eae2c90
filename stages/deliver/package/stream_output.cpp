#include "stages/deliver/package/stream_output.h"

#include "pipeline/av/cmaf/sound_track.h"
#include "pipeline/av/probe.h"
#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"
#include "stages/deliver/package/dash.h"
#include "stages/deliver/package/hls.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace longtake::stages {
namespace {

constexpr double k_thumbnail_seconds = 2;       ///< from one small picture to the next
constexpr std::int64_t k_most_thumbnails = 300; ///< of long films there are fewer in a minute

/// Where segments begin, in seconds.
std::vector<double> starts_of(const StreamTrack& track)
{
    std::vector<double> starts;
    for (const av::cmaf::MediaSegment& segment : track.segments) {
        starts.push_back(track.index.seconds(segment.start));
    }
    return starts;
}

SpriteLayout thumbnail_layout(double seconds)
{
    SpriteLayout layout;
    layout.interval = std::max(k_thumbnail_seconds, seconds / static_cast<double>(k_most_thumbnails));
    return layout;
}

std::int64_t bits_a_second(std::string_view sheet, double seconds)
{
    return static_cast<std::int64_t>(8.0 * static_cast<double>(sheet.size()) / std::max(seconds, 0.001));
}

} // namespace

StreamOutput::StreamOutput(const OutputSpec& spec, const Timeline& timeline, const render::Soundtrack* mix,
                           const DeliverSettings& settings, SegmentMaker& maker)
    : spec_(spec), timeline_(timeline), mix_(mix), settings_(settings), of_rungs_(settings)
{
    make_folder(folder());
    of_rungs_.made = {};
    of_rungs_.delivered = {};
    of_rungs_.progress = [this](const OutputSpec& rung, std::int64_t done, std::int64_t) {
        report(rung.preset.name, done);
    };
    for (const Preset& preset : rungs_of(spec.preset, timeline.size)) {
        specs_.push_back({preset, folder() / (preset.name + ".mp4"), spec.existing,
                          specs_.empty() ? spec.beside : std::vector<std::filesystem::path>{}});
        rungs_.emplace_back(specs_.back(), timeline, nullptr, of_rungs_, maker, Output::Naming::owner);
    }
    const render::Rendition& film = rungs_.front().rendition();
    contents_.title = settings.title;
    contents_.rate = film.rate();
    contents_.seconds = film.rate().seconds(film.frames());
    contents_.segment_seconds = spec.preset.segment_seconds;
}

void StreamOutput::order()
{
    for (Output& rung : rungs_) {
        rung.order();
    }
}

void StreamOutput::begin()
{
    for (Output& rung : rungs_) {
        rung.begin();
    }
}

void StreamOutput::report(const std::string& rung, std::int64_t done)
{
    if (!settings_.progress) {
        return;
    }
    const std::lock_guard lock(mutex_);
    done_[rung] = done;
    std::int64_t all = 0;
    for (const auto& [name, frames] : done_) {
        all += frames;
    }
    settings_.progress(spec_, all, rungs_.front().rendition().frames() * std::ssize(rungs_));
}

Deliverable StreamOutput::finish()
{
    return in_context("preset '" + spec_.preset.name + "'", [&] { return made(); });
}

Deliverable StreamOutput::made()
{
    Unnamed stream;
    add_pictures(stream);
    add_sound(stream);
    add_captions(stream);
    add_thumbnails(stream);
    add_chapters(stream);
    add_manifests(stream);
    stream.deliverable.preset = spec_.preset.name;
    // Players open the manifest that comes first in the list: by then, all it names is there.
    std::vector<DeliveredFile>& files = stream.deliverable.files;
    std::rotate(files.begin(), std::prev(files.end()), files.end());
    return name_files(std::move(stream), spec_, settings_);
}

StreamTrack StreamOutput::track_of(const std::string& name, const std::filesystem::path& part, double target) const
{
    StreamTrack track{name, name + ".mp4", av::cmaf::read_track(part), {}, {}};
    track.segments = av::cmaf::segments_of(track.index, target);
    track.bandwidth = av::cmaf::bandwidth_of(track.segments, track.index.timescale, contents_.segment_seconds);
    return track;
}

/// The deliverable is that of the largest, with all of their files.
void StreamOutput::add_pictures(Unnamed& stream)
{
    std::exception_ptr failure;
    for (Output& rung : rungs_) {
        try {
            Unnamed made = rung.finish_unnamed();
            const std::string name = made.deliverable.preset;
            contents_.pictures.push_back(track_of(name, made.parts.front().part(), contents_.segment_seconds));
            const StreamTrack& track = contents_.pictures.back();
            if (stream.parts.empty()) {
                stream.deliverable = std::move(made.deliverable);
            } else {
                std::ranges::move(made.deliverable.files, std::back_inserter(stream.deliverable.files));
            }
            std::ranges::move(made.parts, std::back_inserter(stream.parts));
            stream.deliverable.rungs.push_back(
                {name, track.index.size, track.index.codec, track.bandwidth.peak, track.bandwidth.average});
        } catch (...) {
            failure = failure ? failure : std::current_exception(); // the others are waited for
        }
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
    const std::vector<double> starts = starts_of(contents_.pictures.front());
    for (const StreamTrack& track : contents_.pictures) {
        if (starts_of(track) != starts) {
            throw Error(Errc::unverified, fmt::format("the segments of {} begin at other times than those of {}",
                                                      track.name, contents_.pictures.front().name));
        }
    }
}

void StreamOutput::add_sound(Unnamed& stream)
{
    if (!timeline_.has_sound()) {
        return;
    }
    av::MediaSpec media;
    media.container = "cmaf";
    media.audio = spec_.preset.audio;
    media.edit_list = false;
    const std::filesystem::path file = folder() / "sound.mp4";
    sweep_parts(folder(), file.filename().string());
    PartFile part(file);
    const LevelledSound sound =
        levelled_sound(timeline_, mix_, media, loudness_of(timeline_, spec_.preset), settings_.stop);
    av::cmaf::write_sound_track(part.part(), media, sound.source, starts_of(contents_.pictures.front()));
    Expectation expected;
    const auto out_of_reach = expect_sound(expected, timeline_, mix_, spec_.preset, sound);
    const Deliverable checked = check_sound_track(part.part(), expected, settings_.stop);
    stream.deliverable.audio_codec = checked.audio_codec;
    stream.deliverable.loudness = checked.loudness;
    stream.deliverable.true_peak = checked.true_peak;
    stream.deliverable.out_of_reach = out_of_reach;
    stream.deliverable.limited_db = sound.levels ? sound.levels->limited_db() : 0;
    stream.deliverable.files.push_back({file, checked.files.front().sha256, checked.files.front().bytes});
    contents_.sound = track_of("sound", part.part(), 0); // whose fragments are cut where the picture's segments are
    stream.parts.push_back(std::move(part));
}

void StreamOutput::add_captions(Unnamed& stream)
{
    const auto& captions = timeline_.captions;
    if (!captions || captions->list.empty() ||
        !(captions->has(CaptionForm::soft) || captions->has(CaptionForm::side_car))) {
        return;
    }
    contents_.captions = {"captions.vtt", captions->language, language_name(captions->language)};
    add_text(stream, contents_.captions->file, webvtt_text(captions->list));
}

void StreamOutput::add_thumbnails(Unnamed& stream)
{
    StreamThumbnails thumbnails;
    thumbnails.layout = thumbnail_layout(contents_.seconds);
    thumbnails.sprites = sprites_of(rungs_.back().rendition(), thumbnails.layout, settings_.stop);
    for (std::size_t sheet = 0; sheet < thumbnails.sprites.sheets.size(); ++sheet) {
        thumbnails.files.push_back(fmt::format("thumbnails-{}.jpg", sheet + 1));
        const std::string& bytes = thumbnails.sprites.sheets[sheet];
        double seconds = 0;
        for (const Sprite& sprite : thumbnails.sprites.pictures) {
            seconds += sprite.sheet == sheet ? sprite.to - sprite.from : 0;
        }
        thumbnails.bandwidth = std::max(thumbnails.bandwidth, bits_a_second(bytes, seconds));
        add_text(stream, thumbnails.files.back(), bytes);
    }
    add_text(stream, "thumbnails.vtt", sprites_vtt(thumbnails.sprites, thumbnails.files));
    thumbnails.sprites.sheets.clear();
    contents_.thumbnails = std::move(thumbnails);
}

void StreamOutput::add_chapters(Unnamed& stream)
{
    if (!settings_.chapters || timeline_.items.size() < 2) {
        return;
    }
    std::vector<Caption> cues;
    for (const Item& item : timeline_.items) {
        const double from = timeline_.rate.seconds(item.start);
        if (!contents_.chapters.empty()) {
            contents_.chapters.back().to = from;
        }
        contents_.chapters.push_back({from, contents_.seconds, item.title.empty() ? item.shot : item.title});
    }
    for (const StreamChapter& chapter : contents_.chapters) {
        cues.push_back({chapter.from, chapter.to, chapter.title});
    }
    add_text(stream, "chapters.vtt", webvtt_text(cues));
    if (spec_.preset.package != Preset::Package::dash) {
        add_text(stream, "chapters.json", chapters_json(contents_));
    }
}

void StreamOutput::add_manifests(Unnamed& stream)
{
    std::vector<Manifest> manifests;
    if (spec_.preset.package != Preset::Package::hls) {
        manifests.push_back({"manifest.mpd", dash_manifest(contents_)});
    }
    if (spec_.preset.package != Preset::Package::dash) {
        std::ranges::move(hls_playlists(contents_), std::back_inserter(manifests));
    }
    const auto opened = std::ranges::find(manifests, spec_.file.filename().string(), &Manifest::file);
    if (opened == manifests.end()) {
        throw Error(Errc::internal, "its manifests have no " + spec_.file.filename().string());
    }
    std::rotate(opened, opened + 1, manifests.end());
    for (const Manifest& manifest : manifests) {
        add_text(stream, manifest.file, manifest.text);
    }
}

void StreamOutput::add_text(Unnamed& stream, const std::string& name, std::string_view bytes) const
{
    sweep_parts(folder(), name);
    PartFile part(folder() / name);
    part.write(bytes);
    stream.deliverable.files.push_back({part.final_name(), sha256_of(bytes), static_cast<std::int64_t>(bytes.size())});
    stream.parts.push_back(std::move(part));
}

} // namespace longtake::stages
