#include "stages/deliver/deliver.h"

#include "pipeline/av/media_writer.h"
#include "pipeline/av/picture/reframe.h"
#include "pipeline/av/sound/loudness.h"
#include "pipeline/base/crew.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/render/composer.h"
#include "pipeline/render/mixed_frames.h"
#include "pipeline/render/soundtrack.h"
#include "stages/deliver/check.h"
#include "stages/deliver/frame_queue.h"
#include "stages/deliver/splicer.h"

#include <algorithm>
#include <exception>
#include <future>
#include <list>
#include <optional>
#include <thread>
#include <utility>

namespace longtake::stages {
namespace {

constexpr std::size_t k_queue_frames = 8;
constexpr int k_ceiling_tries = 6;
constexpr double k_as_loud = 0.5;     ///< LU that nobody calls quieter
constexpr double k_peak_margin = 0.1; ///< dB kept below a preset's true-peak ceiling

/// PCM keeps its peaks; lossy codecs overshoot them.
bool lossless(const Preset::Audio& audio)
{
    return audio.codec.starts_with("pcm") || audio.codec == "flac";
}

av::SoundSource source_of(const std::shared_ptr<render::Soundtrack::Reader>& reader)
{
    return [reader](std::span<float> stereo) { return reader->read(stereo); };
}

/// The limiter's ceiling at which the encoded sound keeps the preset's: tried out by encoding and decoding the
/// sound alone, which costs a hundredth of the picture.
double ceiling_for(const render::Soundtrack& sound, const av::MediaSpec& spec, double loudness)
{
    const Preset::Audio& audio = *spec.audio;
    double ceiling = audio.true_peak - k_peak_margin;
    if (lossless(audio)) {
        return ceiling;
    }
    for (int attempt = 0; attempt < k_ceiling_tries; ++attempt) {
        av::LoudnessMeter meter(audio.sample_rate);
        av::encode_and_hear(spec,
                            source_of(std::make_shared<render::Soundtrack::Reader>(sound.read(loudness, ceiling))),
                            [&](std::span<const float> samples) { meter.add(samples); });
        const double over = meter.true_peak().value_or(-100) - (audio.true_peak - k_peak_margin / 2);
        if (over <= 0) {
            break;
        }
        ceiling -= over + k_peak_margin;
    }
    return ceiling;
}

/// One file in the making, encoded on a thread of its own.
class Output {
public:
    Output(const Order& order, const Timeline& timeline, const render::Soundtrack* sound,
           const DeliverSettings& settings)
        : order_(order), timeline_(timeline), sound_(sound), settings_(settings),
          rate_(rate_of(order.preset, timeline)), total_(rate_.frames(timeline.rate.seconds(timeline.frames())))
    {
        try {
            thread_ = start_thread([this] { run(); });
        } catch (const Error&) { // the others go on
            failure_ = std::current_exception();
            queue_.abandon();
        }
    }

    FrameQueue& queue() { return queue_; }

    /// Whether it sees to its frames itself and takes none from the queue.
    bool spliced() const { return order_.preset.copies; }

    /// Waits for the end. Throws what the thread threw.
    Deliverable finish()
    {
        if (thread_.joinable()) {
            thread_.join();
        }
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        return *deliverable_;
    }

private:
    void run()
    {
        try {
            in_context("preset '" + order_.preset.name + "'", [&] { encode(); });
        } catch (...) {
            failure_ = std::current_exception();
            queue_.abandon();
        }
    }

    void encode()
    {
        sweep_parts(order_.file.parent_path(), order_.file.filename().string());
        PartFile file(order_.file);
        const av::MediaSpec spec = media_spec();
        deliverable_ = spliced() ? splice_film(file.part(), spec) : render_film(file.part(), spec);
        deliverable_->file = order_.file;
        deliverable_->preset = order_.preset.name;
        if (settings_.made) {
            settings_.made(*deliverable_);
        }
        file.commit(order_.existing);
        if (settings_.delivered) {
            settings_.delivered(order_, *deliverable_);
        }
    }

    av::MediaSpec media_spec() const
    {
        const Preset& preset = order_.preset;
        av::MediaSpec spec;
        spec.container = preset.container;
        spec.size = size_of(preset, timeline_);
        spec.rate = rate_;
        spec.video = preset.video;
        spec.edit_list = preset.edit_list;
        spec.title = settings_.title;
        spec.blends = render::blended_frames(timeline_, rate_);
        if (settings_.chapters && timeline_.segments.size() > 1 && spec.container != "webm") {
            spec.frames = total_;
            for (const Segment& segment : timeline_.segments) {
                spec.chapters.push_back({rate_.frames(timeline_.rate.seconds(segment.start)),
                                         segment.title.empty() ? segment.shot : segment.title});
            }
        }
        if (timeline_.has_sound()) {
            spec.audio = preset.audio;
        }
        return spec;
    }

    double loudness() const { return timeline_.loudness.value_or(order_.preset.audio.loudness); }

    /// The film's sound for this order, from its beginning.
    struct Sound {
        av::SoundSource source;                             ///< empty: silent
        std::shared_ptr<render::Soundtrack::Reader> levels; ///< what sets its loudness; empty: nothing does
    };

    Sound open_sound(const av::MediaSpec& spec) const
    {
        if (!spec.audio) {
            return {};
        }
        if (sound_ == nullptr) {
            return {render::Soundtrack::live(timeline_), nullptr};
        }
        const double aim = timeline_.keep_levels ? sound_->measured().integrated.value_or(loudness()) : loudness();
        const auto levels = std::make_shared<render::Soundtrack::Reader>(
            sound_->read(aim, ceiling_for(*sound_, spec, aim), settings_.stop));
        return {source_of(levels), levels};
    }

    /// Composes nothing itself: takes its frames from the queue, as every output does.
    Deliverable render_film(const std::filesystem::path& part, const av::MediaSpec& spec)
    {
        const Sound sound = open_sound(spec);
        av::MediaWriter writer(part, spec, sound.source);
        write_frames(writer, spec);
        if (stopped()) {
            throw Error(Errc::interrupted, "stopped");
        }
        writer.finish();
        return checked(part, spec, sound, false);
    }

    /// Copies what can be copied; should the file then not be what it was meant to be, encodes everything. That goes
    /// for clips whose bits cannot be taken over too: decoders are more forgiving than whoever rewrites slices. Where
    /// the disk is full or a clip is damaged, encoding would come to the same end later.
    Deliverable splice_film(const std::filesystem::path& part, const av::MediaSpec& spec)
    {
        const SplicePlan plan = plan_splice(timeline_, settings_.indexes);
        if (plan.copied() == 0) {
            return splice_by(plan, part, spec);
        }
        std::string reason;
        try {
            return splice_by(plan, part, spec);
        } catch (const Error& error) {
            if (error.code() != Errc::unverified) {
                throw;
            }
            reason = error.what();
        }
        Deliverable deliverable = splice_by(plan_splice(timeline_, {}), part, spec);
        deliverable.rendered_because = reason;
        return deliverable;
    }

    Deliverable splice_by(const SplicePlan& plan, const std::filesystem::path& part, const av::MediaSpec& spec)
    {
        SpliceSettings splicing;
        splicing.media = spec;
        splicing.jobs = settings_.jobs;
        splicing.stop = settings_.stop;
        const std::int64_t copied = plan.copied();
        if (settings_.progress) {
            splicing.progress = [&](std::int64_t done) { settings_.progress(order_, copied + done, total_); };
        }
        const Sound sound = open_sound(spec);
        splice(part, timeline_, plan, settings_.indexes, splicing, sound.source);
        auto proof = std::async(k_beside, [&] {
            prove_plan(part, timeline_, plan, settings_.prove_all ? av::ProofDepth::all : av::ProofDepth::joins,
                       settings_.stop);
        });
        Deliverable deliverable = checked(part, spec, sound, true);
        proof.get();
        deliverable.copied = copied;
        return deliverable;
    }

    Deliverable checked(const std::filesystem::path& part, const av::MediaSpec& spec, const Sound& sound,
                        bool proven) const
    {
        Expectation expected = expectation(spec);
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

    /// Each tick of the preset's rate shows the film's frame of that moment.
    void write_frames(av::MediaWriter& writer, const av::MediaSpec& spec)
    {
        av::Reframe reframe(spec.size, fit_of(order_.preset), spec.video.pixel_format);
        std::int64_t index = 0;
        while (auto frame = queue_.take()) {
            std::optional<av::Frame> shown;
            while (writer.frames() < total_ && timeline_frame(writer.frames()) == index) {
                if (!shown) {
                    shown = reframe.apply(*frame);
                }
                writer.write(*shown);
                if (settings_.progress) {
                    settings_.progress(order_, writer.frames(), total_);
                }
            }
            ++index;
        }
    }

    std::int64_t timeline_frame(std::int64_t tick) const
    {
        const std::int64_t up = tick * rate_.den * timeline_.rate.num;
        const std::int64_t down = std::int64_t{rate_.num} * timeline_.rate.den;
        return std::min(up / down, timeline_.frames() - 1);
    }

    static Fit fit_of(const Preset& preset)
    {
        switch (preset.reframe) {
        case Preset::Reframe::blur: return Fit::blur;
        case Preset::Reframe::pad: return Fit::pad;
        case Preset::Reframe::crop: return Fit::crop;
        }
        return Fit::blur;
    }

    Expectation expectation(const av::MediaSpec& spec) const
    {
        Expectation expected;
        expected.frames = total_;
        expected.size = spec.size;
        expected.rate = rate_;
        expected.video_codec = order_.preset.video.codec;
        expected.max_bytes = order_.preset.limits.max_bytes;
        if (spec.audio) {
            expected.audio = order_.preset.audio;
            expected.levels = !timeline_.keep_levels;
            // Digital silence has no loudness to be held to.
            if (expected.levels && sound_->measured().integrated) {
                expected.loudness = loudness();
            }
        }
        return expected;
    }

    bool stopped() const { return settings_.stop.stop_requested(); }

    const Order& order_;
    const Timeline& timeline_;
    const render::Soundtrack* sound_;
    const DeliverSettings& settings_;
    Rate rate_;
    std::int64_t total_;
    FrameQueue queue_{k_queue_frames};
    std::exception_ptr failure_;
    std::optional<Deliverable> deliverable_;
    std::thread thread_;
};

/// Composes every frame once and gives it to every output that still takes frames.
void compose(const Timeline& timeline, std::list<Output>& outputs, const std::stop_token& stop)
{
    if (std::all_of(outputs.begin(), outputs.end(), [](const Output& output) { return output.spliced(); })) {
        return;
    }
    render::Composer composer(timeline);
    while (auto frame = composer.next()) {
        bool wanted = false;
        for (Output& output : outputs) {
            wanted = (!output.spliced() && output.queue().put(frame->share())) || wanted;
        }
        if (!wanted || stop.stop_requested()) {
            return;
        }
    }
}

} // namespace

Size size_of(const Preset& preset, const Timeline& timeline)
{
    if (!preset.size) {
        return timeline.size;
    }
    const bool smaller = timeline.size.width <= preset.size->width && timeline.size.height <= preset.size->height;
    return preset.never_upscale && smaller ? timeline.size : *preset.size;
}

Rate rate_of(const Preset& preset, const Timeline& timeline)
{
    if (preset.fps) {
        return *preset.fps;
    }
    if (preset.max_fps && timeline.rate.fps() > preset.max_fps->fps()) {
        return *preset.max_fps;
    }
    if (preset.min_fps && timeline.rate.fps() < preset.min_fps->fps()) {
        return *preset.min_fps;
    }
    return timeline.rate;
}

std::vector<Deliverable> deliver(const Timeline& timeline, const std::vector<Order>& orders,
                                 const DeliverSettings& settings)
{
    const std::filesystem::path mix = settings.scratch / "mix.f32"; // beside which the mix is kept meanwhile
    make_folder(settings.scratch);
    sweep_parts(settings.scratch, mix.filename().string());
    std::optional<render::Soundtrack> sound;
    const bool live = timeline.keep_levels && !timeline.music;
    if (timeline.has_sound() && !live) {
        sound = render::Soundtrack::mix(timeline, mix, settings.stop);
    }
    std::exception_ptr failure;
    std::list<Output> outputs;
    for (const Order& order : orders) {
        outputs.emplace_back(order, timeline, sound ? &*sound : nullptr, settings);
    }
    try {
        compose(timeline, outputs, settings.stop);
    } catch (...) {
        failure = std::current_exception();
    }
    std::vector<Deliverable> deliverables;
    for (Output& output : outputs) {
        if (failure) {
            output.queue().abandon();
        }
        output.queue().close();
    }
    for (Output& output : outputs) {
        try {
            deliverables.push_back(output.finish());
        } catch (...) {
            failure = failure ? failure : std::current_exception();
        }
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
    return deliverables;
}

} // namespace longtake::stages
