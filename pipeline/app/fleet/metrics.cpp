#include "pipeline/app/fleet/metrics.h"

#include "pipeline/base/error.h"
#include "pipeline/ledger/row_queue.h"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <ctime>
#include <mutex>
#include <new>

namespace longtake::app {
namespace {

/// The format escapes three characters in a label.
std::string label(const std::string& text)
{
    std::string escaped;
    for (const char c : text) {
        escaped += c == '\\' ? "\\\\" : c == '"' ? "\\\"" : c == '\n' ? "\\n" : std::string(1, c);
    }
    return escaped;
}

std::string head(const char* name, const char* type, const char* help)
{
    return fmt::format("# HELP longtake_{0} {2}\n# TYPE longtake_{0} {1}\n", name, type, help);
}

std::string single(const char* name, const char* type, const char* help, std::int64_t value)
{
    return head(name, type, help) + fmt::format("longtake_{} {}\n", name, value);
}

struct Listen {
    std::string host;
    int port;
};

Listen listen_of(const std::string& address)
{
    const std::size_t colon = address.rfind(':');
    const std::string host = colon == std::string::npos ? "127.0.0.1" : address.substr(0, colon);
    const std::string port = colon == std::string::npos ? address : address.substr(colon + 1);
    int number = -1;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    constexpr int k_ports = 65536;
    if (error != std::errc() || end != port.data() + port.size() || number < 0 || number >= k_ports || host.empty()) {
        throw Error(Errc::usage, "--metrics takes HOST:PORT, as 127.0.0.1:9464, not '" + address + "'");
    }
    return {host, number};
}

/// Bound here, answered in another process.
class MetricsListener : public httplib::Server {
public:
    /// The port is the other process's alone from then on.
    void let_go() { ::close(svr_sock_); }
};

/// Signals that the worker waits for would otherwise stay blocked here.
void end_with_the_worker()
{
    ::signal(SIGTERM, SIG_DFL);
    ::signal(SIGINT, SIG_IGN); // Ctrl-C is for the worker
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

} // namespace

struct WorkerMetrics::Shared {
    std::atomic<std::int64_t> films = 0;
    std::atomic<std::int64_t> others = 0;
    std::atomic<std::int64_t> crashes = 0;
    std::atomic<std::int64_t> at_work = 0;
    std::int64_t began = std::time(nullptr);
};

WorkerMetrics::WorkerMetrics(std::string ledger, int slots)
    : ledger_(std::move(ledger)), slots_(slots), shared_([] {
          void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
          if (memory == MAP_FAILED) {
              throw std::bad_alloc();
          }
          return new (memory) Shared;
      }())
{
}

WorkerMetrics::~WorkerMetrics()
{
    ::munmap(shared_, sizeof(Shared));
}

void WorkerMetrics::update(const WorkerTally& tally, std::size_t at_work)
{
    shared_->films = tally.films;
    shared_->others = tally.others;
    shared_->crashes = tally.crashes;
    shared_->at_work = static_cast<std::int64_t>(at_work);
}

std::string WorkerMetrics::text()
{
    std::string ledger;
    try {
        ledger = of_ledger() + single("ledger_up", "gauge", "Whether the ledger answers.", 1);
    } catch (const Error&) {
        database_.reset();
        ledger = single("ledger_up", "gauge", "Whether the ledger answers.", 0);
    }
    return of_worker() + ledger;
}

std::string WorkerMetrics::of_worker() const
{
    return single("worker_films_total", "counter", "Films that this worker has finished.", shared_->films) +
           single("worker_failed_total", "counter", "Rows that failed here or were given back.", shared_->others) +
           single("worker_crashes_total", "counter", "Processes that a signal or the stall watch has ended.",
                  shared_->crashes) +
           single("worker_at_work", "gauge", "Processes that make films, or pieces of others' films.",
                  shared_->at_work) +
           single("worker_slots", "gauge", "Films that this worker makes at once.", slots_) +
           single("worker_start_time_seconds", "gauge", "When it began, Unix seconds.", shared_->began);
}

std::string WorkerMetrics::of_ledger()
{
    if (!database_) {
        database_ = open_database(ledger_, false);
    }
    std::string rows = head("rows", "gauge", "Rows of each batch by state.");
    for (const SqlRow& row :
         database_
             ->run("SELECT batches.name, batches.id, state, count(*) FROM batch_rows "
                   "JOIN batches ON batches.id = batch_rows.batch GROUP BY 1, 2, 3 ORDER BY 1, 2, 3")
             .rows) {
        rows += fmt::format("longtake_rows{{batch=\"{}\",id=\"{}\",state=\"{}\"}} {}\n", label(text_of(row[0])),
                            label(text_of(row[1])), label(text_of(row[2])), integer_of(row[3]));
    }
    std::string parts = head("parts", "gauge", "Pieces of long films that any worker may make, by state.");
    for (const SqlRow& row : database_->run("SELECT state, count(*) FROM parts GROUP BY state ORDER BY state").rows) {
        parts += fmt::format("longtake_parts{{state=\"{}\"}} {}\n", label(text_of(row[0])), integer_of(row[1]));
    }
    std::string takes = head("takes", "gauge", "Takes by service and state.");
    for (const SqlRow& row : database_
                                 ->run("SELECT provider, state, count(*) FROM takes GROUP BY provider, state "
                                       "ORDER BY provider, state")
                                 .rows) {
        takes += fmt::format("longtake_takes{{provider=\"{}\",state=\"{}\"}} {}\n", label(text_of(row[0])),
                             label(text_of(row[1])), integer_of(row[2]));
    }
    constexpr double k_micros = 1e6;
    std::string spent =
        head("spent_usd", "gauge", "USD reserved or charged, of films (film/BATCH/REHEARSAL) and days.");
    for (const SqlRow& row : database_->run("SELECT name, micros FROM sums ORDER BY name").rows) {
        spent += fmt::format("longtake_spent_usd{{of=\"{}\"}} {}\n", label(text_of(row[0])),
                             static_cast<double>(integer_of(row[1])) / k_micros);
    }
    return rows + parts + takes + spent;
}

MetricsServer::MetricsServer(const std::string& address, WorkerMetrics& metrics)
{
    const Listen listen = listen_of(address);
    MetricsListener server;
    std::mutex one_at_a_time;
    server.Get("/metrics", [&](const httplib::Request&, httplib::Response& response) {
        const std::lock_guard lock(one_at_a_time);
        response.set_content(metrics.text(), "text/plain; version=0.0.4; charset=utf-8");
    });
    server.set_socket_options([](socket_t socket) { // the library would share the port with another program
        const int yes = 1;
        ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    port_ = listen.port == 0 ? server.bind_to_any_port(listen.host) : listen.port;
    if (port_ <= 0 || (listen.port != 0 && !server.bind_to_port(listen.host, listen.port))) {
        throw Error(Errc::usage, "cannot listen on " + address +
                                     ": another program has that port, or the address is not this machine's; choose "
                                     "another with --metrics");
    }
    child_ = std::make_unique<Child>(
        [&server](int /*messages*/) {
            end_with_the_worker();
            return server.listen_after_bind() ? 0 : 1;
        },
        STDERR_FILENO);
    server.let_go();
}

MetricsServer::~MetricsServer()
{
    child_->signal(SIGTERM);
    child_->wait();
}

} // namespace longtake::app
