// What the ledger and the store of many machines cost, through the program's own row queue and ledger: milliseconds of
// one call, and calls a second by sessions at once. Prints one JSON object.
//
// usage: longtake_ledger_bench ADDRESS STORE [ROWS [WAITING]]: ROWS are claimed and finished by each number of
// sessions, while WAITING others lie behind them.
#include "pipeline/base/store.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/ledger/row_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iostream>
#include <thread>

namespace longtake {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point began)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
}

template <class Work>
double timed(Work&& work)
{
    const auto began = Clock::now();
    work();
    return milliseconds_since(began);
}

nlohmann::json spread(std::vector<double> times)
{
    std::ranges::sort(times);
    return {{"median_ms", times.at(times.size() / 2)}, {"p99_ms", times.at(times.size() * 99 / 100)}};
}

/// What each of `sessions` threads does with its own share of the work, and how many of it a second are done by all.
template <class Work>
nlohmann::json at_once(int sessions, Work&& work)
{
    std::vector<std::vector<double>> times(static_cast<std::size_t>(sessions));
    const auto began = Clock::now();
    {
        std::vector<std::jthread> threads;
        for (auto& own : times) {
            threads.emplace_back([&own, &work] { work(own); });
        }
    }
    const double seconds = milliseconds_since(began) / 1000;
    std::vector<double> all;
    for (const auto& own : times) {
        all.insert(all.end(), own.begin(), own.end());
    }
    nlohmann::json result = spread(all);
    result["sessions"] = sessions;
    result["per_second"] = static_cast<double>(all.size()) / seconds;
    return result;
}

/// A row as large as one of a storyboard of ten shots.
QueuedRow row_of(const std::string& batch, int number)
{
    constexpr std::size_t k_board_bytes = 4000;
    QueuedRow row;
    row.batch = batch;
    row.number = number;
    row.name = fmt::format("row{}", number);
    row.film_key = row.name;
    row.board = {{"board", std::string(k_board_bytes, 'x')}};
    return row;
}

void queue_rows(const std::string& address, const std::string& batch, int rows)
{
    RowQueue queue(open_database(address, true), "bench");
    queue.add(QueuedBatch{batch, batch, nlohmann::json::object()});
    std::vector<QueuedRow> all;
    for (int number = 0; number < rows; ++number) {
        all.push_back(row_of(batch, number));
    }
    queue.add(all, {});
}

nlohmann::json claim_and_finish(const std::string& address, int sessions, int rows, int waiting)
{
    const std::string batch = fmt::format("by-{}", sessions);
    queue_rows(address, batch, rows + waiting);
    return at_once(sessions, [&](std::vector<double>& times) {
        RowQueue queue(open_database(address, false), "bench");
        for (int i = 0; i < rows / sessions; ++i) {
            times.push_back(timed([&] {
                QueuedRow row = queue.claim(batch).value();
                row.outcome = "done";
                row.result = {{"films", std::string(500, 'x')}};
                queue.finish(row);
            }));
        }
    });
}

/// Hold, intent with cap and places, "submitted" and "done" of takes of one account; only the intents are timed.
nlohmann::json intents(const std::string& address, int sessions, int takes)
{
    return at_once(sessions, [&, batch = fmt::format("intents-{}", sessions)](std::vector<double>& times) {
        static std::atomic<int> next{0};
        const auto ledger = open_ledger(open_database(address, false), batch);
        for (int i = 0; i < takes / sessions; ++i) {
            TakeRecord take;
            take.fingerprint = fmt::format("take-{}", ++next);
            take.own_id = "own-" + take.fingerprint;
            take.kind = "image-to-video";
            take.provider = "kling";
            take.account = "bench";
            take.estimate = 0.28;
            const auto held = ledger->hold(take.fingerprint, {});
            take.state = TakeState::intent;
            times.push_back(timed([&] { ledger->intend(take, {1e6, "", {}, 1000, {}, std::chrono::seconds(60)}); }));
            take.state = TakeState::done;
            ledger->put(take, Payment::charged);
        }
    });
}

nlohmann::json store_times(const std::filesystem::path& folder, std::size_t bytes)
{
    FolderStore store(folder);
    const auto file = folder / "bench-file";
    const auto back = folder / "bench-back";
    std::ofstream(file) << std::string(bytes, 'x');
    std::vector<double> put;
    std::vector<double> get;
    for (int i = 0; i < 50; ++i) {
        const std::string key = fmt::format("bench/{}", i);
        put.push_back(timed([&] { store.put(file, key); }));
        get.push_back(timed([&] { store.get(key, back); }));
    }
    return {{"bytes", bytes}, {"put", spread(put)}, {"get", spread(get)}};
}

int run(int words, char** word)
{
    if (words < 3) {
        std::cerr << "usage: longtake_ledger_bench ADDRESS STORE [ROWS [WAITING]]\n";
        return 2;
    }
    const std::string address = word[1];
    const int rows = words > 3 ? std::stoi(word[3]) : 5000;
    const int waiting = words > 4 ? std::stoi(word[4]) : 0;
    nlohmann::json result;
    std::vector<double> sessions;
    for (int i = 0; i < 50; ++i) {
        sessions.push_back(timed([&] { open_database(address, true); }));
    }
    result["session"] = spread(sessions);
    for (const int each : {1, 4, 16}) {
        result["claim_and_finish"].push_back(claim_and_finish(address, each, rows, waiting));
        result["intend"].push_back(intents(address, each, rows / 5));
    }
    for (const std::size_t bytes : {100'000, 10'000'000}) {
        result["store"].push_back(store_times(word[2], bytes));
    }
    std::cout << result.dump(2) << '\n';
    return 0;
}

} // namespace
} // namespace longtake

int main(int words, char** word)
{
    try {
        return longtake::run(words, word);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
