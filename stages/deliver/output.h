#pragma once

#include "pipeline/render/rendition.h"
#include "stages/deliver/check.h"
#include "stages/deliver/deliver.h"
#include "stages/deliver/frame_queue.h"
#include "stages/deliver/levels.h"

#include <exception>
#include <optional>
#include <thread>

namespace longtake::stages {

/// One output in the making, encoded on a thread of its own. All it is given must outlive it.
class Output {
public:
    /// `mix`: the film's sound; null: none, or heard as it is.
    Output(const OutputSpec& spec, const Timeline& timeline, const render::Soundtrack* mix,
           const DeliverSettings& settings);
    ~Output();
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    /// The timeline's frames, where it takes them from there.
    FrameQueue& queue() { return queue_; }

    /// Whether it composes its frames itself, those it does not copy.
    bool spliced() const { return spec_.preset.copies; }

    /// Waits for the end. Throws what making it threw.
    Deliverable finish();

private:
    void run();
    void make();
    av::MediaSpec media_spec() const;
    Deliverable render_film(const std::filesystem::path& part, const av::MediaSpec& media);
    Deliverable splice_film(const std::filesystem::path& part, const av::MediaSpec& media);
    Deliverable splice_by(const SplicePlan& plan, const std::filesystem::path& part, const av::MediaSpec& media);
    Deliverable checked(const std::filesystem::path& part, const av::MediaSpec& media, const LevelledSound& sound,
                        bool proven) const;
    Expectation expectation(const av::MediaSpec& media) const;
    LevelledSound sound(const av::MediaSpec& media) const;
    double loudness() const;
    bool stopped() const { return settings_.stop.stop_requested(); }

    const OutputSpec& spec_;
    const render::Rendition rendition_;
    const render::Soundtrack* mix_;
    const DeliverSettings& settings_;
    FrameQueue queue_;
    std::exception_ptr failure_;
    std::optional<Deliverable> deliverable_;
    std::thread thread_;
};

} // namespace longtake::stages
