#include "pipeline/providers/camera.h"

#include "pipeline/av/probe.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"

namespace longtake {
namespace {

constexpr int k_poll_growth = 6;

/// Sleeps unless stopped first.
void pause(std::chrono::milliseconds time, const std::stop_token& stop)
{
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, time, [] { return false; });
}

void stop_here(const std::stop_token& stop)
{
    if (stop.stop_requested()) {
        throw Error(Errc::interrupted, "stopped");
    }
}

} // namespace

Camera::Camera(Provider& provider, Ledger& ledger, Settings settings)
    : provider_(provider), ledger_(ledger), settings_(std::move(settings))
{
    std::filesystem::create_directories(settings_.takes);
}

std::string Camera::fingerprint(const TakeRequest& request) const
{
    return sha256_of(nlohmann::json{{"provider", provider_.name()}, {"shape", provider_.shape(request)}}.dump());
}

std::optional<Take> Camera::known(const TakeRecord& record) const
{
    if (record.state != TakeState::done) {
        return std::nullopt;
    }
    Take take;
    take.footage = record.footage.at("footage").get<Footage>();
    take.ref = record.footage.at("ref");
    take.fingerprint = record.fingerprint;
    take.reused = true;
    take.footage.file = settings_.takes / take.footage.file; // stored relative: a working directory can be moved
    if (!std::filesystem::exists(take.footage.file)) {
        return std::nullopt;
    }
    return take;
}

Ready Camera::wait(const Job& job, std::stop_token stop)
{
    auto interval = settings_.poll;
    while (true) {
        stop_here(stop);
        JobState state = provider_.poll(job, stop);
        if (auto* ready = std::get_if<Ready>(&state)) {
            return std::move(*ready);
        }
        if (const auto* refused = std::get_if<Refused>(&state)) {
            throw Error(Errc::provider, provider_.name() + " refused job " + job.id + ": " + refused->reason);
        }
        pause(interval, stop);
        interval = std::min(interval + settings_.poll / 2, settings_.poll * k_poll_growth);
    }
}

Take Camera::keep(const Ready& ready, TakeRecord& record, const Progress& progress, std::stop_token stop)
{
    PartFile download(settings_.takes / (record.fingerprint + ".mp4"));
    provider_.download(ready, download.part(), progress, stop);
    const av::MediaInfo info = av::probe(download.part());
    const av::Measured measured = av::measure(download.part(), stop);
    if (!info.video || measured.frames == 0) {
        throw Error(Errc::provider, provider_.name() + ": the footage holds no picture");
    }
    Take take;
    take.footage.sha256 = sha256_of_file(download.part());
    take.footage.file = take.footage.sha256 + ".mp4";
    take.footage.size = info.video->size;
    take.footage.rate = info.video->rate;
    take.footage.frames = measured.frames;
    take.footage.sound = info.audio.has_value();
    take.ref = ready.ref;
    take.fingerprint = record.fingerprint;
    download.commit_as(settings_.takes / take.footage.file);

    record.state = TakeState::done;
    record.charged = ready.charged;
    record.footage = {{"footage", take.footage}, {"ref", take.ref}};
    ledger_.put(record);
    take.footage.file = settings_.takes / take.footage.file;
    return take;
}

class Camera::Turn {
public:
    Turn(Camera& camera, const std::string& fingerprint) : camera_(camera), fingerprint_(fingerprint)
    {
        std::unique_lock lock(camera_.mutex_);
        camera_.turn_over_.wait(lock, [&] { return !camera_.at_work_.contains(fingerprint_); });
        camera_.at_work_.insert(fingerprint_);
    }
    ~Turn()
    {
        const std::lock_guard lock(camera_.mutex_);
        camera_.at_work_.erase(fingerprint_);
        camera_.turn_over_.notify_all();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    Camera& camera_;
    std::string fingerprint_;
};

Take Camera::shoot(const TakeRequest& request, const Progress& progress, std::stop_token stop)
{
    TakeRecord record;
    record.fingerprint = fingerprint(request);
    const Turn turn(*this, record.fingerprint);
    if (const auto found = ledger_.take(record.fingerprint)) {
        if (auto take = known(*found)) {
            return std::move(*take);
        }
        record = *found;
    }
    stop_here(stop);
    record.shot = request.shot;
    record.index = request.take.index;
    record.kind = word(request.take.kind);
    record.provider = provider_.name();
    record.model = request.model;
    record.estimate = request.take.cost;

    if (record.state != TakeState::submitted) {
        record.state = TakeState::intent;
        ledger_.put(record);
        record.job = std::get<Accepted>(provider_.submit(request, stop)).job.id;
        record.state = TakeState::submitted;
        ledger_.put(record);
    }
    try {
        return keep(wait({record.job}, stop), record, progress, stop);
    } catch (const Error& error) {
        if (error.code() == Errc::provider) {
            record.state = TakeState::refused;
            record.message = error.what();
            ledger_.put(record);
        }
        throw;
    }
}

} // namespace longtake
