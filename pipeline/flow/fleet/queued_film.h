#pragma once

#include "pipeline/flow/options.h"
#include "pipeline/ledger/film_parts.h"
#include "pipeline/ledger/row_queue.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace longtake {

struct Account;

/// Where a worker finds its rows, and keeps its own copy of what they need.
struct FleetPlace {
    std::string ledger;           ///< address of the database: see open_database()
    std::shared_ptr<Store> store; ///< what all workers have together
    std::filesystem::path cache;  ///< this machine's, of this ledger
    std::string batch{};          ///< the one to work at; empty: any
};

/// The file of what this machine's copies are known to hold; its folder is made. Throws Error(storage).
std::filesystem::path hashes_file(const FleetPlace& place);

/// How the films of a batch are made, as its rows' workers read it.
nlohmann::json film_settings(const FilmOptions& options, bool rehearsal);

/// The same as options of a film. `rehearsal`: whether its money is play money.
FilmOptions film_options(const nlohmann::json& settings, bool& rehearsal);

/// Claims a row, makes its film, and writes down what it came to, in a process that is the row's own and a session of
/// its own. Writes to `messages` {"claimed": {"batch", "name"}}, signs of life, and the RowState. The exit status.
int make_queued_film(const FleetPlace& place, const Account& account,
                     const std::function<std::stop_token()>& watch_signals, int messages);

/// Makes segments of a film that another process is putting together, until none is to be had, in a process of its own.
/// Writes to `messages` {"claimed": {"batch", "name", "helps": true}}, signs of life, and a RowState whose outcome is
/// "done" or what went wrong. The exit status.
int help_queued_film(const FleetPlace& place, const RowWithParts& row, const Account& account,
                     const std::function<std::stop_token()>& watch_signals, int messages);

/// "host:pid": what people call this process.
std::string worker_name();

/// The key of a finished film's file in the store, for people: "films/BATCH/ROW/NAME".
std::string film_key(const QueuedBatch& batch, const std::string& row, const std::filesystem::path& file);

} // namespace longtake
