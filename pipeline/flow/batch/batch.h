#pragma once

#include "pipeline/flow/account.h"
#include "pipeline/flow/batch/row_state.h"
#include "pipeline/flow/batch/rows.h"
#include "pipeline/flow/options.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace longtake {

struct BatchPlan;

/// How the films of a table are to be made.
struct BatchOptions {
    /// To paid work, asked at most once; given what the batch's runs have spent so far, USD.
    std::function<bool(const BatchPlan&, double spent)> consent{};
    std::filesystem::path output;       ///< the folder of the films; the batch's own folder lies in it
    FilmOptions film;                   ///< of each; its working directory, name and output are set by row
    int films_at_once = 0;              ///< 0: one per core
    std::set<std::string> only{};       ///< rows by name or number; empty: all
    std::optional<std::size_t> limit{}; ///< that many of those, in order
    bool allow_remote = false;          ///< fetch files that rows give the addresses of
    bool retry_failed = false;          ///< try again what failed by itself
    std::string repeat_command{};       ///< makes a row again, once " --only NAME" is added
    /// In a row's own process: from then on signals ask it to stop.
    std::function<std::stop_token()> watch_signals{};
};

/// What is known of a batch before anything is made.
struct BatchPlan {
    std::vector<RowState> rows;  ///< those that are broken with why; the others without an outcome
    std::vector<BatchRow> given; ///< what each of them is made from
    Inputs inputs;               ///< of all of them
    std::vector<std::string> notes;
    std::size_t films = 0;                    ///< that can be made
    double seconds = 0;                       ///< of all of them
    std::size_t takes = 0;                    ///< what several films have alike counted once
    bool paid = false;                        ///< whether takes cost anything
    std::optional<double> cost = 0.0;         ///< USD; empty: a price is not known
    std::vector<std::string> without_price{}; ///< models
};

/// What a batch came to.
struct BatchResult {
    BatchPlan plan;
    std::vector<RowState> rows;   ///< of all films that were asked for, in the table's order
    double spent = 0;             ///< USD paid and reserved by all runs of the batch
    std::filesystem::path folder; ///< where results.jsonl and index.html are
    bool interrupted = false;

    std::size_t done() const;
};

/// Looks at every row: its values, its storyboard, the headers of its files, its plan. Writes nothing but what it may
/// fetch. Throws Error as
/// load_preset() and the like for what is wrong with all rows alike; what is wrong with one stands at its row.
BatchPlan plan_batch(const BatchSource& source, const std::vector<TableRow>& table, const BatchOptions& options,
                     const Account& account, std::stop_token stop = {});

/// Makes the films, each row in a process of its own, several at once, over one ledger: what several films have alike
/// is paid, made and encoded once, and one cap holds for all. What an earlier run of the batch finished stays; a row
/// that fails takes one film. Asks for consent once, before the first. Afterwards the folder has results.jsonl,
/// results.csv, errors.csv, and index.html with a contact sheet. Throws Error(budget) for a plan over the cap or
/// without consent, Error(pending) while another run has the batch.
BatchResult make_batch(const BatchSource& source, const std::vector<TableRow>& table, const BatchOptions& options,
                       const Account& account, const Observer& observer);

/// The batch's own folder in that of its films.
std::filesystem::path batch_folder(const std::filesystem::path& output);

} // namespace longtake
