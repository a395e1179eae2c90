#include "pipeline/flow/preview/animatic.h"

#include "pipeline/av/media_writer.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/flow/preview/previewed.h"
#include "pipeline/flow/preview/slate.h"
#include "pipeline/render/rendition.h"
#include "pipeline/render/soundtrack.h"

#include <optional>

namespace longtake {
namespace {

constexpr int k_short_side = 360; ///< pixels

av::MediaSpec small_file(Size size, Rate rate, bool sounds, const std::string& title)
{
    av::MediaSpec media;
    media.size = size;
    media.rate = rate;
    media.title = title;
    media.video.codec = "h264";
    media.video.encoder = "libx264";
    media.video.crf = 27;
    media.video.encoder_preset = "ultrafast";
    if (sounds) {
        Preset::Audio& audio = media.audio.emplace();
        audio.codec = "aac";
        audio.bitrate = 96000;
        audio.true_peak = -1.5;
    }
    return media;
}

/// The film's sound at the loudness it will have; empty: it is silent.
av::SoundSource sound_of(const std::optional<render::Soundtrack>& mixed, const av::MediaSpec& media)
{
    if (!mixed) {
        return {};
    }
    auto reader =
        std::make_shared<render::Soundtrack::Reader>(mixed->read(media.audio->loudness, media.audio->true_peak));
    return [reader](std::span<float> stereo) { return reader->read(stereo); };
}

} // namespace

Animatic make_animatic(const Storyboard& board, const Plan& plan, const FilmOptions& options, const Account& account,
                       const Observer& observer, const std::filesystem::path& file)
{
    const preview::Previewed film = preview::previewed(board, plan, options, account, observer, k_short_side);
    const Timeline& timeline = film.timeline;
    const render::Rendition rendition(timeline, {film.plan.size, Fit::blur, film.safe}, timeline.rate);
    preview::Slate slate(film.plan.size.width, timeline.rate);
    std::optional<render::Soundtrack> mixed;
    if (timeline.has_sound()) {
        mixed = render::Soundtrack::mix(timeline, options.workdir.scratch() / "mix", observer.stop);
    }
    const Size size{film.plan.size.width, film.plan.size.height + slate.height()};
    const av::MediaSpec media = small_file(size, timeline.rate, mixed.has_value(), board.title);
    PartFile part(file);
    av::MediaWriter writer(part.part(), media, sound_of(mixed, media));
    render::Rendition::Reader frames = rendition.read(0, "yuv420p");
    std::size_t next = 0; // shot that has not begun
    for (std::int64_t k = 0; auto frame = frames.next(); ++k) {
        if (observer.stopped()) {
            throw Error(Errc::interrupted, "interrupted");
        }
        for (; next < timeline.items.size() && timeline.items[next].start <= k; ++next) {
            const ShotPlan& shot = film.plan.shots[next];
            slate.show(preview::facts_of(shot, timeline.rate), preview::words_of(shot));
        }
        writer.write(slate.under(*frame, k));
        observer.tell({Event::Kind::progress, "preview", "", k + 1, rendition.frames(), ""});
    }
    writer.finish();
    part.commit();
    return {rendition.frames(), timeline.rate, size};
}

} // namespace longtake
