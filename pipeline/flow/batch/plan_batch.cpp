#include "pipeline/flow/batch/batch.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/flow/batch/remote_files.h"
#include "pipeline/flow/film.h"
#include "pipeline/flow/outputs.h"
#include "pipeline/model/schema/schema.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake {
namespace {

using nlohmann::json;

/// What of a shot says nothing about its takes.
constexpr const char* k_not_of_takes[] = {"id", "title", "overlays", "caption", "voice", "transition"};

/// Looks at rows one after the other, and at what several have alike once.
class Planner {
public:
    Planner(const BatchSource& source, const BatchOptions& options, const Account& account)
        : source_(source), options_(options), account_(account)
    {
    }

    RowState look_at(const BatchRow& row)
    {
        RowState state;
        state.number = row.number;
        state.name = row.name;
        state.tags = row.tags;
        std::vector<WrongValue> wrong = row.wrong;
        try {
            const json board = board_of_row(source_, row, wrong);
            if (wrong.empty()) {
                plan_row(board, state);
                return state;
            }
        } catch (const Error& error) {
            wrong.push_back({"", error.what()});
            state.outcome = word(error.code());
        }
        state.outcome = state.outcome.empty() ? "usage" : state.outcome;
        for (const WrongValue& value : wrong) {
            state.message +=
                (state.message.empty() ? "" : "\n") + (value.key.empty() ? "" : value.key + ": ") + value.what;
        }
        return state;
    }

    BatchPlan plan;

private:
    void plan_row(const json& board, RowState& state)
    {
        const Storyboard storyboard = storyboard_from_json(board, source_.folder, source_.source.origin);
        const Plan film = plan_film(storyboard, account_.catalog, plan.inputs);
        FilmOptions options = options_.film;
        options.output = options_.output;
        options.name = state.name;
        outputs_for(storyboard, film, options, account_); // lengths and names that cannot be
        state.seconds = film.rate.seconds(film.frames);
        state.key = row_key(board, options.presets);
        ++plan.films;
        plan.seconds += state.seconds;
        plan.paid = plan.paid || film.paid;
        count_takes(board, film);
    }

    /// A shot that another row has alike is made, and paid, once.
    void count_takes(const json& board, const Plan& film)
    {
        json shared = board.value("defaults", json::object());
        shared["film"] = {film.provider, film.size.text(), film.rate.text()};
        for (std::size_t i = 0; i < film.shots.size(); ++i) {
            const ShotPlan& shot = film.shots[i];
            json shape = board.at("shots").at(i);
            for (const char* key : k_not_of_takes) {
                shape.erase(key);
            }
            if (!known_.insert(row_key({shared, shape}, {shot.model, shot.frames, shot.handle})).second) {
                continue;
            }
            plan.takes += shot.takes.size();
            for (const PlannedTake& take : shot.takes) {
                add_cost(take, shot.model);
            }
        }
    }

    void add_cost(const PlannedTake& take, const std::string& model)
    {
        if (!take.cost) {
            plan.cost.reset();
            if (std::ranges::find(plan.without_price, model) == plan.without_price.end()) {
                plan.without_price.push_back(model);
            }
        } else if (plan.cost) {
            *plan.cost += *take.cost;
        }
    }

    const BatchSource& source_;
    const BatchOptions& options_;
    const Account& account_;
    std::set<std::string> known_;
};

bool asked_for(const BatchRow& row, const BatchOptions& options)
{
    return options.only.empty() || options.only.contains(row.name) || options.only.contains(std::to_string(row.number));
}

void need_rows(const BatchOptions& options, const std::vector<BatchRow>& rows)
{
    std::vector<std::string> names;
    std::ranges::transform(rows, std::back_inserter(names), &BatchRow::name);
    for (const std::string& wanted : options.only) {
        if (std::ranges::none_of(rows, [&](const BatchRow& row) {
                return row.name == wanted || std::to_string(row.number) == wanted;
            })) {
            throw Error(Errc::usage, "--only: " + unknown_name("row", wanted, names));
        }
    }
}

} // namespace

BatchPlan plan_batch(const BatchSource& source, const std::vector<TableRow>& table, const BatchOptions& options,
                     const Account& account, std::stop_token stop)
{
    BatchRows films = rows_of(source, table);
    need_rows(options, films.rows);
    Planner planner(source, options, account);
    planner.plan.notes = std::move(films.notes);
    std::erase_if(films.rows, [&](const BatchRow& row) { return !asked_for(row, options); });
    films.rows.resize(std::min(films.rows.size(), options.limit.value_or(films.rows.size())));
    fetch_remote_files(source, films.rows, options.allow_remote, batch_folder(options.output) / "remote", stop);
    for (const BatchRow& row : films.rows) {
        planner.plan.rows.push_back(planner.look_at(row));
    }
    planner.plan.given = std::move(films.rows);
    return std::move(planner.plan);
}

} // namespace longtake
