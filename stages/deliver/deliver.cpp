#include "stages/deliver/deliver.h"

#include "pipeline/base/files.h"
#include "pipeline/render/composer.h"
#include "pipeline/render/soundtrack.h"
#include "stages/deliver/output.h"

#include <algorithm>
#include <exception>
#include <list>
#include <optional>

namespace longtake::stages {
namespace {

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

std::vector<Deliverable> deliver(const Timeline& timeline, const std::vector<OutputSpec>& specs,
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
    for (const OutputSpec& spec : specs) {
        outputs.emplace_back(spec, timeline, sound ? &*sound : nullptr, settings);
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
