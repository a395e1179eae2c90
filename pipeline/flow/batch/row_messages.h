#pragma once

#include "pipeline/flow/batch/row_state.h"
#include "pipeline/flow/events.h"
#include "pipeline/flow/film.h"

#include <chrono>
#include <mutex>

namespace longtake {

/// Lines of JSON to whoever looks after a row's process. One that cannot be written has no reader any more.
class RowMessages {
public:
    explicit RowMessages(int descriptor) : descriptor_(descriptor) {}

    void send(const nlohmann::json& message) const;

private:
    int descriptor_;
};

/// What goes on in a film as a share of the whole, its outputs' frames; and what is said on the way. Says at least once
/// a second that something goes on, as long as it does.
class RowWatch {
public:
    RowWatch(RowState& state, const RowMessages& messages) : state_(state), messages_(messages) {}

    /// Safe from several threads.
    void hear(const Event& event);

private:
    RowState& state_;
    const RowMessages& messages_;
    std::mutex mutex_;
    double told_ = 0;
    std::chrono::steady_clock::time_point last_{};
};

/// What a film came to, as its row has it.
void take_result(const FilmResult& film, RowState& state);

} // namespace longtake
