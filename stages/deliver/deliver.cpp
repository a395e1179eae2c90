#include "stages/deliver/deliver.h"

#include "pipeline/base/files.h"
#include "pipeline/render/soundtrack.h"
#include "stages/deliver/output.h"
#include "stages/deliver/package/stream_output.h"

#include <exception>
#include <memory>
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
std::vector<Deliverable> finish(const std::vector<std::unique_ptr<Product>>& products)
{
    std::vector<Deliverable> deliverables;
    std::exception_ptr failure;
    for (const auto& product : products) {
        try {
            deliverables.push_back(product->finish());
        } catch (...) {
            failure = failure ? failure : std::current_exception();
        }
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
    return deliverables;
}

std::unique_ptr<Product> product_of(const OutputSpec& spec, const Timeline& timeline, const render::Soundtrack* mix,
                                    const DeliverSettings& settings, SegmentMaker& maker)
{
    if (spec.preset.package == Preset::Package::file) {
        return std::make_unique<Output>(spec, timeline, mix, settings, maker);
    }
    return std::make_unique<StreamOutput>(spec, timeline, mix, settings, maker);
}

} // namespace

std::vector<Deliverable> deliver(const Timeline& timeline, const std::vector<OutputSpec>& specs,
                                 const DeliverSettings& settings)
{
    const std::filesystem::path mix = settings.scratch / "mix.f32"; // beside which the mix is kept meanwhile
    make_folder(settings.scratch);
    sweep_parts(settings.scratch, mix.filename().string());
    std::optional<render::Soundtrack> sound;
    const bool helps = settings.share && settings.share->helps();
    const bool live = timeline.keep_levels && !timeline.music && timeline.voices.empty();
    if (timeline.has_sound() && !live && !helps) {
        sound = render::Soundtrack::mix(timeline, mix, settings.stop);
    }
    std::optional<PassingStore> passing;
    if (!settings.segments) {
        passing.emplace(settings.scratch / "segments");
    }
    SegmentStore& store = settings.segments ? *settings.segments : passing->store();
    SegmentMaker maker(timeline, store,
                       {settings.jobs, settings.memory, settings.stop, settings.share, settings.pause});
    std::vector<std::unique_ptr<Product>> products;
    for (const OutputSpec& spec : specs) {
        products.push_back(product_of(spec, timeline, sound ? &*sound : nullptr, settings, maker));
        products.back()->order();
    }
    if (helps) {
        maker.help();
        return {};
    }
    maker.start();
    for (const auto& product : products) {
        product->begin();
    }
    return finish(products);
}

} // namespace longtake::stages
