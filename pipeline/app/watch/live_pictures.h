#pragma once

#include <nlohmann/json.hpp>

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace longtake::app {

/// Small pictures of a run that goes on: what its shots are made from, and the middles of the takes that came home.
/// Each is drawn once, by a thread that gives way to the run.
class LivePictures {
public:
    /// `folder`: for the pictures, called as pages have it. `takes`: where footage lies.
    LivePictures(std::filesystem::path folder, std::filesystem::path takes);
    ~LivePictures();
    LivePictures(const LivePictures&) = delete;
    LivePictures& operator=(const LivePictures&) = delete;

    /// Asks for what is not drawn yet. `shots` and `takes`: of a run's record.
    void want(const nlohmann::json& shots, const nlohmann::json& takes);

    /// How many are drawn.
    std::size_t ready();

    /// As a report has them: see draw_pictures(). Those that are not drawn are not in it.
    nlohmann::json drawn(const nlohmann::json& shots, const nlohmann::json& takes);

private:
    struct Job {
        std::filesystem::path file;
        bool clip = false;
        std::string name;
    };
    void ask(const std::filesystem::path& file, bool clip);
    nlohmann::json picture_of(const std::filesystem::path& file);
    std::filesystem::path footage_of(const nlohmann::json& take) const;
    void work(const std::stop_token& over);
    void draw(const Job& job);

    const std::filesystem::path folder_;
    const std::filesystem::path takes_;
    std::mutex mutex_;
    std::condition_variable_any asked_;
    std::deque<Job> jobs_;
    std::map<std::filesystem::path, std::string> names_; ///< of all that was asked for
    std::set<std::string> there_;
    std::jthread worker_; ///< last: it works when everything else stands
};

} // namespace longtake::app
