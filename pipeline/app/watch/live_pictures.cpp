#include "pipeline/app/watch/live_pictures.h"

#include "pipeline/av/picture/picture_writer.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/parallel.h"
#include "pipeline/flow/look/source_picture.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <utility>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr Size k_live_box{320, 320};
constexpr int k_live_quality = 5; ///< as of a report's pictures
constexpr std::size_t k_most_pictures = 4000;
constexpr int k_gives_way = 10; ///< niceness (setpriority(2); of Linux' threads each has its own)

std::string text_of(const json& object, const char* member)
{
    const auto found = object.is_object() ? object.find(member) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Whether a take is one of a shot: "cup", "cup+2".
bool is_take_of(const std::string& take, const std::string& shot)
{
    return take == shot || take.starts_with(shot + "+");
}

} // namespace

LivePictures::LivePictures(fs::path folder, fs::path takes) : folder_(std::move(folder)), takes_(std::move(takes))
{
    make_folder(folder_);
    worker_ = start_thread<std::jthread>([this](const std::stop_token& over) { work(over); });
}

LivePictures::~LivePictures()
{
    worker_.request_stop();
}

fs::path LivePictures::footage_of(const json& take) const
{
    const std::string hash = text_of(take, "footage");
    const bool plain = !hash.empty() && hash.find_first_not_of("0123456789abcdef") == std::string::npos;
    return plain ? takes_ / (hash + ".mp4") : fs::path();
}

void LivePictures::ask(const fs::path& file, bool clip)
{
    if (file.empty() || names_.contains(file) || names_.size() >= k_most_pictures) {
        return;
    }
    const std::string& name = names_[file] = fmt::format("live-{}.jpg", names_.size());
    jobs_.push_back({file, clip, name});
    asked_.notify_all();
}

void LivePictures::want(const json& shots, const json& takes)
{
    const std::lock_guard lock(mutex_);
    for (const json& shot : shots) {
        ask(text_of(shot, "picture"), text_of(shot, "kind") == "clip");
    }
    for (const json& take : takes) {
        ask(footage_of(take), true);
    }
}

std::size_t LivePictures::ready()
{
    const std::lock_guard lock(mutex_);
    return there_.size();
}

json LivePictures::picture_of(const fs::path& file)
{
    const auto name = names_.find(file);
    return name != names_.end() && there_.contains(name->second)
               ? json(folder_.filename().string() + "/" + name->second)
               : json();
}

json LivePictures::drawn(const json& shots, const json& takes)
{
    const std::lock_guard lock(mutex_);
    json all = json::array();
    for (const json& shot : shots) {
        const std::string id = text_of(shot, "id");
        json frames = json::array();
        double at = 0;
        for (const json& take : takes) {
            if (!is_take_of(text_of(take, "name"), id)) {
                continue;
            }
            const double seconds = take.value("seconds", 0.0);
            if (const json file = picture_of(footage_of(take)); file.is_string()) {
                frames.push_back({{"at", at + seconds / 2}, {"file", file}});
            }
            at += seconds;
        }
        all.push_back({{"shot", id}, {"source", picture_of(text_of(shot, "picture"))}, {"frames", frames}});
    }
    return {{"shots", all}, {"joins", json::array()}, {"framings", json::array()}};
}

void LivePictures::work(const std::stop_token& over)
{
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), k_gives_way);
    std::unique_lock lock(mutex_);
    while (asked_.wait(lock, over, [this] { return !jobs_.empty(); })) {
        const Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        draw(job);
        lock.lock();
    }
}

/// What cannot be read has no picture.
void LivePictures::draw(const Job& job)
{
    try {
        ShotPlan shot;
        (job.clip ? shot.shot.clip : shot.shot.image) = job.file;
        if (const auto picture = look::source_picture(shot, k_live_box)) {
            write_atomic(folder_ / job.name, av::encode_jpeg(*picture, k_live_quality));
            const std::lock_guard lock(mutex_);
            there_.insert(job.name);
        }
    } catch (const Error&) { // it is gone, or never was one
    }
}

} // namespace longtake::app
