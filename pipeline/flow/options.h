#pragma once

#include "pipeline/flow/events.h"
#include "pipeline/flow/fleet/commons.h"
#include "pipeline/flow/workdir.h"
#include "pipeline/model/delivery/fit_limits.h"
#include "pipeline/model/plan.h"
#include "stages/assemble/join_fixes.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace longtake {

struct Foresight;

/// The run whose control file steers another: a batch's, of its rows.
struct Steering {
    std::filesystem::path folder;
    std::string run; ///< EventLog::run()
};

/// How one film is to be made, beside what its storyboard says.
struct FilmOptions {
    Workdir workdir;
    std::string name{}; ///< of the film's files; empty: the title's
    Commons commons{};
    Inputs* known_inputs = nullptr; ///< what other films of the batch were found to be made of; empty: nothing is known
    std::vector<std::string> presets;            ///< overrides the storyboard's `deliver`
    std::optional<std::filesystem::path> output; ///< a folder or one media file; empty: the working directory's out/
    bool overwrite = false;
    int jobs = 0;                                               ///< shots worked on at once; 0: one per core
    std::function<bool(const Plan&, const Foresight&)> consent; ///< to paid work; asked at most once
    bool approve = false;                                       ///< consent may come from its control file, too
    std::optional<Steering> steering{};                         ///< empty: the working directory's own control file
    std::optional<double> max_cost;                             ///< USD, for the whole film and all its runs
    std::optional<std::int64_t> segments_bytes; ///< bound of the store of encoded pieces; empty: the store's own
    std::int64_t memory = 0;                    ///< bytes that encoders may take; 0: half of what is free
    bool copy = true;                           ///< copy footage that is as the film shall be; false: encode everything
    bool ephemeral = false;                     ///< nobody comes back to the working directory
    bool measure_joins = false;                 ///< measure what the eye and the ear meet at the joins
    stages::JoinFixes join_fixes;               ///< of joins
    bool native = true; ///< compose the film anew for each shape that outputs ask for; false: reframe it as presets say
    bool report = false;   ///< measure what a report shows beyond the film
    bool chapters = false; ///< a chapter for each shot
    bool posters = false;  ///< a picture of each output beside it, unless it is named as one file
    std::optional<std::filesystem::path> framing; ///< windows over footage are read from it where it has them, and kept
    std::optional<std::filesystem::path> cut;     ///< .otio or .edl: the shots' order, and what of each is shown
    bool verify_all = false; ///< decode copied footage too when checking, besides comparing its bytes
    LimitsPolicy limits = LimitsPolicy::refuse;      ///< of platforms
    std::optional<double> crf;                       ///< overrides the presets'
    std::optional<std::string> encoder_preset;       ///< overrides the presets', in libx264's words
    std::set<std::string> resubmit;                  ///< shots whose lost takes may be paid for again
    std::map<std::string, std::string> adopt;        ///< shot -> the task its lost take turned out to be
    std::set<std::string> accept;                    ///< shots whose footage is taken though it failed its check
    std::string resume_command = "longtake run ..."; ///< goes on from here, for messages and the run's record
    std::string command = {};                        ///< as it was typed, for the run's record; empty: the one above
    std::string version = {};                        ///< of the program, for the run's record
};

/// Who watches a run, and may stop it or have it wait.
struct Observer {
    Listener listener;
    std::stop_token stop;
    std::function<void()> pause{}; ///< returns once the run may go on, or is stopped; empty: always

    void tell(const Event& event) const
    {
        if (listener) {
            listener(event);
        }
    }

    /// Called where nothing is in hand that must go on: before a shot, a take, a request that is paid, a frame.
    void wait_while_paused() const
    {
        if (pause) {
            pause();
        }
    }

    bool stopped() const { return stop.stop_requested(); }
};

} // namespace longtake
