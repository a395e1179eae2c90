#include "pipeline/flow/batch/row_messages.h"

#include "pipeline/base/error.h"

#include <unistd.h>

namespace longtake {
namespace {

using nlohmann::json;

constexpr double k_progress_step = 0.1;
constexpr std::chrono::seconds k_sign_of_life{1};

} // namespace

void RowMessages::send(const json& message) const
{
    const std::string line = message.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    for (std::size_t sent = 0; sent < line.size();) {
        const ssize_t wrote = ::write(descriptor_, line.data() + sent, line.size() - sent);
        if (wrote <= 0) {
            return;
        }
        sent += static_cast<std::size_t>(wrote);
    }
}

void RowWatch::hear(const Event& event)
{
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (event.kind == Event::Kind::warning) {
        state_.notes.push_back(event.text);
    } else if (event.kind == Event::Kind::progress && event.stage == "deliver" && event.total > 0) {
        const double share = static_cast<double>(event.done) / static_cast<double>(event.total);
        if (share >= told_ + k_progress_step) {
            told_ = share;
            last_ = now;
            messages_.send({{"progress", share}});
        }
    }
    if (now - last_ >= k_sign_of_life) {
        last_ = now;
        messages_.send({{"alive", true}});
    }
}

void take_result(const FilmResult& film, RowState& state)
{
    state.paid = film.paid;
    if (film.failures.empty()) {
        state.outcome = "done";
        state.deliverables = film.deliverables;
        state.kept = film.nothing_to_do;
        return;
    }
    const Failure& worst = film.failures.front();
    state.outcome = word(worst.error.code());
    state.message = worst.error.what();
    if (film.failures.size() > 1) {
        state.message += "; and " + std::to_string(film.failures.size() - 1) + " shots more";
    }
}

} // namespace longtake
