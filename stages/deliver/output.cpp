#include "stages/deliver/output.h"

#include "pipeline/av/splice/splice_writer.h"
#include "pipeline/base/error.h"
#include "pipeline/base/parallel.h"
#include "pipeline/render/hdr/hdr_film.h"
#include "stages/deliver/byte_fit.h"
#include "stages/deliver/companions.h"
#include "stages/deliver/film_picture.h"
#include "stages/deliver/rate_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <iterator>

namespace longtake::stages {

namespace {

constexpr int k_mix_rate = render::Soundtrack::k_sample_rate;

/// A source's first `samples` a channel.
av::SoundSource cut_after(av::SoundSource source, std::int64_t samples)
{
    return [source = std::move(source), left = samples](std::span<float> stereo) mutable {
        const auto room = std::min(stereo.size(), 2 * static_cast<std::size_t>(left));
        const std::size_t got = room == 0 ? 0 : source(stereo.first(room));
        left -= static_cast<std::int64_t>(got);
        return got;
    };
}

bool has_chapters(const std::string& container)
{
    return container == "mp4" || container == "mov" || container == "matroska";
}

/// What a first pass leaves for the second; gone with it.
struct PassStatistics {
    explicit PassStatistics(const std::filesystem::path& beside) : file(beside.string() + ".pass") {}
    ~PassStatistics()
    {
        std::error_code ignored;
        for (const char* ending : {"", ".mbtree", ".temp", ".mbtree.temp"}) {
            std::filesystem::remove(file.string() + ending, ignored);
        }
    }
    PassStatistics(const PassStatistics&) = delete;
    PassStatistics& operator=(const PassStatistics&) = delete;

    std::filesystem::path file;
};

} // namespace

Deliverable name_files(Unnamed unnamed, const OutputSpec& spec, const DeliverSettings& settings)
{
    if (settings.made) {
        settings.made(unnamed.deliverable);
    }
    for (PartFile& part : unnamed.parts) {
        part.commit(spec.existing);
    }
    if (settings.delivered) {
        settings.delivered(spec, unnamed.deliverable);
    }
    return std::move(unnamed.deliverable);
}

Output::Output(const OutputSpec& spec, const Timeline& timeline, const render::Soundtrack* mix,
               const DeliverSettings& settings, SegmentMaker& maker, Naming naming)
    : spec_(spec), naming_(naming), rendition_(render::rendition_of(timeline, spec.preset)),
      frames_(encoder_frames_of(rendition_, spec.preset)), mix_(mix), settings_(settings), maker_(maker),
      media_(media_spec())
{
}

Output::~Output()
{
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Output::order()
{
    if (made_whole()) {
        prepare_light();
        return;
    }
    try {
        in_context("preset '" + spec_.preset.name + "'",
                   [&] { assemble(copies_footage(spec_.preset) ? settings_.indexes : ClipIndexes()); });
    } catch (...) { // the others go on
        failure_ = std::current_exception();
    }
}

/// What can be known of a film of high dynamic range before it is composed.
void Output::prepare_light()
{
    if (media_.dynamic_range == DynamicRange::sdr) {
        return;
    }
    try {
        in_context("preset '" + spec_.preset.name + "'", [&] {
            if (const std::string reason = render::hdr_blocker(rendition_.timeline()); !reason.empty()) {
                throw Error(Errc::usage, reason);
            }
            if (media_.dynamic_range == DynamicRange::pq) {
                media_.light = render::light_of(rendition_.timeline());
            }
        });
    } catch (...) { // the others go on
        failure_ = std::current_exception();
    }
}

bool Output::made_whole() const
{
    return !whole_because(rendition_, spec_.preset).empty();
}

void Output::begin()
{
    if (failure_) {
        return;
    }
    try {
        thread_ = start_thread([this] { run(); });
    } catch (const Error&) {
        failure_ = std::current_exception();
    }
}

/// Plans it and orders what has to be encoded.
void Output::assemble(const ClipIndexes& indexes)
{
    Assembly& assembly = assembly_.emplace();
    assembly.plan = plan_splice(rendition_, indexes, copy_terms(spec_.preset, media_.rate));
    assembly.pieces = cut_into_pieces(assembly.plan, rendition_, media_.video.gop_seconds, grows());
    av::MediaSpec encoded = media_;
    if (const av::ClipIndex* clip = leading_clip(assembly.plan, indexes)) {
        encoded = av::beside_copies(encoded, *clip);
    }
    for (const Piece& piece : assembly.pieces) {
        SegmentJob& job = assembly.jobs.emplace_back();
        if (piece.copy == nullptr) {
            job = {piece.at, piece.frames, segment_media(encoded, piece), {}};
            job.key = segment_key(rendition_, piece, job.media);
            job.in_turn = grows();
        }
    }
    assembly.order = ordered(assembly.jobs, assembly.plan.copied());
}

/// `done`: frames that are there as it is.
std::shared_ptr<SegmentOrder> Output::ordered(const std::vector<SegmentJob>& jobs, std::int64_t done)
{
    std::vector<SegmentJob> encoded;
    std::ranges::copy_if(jobs, std::back_inserter(encoded), [](const SegmentJob& job) { return !job.key.empty(); });
    return maker_.order(rendition_, std::move(encoded), [this, done](std::int64_t made) {
        if (settings_.progress) {
            settings_.progress(spec_, done + made, rendition_.frames());
        }
    });
}

std::vector<std::string> Output::Assembly::keys() const
{
    std::vector<std::string> keys;
    std::ranges::transform(jobs, std::back_inserter(keys), &SegmentJob::key);
    return keys;
}

void Output::join()
{
    if (thread_.joinable()) {
        thread_.join();
    }
    if (failure_) {
        std::rethrow_exception(failure_);
    }
}

Deliverable Output::finish()
{
    join();
    return *deliverable_;
}

Unnamed Output::finish_unnamed()
{
    join();
    Unnamed made = std::move(*made_);
    made_.reset();
    return made;
}

void Output::run()
{
    try {
        in_context("preset '" + spec_.preset.name + "'", [&] { make(); });
    } catch (...) {
        failure_ = std::current_exception();
    }
}

void Output::make()
{
    sweep_parts(spec_.file.parent_path(), spec_.file.filename().string());
    PartFile file(spec_.file);
    std::vector<PartFile> beside;
    Unnamed& made = made_.emplace();
    if (is_picture(spec_.preset)) {
        made.deliverable = write_picture(spec_, rendition_, file, beside, settings_.stop);
    } else {
        made.deliverable = assembly_ ? splice_film(file.part()) : encode_whole(file.part());
        made.deliverable.files.front().file = spec_.file;
        beside = write_companions(spec_, rendition_, made.deliverable);
    }
    made.deliverable.preset = spec_.preset.name;
    made.parts.push_back(std::move(file));
    std::ranges::move(beside, std::back_inserter(made.parts));
    if (naming_ == Naming::itself) {
        deliverable_ = name_files(std::move(made), spec_, settings_);
    }
}

av::MediaSpec Output::media_spec() const
{
    const Preset& preset = spec_.preset;
    const Timeline& timeline = rendition_.timeline();
    av::MediaSpec media;
    media.container = preset.container;
    media.segment_seconds = preset.segment_seconds;
    media.size = rendition_.size();
    media.rate = frames_.rate;
    media.video = preset.video;
    media.interlaced = preset.interlaced;
    media.dynamic_range = preset.dynamic_range;
    media.edit_list = preset.edit_list;
    media.title = settings_.title;
    media.blends = rendition_.mixed_frames();
    media.frames = frames_.count;
    if (settings_.chapters && timeline.items.size() > 1 && frames_.plain && has_chapters(media.container)) {
        for (const Item& item : timeline.items) {
            media.chapters.push_back({rendition_.frame_at(item.start), item.title.empty() ? item.shot : item.title});
        }
    }
    if (timeline.captions && timeline.captions->has(CaptionForm::soft) && av::holds_captions(media.container)) {
        media.captions = timeline.captions->list;
        media.language = timeline.captions->language;
    }
    if (timeline.has_sound() && preset.audio.codec != "none" && media.container != "cmaf") { // which is of one track
        media.audio = preset.audio;
    }
    return media;
}

LevelledSound Output::sound() const
{
    LevelledSound levelled = levelled_sound(rendition_.timeline(), mix_, media_,
                                            loudness_of(rendition_.timeline(), spec_.preset), settings_.stop);
    if (spec_.preset.first_seconds && levelled.source) {
        levelled.source = cut_after(std::move(levelled.source), media_.rate.samples(frames_.count, k_mix_rate));
    }
    return levelled;
}

Deliverable Output::encode_whole(const std::filesystem::path& part)
{
    const bool to_size = spec_.preset.limits.fill && spec_.preset.limits.max_bytes && !media_.video.crf;
    return checked(part, to_size ? encode_to_size(part) : encode(part, media_).sound, false);
}

/// `from`, `to`: what shares of all the work it begins and ends at.
Output::Encoded Output::encode(const std::filesystem::path& part, const av::MediaSpec& media, double from, double to)
{
    LevelledSound levelled = sound();
    av::MediaWriter writer(part, media, levelled.source);
    const auto frames = read_encoder_frames(rendition_, spec_.preset);
    while (const auto frame = frames()) {
        if (settings_.pause) {
            settings_.pause();
        }
        if (stopped()) {
            throw Error(Errc::interrupted, "stopped");
        }
        writer.write(*frame);
        if (settings_.progress) {
            const double done =
                from * static_cast<double>(frames_.count) + (to - from) * static_cast<double>(writer.frames());
            settings_.progress(spec_, std::llround(done), frames_.count);
        }
    }
    writer.finish();
    return {std::move(levelled), writer.picture_bytes()};
}

/// Two passes of libx264, the second again where it came out too large, or too small for what was there to be used.
LevelledSound Output::encode_to_size(const std::filesystem::path& part)
{
    const PassStatistics statistics(settings_.scratch / part.filename());
    const double seconds = media_.rate.seconds(frames_.count);
    ByteFit fit(*spec_.preset.limits.max_bytes, seconds, media_.audio ? media_.audio->bitrate : 0);
    av::MediaSpec media = media_;
    const auto pass = [&](int number, std::int64_t rate) {
        media.pass = {number, rate, statistics.file};
        return encode(part, media, number == 1 ? 0 : 0.5, number == 1 ? 0.5 : 1);
    };
    const auto size = [&] { return static_cast<std::int64_t>(std::filesystem::file_size(part)); };
    const Encoded first = pass(1, fit.bitrate());
    fit.looked(size(), first.pictures);
    while (true) {
        Encoded second = pass(2, fit.bitrate());
        if (fit.tried(size(), second.pictures)) {
            return std::move(second.sound);
        }
        if (fit.over()) { // too large ones are refused when they are checked
            return fit.best() ? pass(2, *fit.best()).sound : std::move(second.sound);
        }
    }
}

/// Copies what can be copied; should the file then not be what it was meant to be, encodes everything. That goes
/// for clips whose bits cannot be taken over too: decoders are more forgiving than whoever rewrites slices. Where
/// the disk is full or a clip is damaged, encoding would come to the same end later.
Deliverable Output::splice_film(const std::filesystem::path& part)
{
    std::string reason;
    try {
        return splice_pieces(part);
    } catch (const Error& error) {
        if (error.code() != Errc::unverified || assembly_->plan.copied() == 0) {
            throw;
        }
        reason = error.what();
    }
    assemble({});
    maker_.start();
    Deliverable deliverable = splice_pieces(part);
    deliverable.rendered_because = reason;
    return deliverable;
}

/// Its parts, when all are made and the rate limit holds over them.
SplicedFilm Output::film()
{
    auto segments = maker_.wait(assembly_->order);
    SplicedFilm film = film_of(assembly_->pieces, assembly_->keys(), segments, settings_.indexes, media_.rate);
    while (const auto piece = tightened(film)) { // the others are there
        const SegmentJob& job = assembly_->jobs[*piece];
        segments.emplace(job.key, made_alone(job));
        film = film_of(assembly_->pieces, assembly_->keys(), segments, settings_.indexes, media_.rate);
    }
    return film;
}

/// Each segment is encoded as if a large part of the rate limit's bucket were full where it begins, wherever it stands.
/// Where those before it have left less and it takes more than there is, it is encoded again for what there is; where
/// that is not enough, for its first picture takes more alone, those before it have to leave more.
/// Which piece has to be made again, if any. libx264 alone takes such words; beside copies the limit is kept or nothing
/// is.
std::optional<std::size_t> Output::tightened(const SplicedFilm& film)
{
    const std::optional<RateLimit> limit = rate_limit_of(media_.video);
    const bool copied = assembly_->plan.copied() > 0;
    if (!limit || (copied && spec_.preset.copies == Preset::Copies::any)) {
        return std::nullopt;
    }
    const auto over = first_overdraw(bytes_of(film), media_.rate, *limit);
    if (!over) {
        return std::nullopt;
    }
    const bool libx264 = media_.video.encoder == "libx264";
    const auto encoded = [&](std::size_t piece) { return !assembly_->jobs[piece].key.empty(); };
    const double tenths = std::max(k_least_start, over->fullness);
    if (libx264 && encoded(over->part) && tenths + 0.1 <= start_of(assembly_->jobs[over->part].media)) {
        begin_with(over->part, tenths);
        return over->part;
    }
    for (std::size_t piece = over->part + 1; libx264 && piece-- > 0;) {
        const double start = start_of(assembly_->jobs[piece].media);
        if (encoded(piece) && start > k_least_start + 0.05) {
            begin_with(piece, std::max(k_least_start, start - 0.2));
            return piece;
        }
    }
    if (copied) {
        throw Error(Errc::unverified, fmt::format("with what is copied, the bit rate passes {:g} Mb/s at frame {}",
                                                  limit->bits_per_second / 1e6, assembly_->pieces[over->part].at));
    }
    return std::nullopt;
}

void Output::begin_with(std::size_t piece, double start)
{
    SegmentJob& job = assembly_->jobs[piece];
    job.media = with_start(std::move(job.media), start);
    job.key = segment_key(rendition_, assembly_->pieces[piece], job.media);
}

Deliverable Output::splice_pieces(const std::filesystem::path& part)
{
    const LevelledSound levelled = sound();
    const SplicedFilm film = grows() ? grown(part) : this->film();
    if (!grows()) {
        splice(part, film, media_, levelled.source, settings_.stop);
    }
    auto proof = std::async(k_beside, [&] {
        verify_film(part, film, media_.rate, settings_.verify_all ? av::VerifyDepth::all : av::VerifyDepth::joins,
                    settings_.stop);
    });
    Deliverable deliverable = checked(part, levelled, true);
    proof.get();
    deliverable.copied = assembly_->plan.copied();
    deliverable.reused = assembly_->order->reused();
    deliverable.spans = assembly_->plan.spans();
    return deliverable;
}

Deliverable Output::checked(const std::filesystem::path& part, const LevelledSound& sound, bool proven) const
{
    Expectation expected = expectation();
    expected.proven = proven;
    std::optional<double> wanted;
    if (media_.audio) {
        wanted = expect_sound(expected, rendition_.timeline(), mix_, spec_.preset, sound);
    }
    Deliverable deliverable = check_file(part, expected, settings_.stop);
    deliverable.out_of_reach = wanted;
    deliverable.limited_db = sound.levels ? sound.levels->limited_db() : 0;
    return deliverable;
}

Expectation Output::expectation() const
{
    Expectation expected;
    expected.frames = frames_.count;
    expected.size = media_.size;
    expected.container = media_.container;
    expected.dynamic_range = media_.dynamic_range;
    expected.rate = media_.rate;
    expected.video_codec = spec_.preset.video.codec;
    expected.max_bytes = spec_.preset.limits.max_bytes;
    return expected;
}

} // namespace longtake::stages
