#include "stages/deliver/deliver.h"

#include "pipeline/base/files.h"
#include "pipeline/render/soundtrack.h"
#include "stages/deliver/output.h"

#include <exception>
#include <list>
#include <optional>

namespace longtake::stages {
namespace {

/// A store that nobody comes back to.
class PassingStore {
public:
    explicit PassingStore(std::filesystem::path folder)
        : folder_(std::move(folder)), store_(std::in_place, folder_, SegmentStore::Limits{INT64_MAX})
    {
    }

    ~PassingStore()
    {
        store_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    PassingStore(const PassingStore&) = delete;
    PassingStore& operator=(const PassingStore&) = delete;

    SegmentStore& store() { return *store_; }

private:
    std::filesystem::path folder_;
    std::optional<SegmentStore> store_;
};

/// Waits for all, and throws what the first that failed threw.
std::vector<Deliverable> finish(std::list<Output>& outputs)
{
    std::vector<Deliverable> deliverables;
    std::exception_ptr failure;
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

} // namespace

std::vector<Deliverable> deliver(const Timeline& timeline, const std::vector<OutputSpec>& specs,
                                 const DeliverSettings& settings)
{
    const std::filesystem::path mix = settings.scratch / "mix.f32"; // beside which the mix is kept meanwhile
    make_folder(settings.scratch);
    sweep_parts(settings.scratch, mix.filename().string());
    std::optional<render::Soundtrack> sound;
    const bool live = timeline.keep_levels && !timeline.music && timeline.voices.empty();
    if (timeline.has_sound() && !live) {
        sound = render::Soundtrack::mix(timeline, mix, settings.stop);
    }
    std::optional<PassingStore> passing;
    if (!settings.segments) {
        passing.emplace(settings.scratch / "segments");
    }
    SegmentStore& store = settings.segments ? *settings.segments : passing->store();
    SegmentMaker maker(timeline, store, {settings.jobs, settings.memory, settings.stop});
    std::list<Output> outputs;
    for (const OutputSpec& spec : specs) {
        outputs.emplace_back(spec, timeline, sound ? &*sound : nullptr, settings, maker).order();
    }
    maker.start();
    for (Output& output : outputs) {
        output.begin();
    }
    return finish(outputs);
}

} // namespace longtake::stages
