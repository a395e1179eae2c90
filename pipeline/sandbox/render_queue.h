#pragma once

#include "pipeline/providers/take_renderer.h"

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace longtake::sandbox {

/// What a result file shows: one take, or a whole film of takes that continue each other.
struct Footage {
    std::vector<local::TakeSpec> takes;
    std::filesystem::path
        source; ///< a film to show in place of `takes`, whose one entry tells its size, rate and frames
    bool sound = false;
    /// How far colours leave the picture in the course of each take: luma rises by so many 8-bit code values, Cr by
    /// half as many, and Cb falls by half as many; nothing on a take's first frame, all of it on its last.
    double drift = 0;
    double drifted = 0; ///< so far already on the first frame

    std::int64_t frames() const;
    double seconds() const;
};

/// A file in the making.
struct RenderedFile {
    enum class State { waiting, done, failed };
    State state = State::waiting;
    std::filesystem::path file;
    std::string error;
};

/// Renders footage on threads of its own; the same footage is rendered once.
class RenderQueue {
public:
    RenderQueue(std::filesystem::path dir, int threads);
    ~RenderQueue();
    RenderQueue(const RenderQueue&) = delete;
    RenderQueue& operator=(const RenderQueue&) = delete;

    /// Orders footage; returns its name here.
    std::string order(const Footage& footage);

    RenderedFile print(const std::string& name) const;

    /// How many different files were rendered.
    int rendered() const;

private:
    void work();
    void stop();

    struct Job {
        std::string name;
        Footage footage;
    };
    std::filesystem::path dir_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;
    std::map<std::string, RenderedFile> prints_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

} // namespace longtake::sandbox
