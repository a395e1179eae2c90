#include "pipeline/flow/batch/row_run.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/flow/film.h"

#include <unistd.h>

#include <algorithm>
#include <mutex>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Lines to whoever looks after the row. One that cannot be written has no reader any more.
class Messages {
public:
    explicit Messages(int descriptor) : descriptor_(descriptor) {}

    void send(const json& message) const
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

private:
    int descriptor_;
};

/// What goes on in a film as a share of the whole: its outputs' frames, and what is said on the way.
class Watch {
public:
    Watch(RowState& state, const Messages& messages) : state_(state), messages_(messages) {}

    void hear(const Event& event)
    {
        const std::lock_guard lock(mutex_);
        if (event.kind == Event::Kind::warning) {
            state_.notes.push_back(event.text);
        } else if (event.kind == Event::Kind::progress && event.stage == "deliver" && event.total > 0) {
            const double share = static_cast<double>(event.done) / static_cast<double>(event.total);
            if (share >= told_ + k_step) {
                told_ = share;
                messages_.send({{"progress", share}});
            }
        }
    }

private:
    static constexpr double k_step = 0.1;
    RowState& state_;
    const Messages& messages_;
    std::mutex mutex_;
    double told_ = 0;
};

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

void make_row(const BatchSource& source, const BatchRow& row, const BatchOptions& options, const Account& account,
              Inputs& inputs, const Observer& observer, RowState& state)
{
    std::vector<WrongValue> wrong;
    const json board = board_of_row(source, row, wrong);
    const Storyboard storyboard = storyboard_from_json(board, source.folder, source.source.origin);
    FilmOptions film = options.film;
    film.output = options.output;
    film.name = row.name;
    film.known_inputs = &inputs;
    film.workdir = {row_folder(options.output, row.name), batch_folder(options.output)};
    film.resume_command = options.repeat_command + " --only " + row.name;
    write_atomic(film.workdir.root / "storyboard.json", board.dump(2) + "\n");
    take_result(make_film(storyboard, film, account, observer), state);
}

} // namespace

fs::path batch_folder(const fs::path& output)
{
    return output / "batch.longtake";
}

fs::path row_folder(const fs::path& output, const std::string& name)
{
    return batch_folder(output) / "rows" / name;
}

int run_row(const BatchSource& source, const BatchRow& row, const BatchOptions& options, const Account& account,
            Inputs& inputs, int messages)
{
    const Messages out(messages);
    RowState state;
    Observer observer;
    Watch watch(state, out);
    observer.listener = [&](const Event& event) { watch.hear(event); };
    observer.stop = options.watch_signals ? options.watch_signals() : std::stop_token();
    try {
        make_row(source, row, options, account, inputs, observer, state);
    } catch (const Error& error) {
        state.outcome = word(error.code());
        state.message = error.what();
    } catch (const std::exception& error) {
        state.outcome = word(Errc::internal);
        state.message = error.what();
    }
    out.send(state);
    return state.done() ? 0 : 1;
}

} // namespace longtake
