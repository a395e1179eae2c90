#include "stages/deliver/output.h"

#include "pipeline/base/error.h"
#include "pipeline/base/parallel.h"
#include "stages/deliver/splicer.h"

#include <future>

namespace longtake::stages {
namespace {

constexpr std::size_t k_queue_frames = 8;
constexpr double k_as_loud = 0.5; ///< LU that nobody calls quieter

} // namespace

Output::Output(const OutputSpec& spec, const Timeline& timeline, const render::Soundtrack* mix,
               const DeliverSettings& settings)
    : spec_(spec), rendition_(render::rendition_of(timeline, spec.preset)), mix_(mix), settings_(settings),
      queue_(k_queue_frames)
{
    try {
        thread_ = start_thread([this] { run(); });
    } catch (const Error&) { // the others go on
        failure_ = std::current_exception();
        queue_.abandon();
    }
}

Output::~Output()
{
    if (thread_.joinable()) {
        queue_.abandon();
        queue_.close();
        thread_.join();
    }
}

Deliverable Output::finish()
{
    if (thread_.joinable()) {
        thread_.join();
    }
    if (failure_) {
        std::rethrow_exception(failure_);
    }
    return *deliverable_;
}

void Output::run()
{
    try {
        in_context("preset '" + spec_.preset.name + "'", [&] { make(); });
    } catch (...) {
        failure_ = std::current_exception();
    }
    queue_.abandon(); // at a lower rate the film's last frames may be nobody's
}

void Output::make()
{
    sweep_parts(spec_.file.parent_path(), spec_.file.filename().string());
    PartFile file(spec_.file);
    const av::MediaSpec media = media_spec();
    deliverable_ = spliced() ? splice_film(file.part(), media) : render_film(file.part(), media);
    deliverable_->files.front().file = spec_.file;
    deliverable_->preset = spec_.preset.name;
    if (settings_.made) {
        settings_.made(*deliverable_);
    }
    file.commit(spec_.existing);
    if (settings_.delivered) {
        settings_.delivered(spec_, *deliverable_);
    }
}

av::MediaSpec Output::media_spec() const
{
    const Preset& preset = spec_.preset;
    const Timeline& timeline = rendition_.timeline();
    av::MediaSpec media;
    media.container = preset.container;
    media.size = rendition_.size();
    media.rate = rendition_.rate();
    media.video = preset.video;
    media.edit_list = preset.edit_list;
    media.title = settings_.title;
    media.blends = rendition_.mixed_frames();
    if (settings_.chapters && timeline.items.size() > 1 && media.container != "webm") {
        media.frames = rendition_.frames();
        for (const Item& item : timeline.items) {
            media.chapters.push_back({rendition_.frame_at(item.start), item.title.empty() ? item.shot : item.title});
        }
    }
    if (timeline.has_sound()) {
        media.audio = preset.audio;
    }
    return media;
}

double Output::loudness() const
{
    return rendition_.timeline().loudness.value_or(spec_.preset.audio.loudness);
}

LevelledSound Output::sound(const av::MediaSpec& media) const
{
    return levelled_sound(rendition_.timeline(), mix_, media, loudness(), settings_.stop);
}

/// Composes nothing itself: takes its frames from the queue, as every output does that copies nothing.
Deliverable Output::render_film(const std::filesystem::path& part, const av::MediaSpec& media)
{
    const LevelledSound levelled = sound(media);
    av::MediaWriter writer(part, media, levelled.source);
    auto frames = rendition_.read(0, media.video.pixel_format, [this] { return queue_.take(); });
    while (const auto frame = frames.next()) {
        writer.write(*frame);
        if (settings_.progress) {
            settings_.progress(spec_, writer.frames(), rendition_.frames());
        }
    }
    if (stopped()) {
        throw Error(Errc::interrupted, "stopped");
    }
    writer.finish();
    return checked(part, media, levelled, false);
}

/// Copies what can be copied; should the file then not be what it was meant to be, encodes everything. That goes
/// for clips whose bits cannot be taken over too: decoders are more forgiving than whoever rewrites slices. Where
/// the disk is full or a clip is damaged, encoding would come to the same end later.
Deliverable Output::splice_film(const std::filesystem::path& part, const av::MediaSpec& media)
{
    const SplicePlan plan = plan_splice(rendition_, settings_.indexes);
    if (plan.copied() == 0) {
        return splice_by(plan, part, media);
    }
    std::string reason;
    try {
        return splice_by(plan, part, media);
    } catch (const Error& error) {
        if (error.code() != Errc::unverified) {
            throw;
        }
        reason = error.what();
    }
    Deliverable deliverable = splice_by(plan_splice(rendition_, {}), part, media);
    deliverable.rendered_because = reason;
    return deliverable;
}

Deliverable Output::splice_by(const SplicePlan& plan, const std::filesystem::path& part, const av::MediaSpec& media)
{
    SpliceSettings splicing;
    splicing.media = media;
    splicing.jobs = settings_.jobs;
    splicing.stop = settings_.stop;
    const std::int64_t copied = plan.copied();
    if (settings_.progress) {
        splicing.progress = [&](std::int64_t done) { settings_.progress(spec_, copied + done, rendition_.frames()); };
    }
    const LevelledSound levelled = sound(media);
    splice(part, rendition_, plan, settings_.indexes, splicing, levelled.source);
    auto proof = std::async(k_beside, [&] {
        verify_plan(part, rendition_, plan, settings_.verify_all ? av::VerifyDepth::all : av::VerifyDepth::joins,
                    settings_.stop);
    });
    Deliverable deliverable = checked(part, media, levelled, true);
    proof.get();
    deliverable.copied = copied;
    deliverable.spans = plan.spans();
    return deliverable;
}

Deliverable Output::checked(const std::filesystem::path& part, const av::MediaSpec& media, const LevelledSound& sound,
                            bool proven) const
{
    Expectation expected = expectation(media);
    expected.proven = proven;
    const std::optional<double> reached = sound.levels ? sound.levels->reached() : std::nullopt;
    const bool short_of = expected.loudness && reached && *reached < *expected.loudness - k_as_loud;
    const std::optional<double> wanted = short_of ? expected.loudness : std::nullopt;
    if (short_of) {
        expected.loudness = reached; // taps and percussion: as loud as the true peak allows
    }
    Deliverable deliverable = check_file(part, expected, settings_.stop);
    deliverable.out_of_reach = wanted;
    deliverable.limited_db = sound.levels ? sound.levels->limited_db() : 0;
    return deliverable;
}

Expectation Output::expectation(const av::MediaSpec& media) const
{
    Expectation expected;
    expected.frames = rendition_.frames();
    expected.size = media.size;
    expected.rate = media.rate;
    expected.video_codec = spec_.preset.video.codec;
    expected.max_bytes = spec_.preset.limits.max_bytes;
    if (media.audio) {
        expected.audio = spec_.preset.audio;
        expected.levels = !rendition_.timeline().keep_levels;
        // Digital silence has no loudness to be held to.
        if (expected.levels && mix_->measured().integrated) {
            expected.loudness = loudness();
        }
    }
    return expected;
}

} // namespace longtake::stages
