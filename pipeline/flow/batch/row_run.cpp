#include "pipeline/flow/batch/row_run.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/flow/batch/row_messages.h"

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

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
    const RowMessages out(messages);
    RowState state;
    Observer observer;
    RowWatch watch(state, out);
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
