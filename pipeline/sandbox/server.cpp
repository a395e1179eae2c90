#include "pipeline/sandbox/server.h"

#include "pipeline/base/error.h"
#include "pipeline/sandbox/threads.h"

#include <httplib.h>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

namespace longtake::sandbox {
namespace {

constexpr int k_slice_ms = 50;     ///< how soon a stop is noticed
constexpr int k_idle_ms = 4000;    ///< a connection nobody uses is closed after
constexpr int k_stall_ms = 20'000; ///< a peer that sends or takes nothing is given up after
constexpr int k_silent_ms = 600'000;
constexpr int k_body_ms = 120'000;   ///< a request must be there within
constexpr int k_answer_ms = 600'000; ///< an answer must be taken within
constexpr std::size_t k_largest_head = 64U << 10;
constexpr std::size_t k_framing = 64U << 20; ///< what chunks may add to a body that is sent in them

using Steady = std::chrono::steady_clock;

/// One client's connection. The library's own cannot be closed without an answer; ours can.
class Connection final : public httplib::Stream {
public:
    Connection(int socket, const Server::Limits& limits, const std::atomic<bool>& stopping)
        : socket_(socket), head_ms_(static_cast<int>(limits.head_seconds * 1000)), largest_body_(limits.body),
          stopping_(stopping)
    {
        current_ = this;
    }
    ~Connection() override
    {
        current_ = nullptr;
        ::shutdown(socket_, SHUT_RDWR);
        ::close(socket_);
    }

    /// The connection the calling thread serves.
    static Connection& current() { return *current_; }

    void drop() { dropped_ = true; }
    bool dropped() const { return dropped_; }

    /// Says nothing until the peer hangs up, or the server stops.
    void stay_silent()
    {
        for (int waited = 0; waited < k_silent_ms && !stopping_; waited += k_slice_ms) {
            pollfd peer{socket_, POLLRDHUP, 0};
            if (::poll(&peer, 1, k_slice_ms) != 0) {
                break;
            }
        }
        drop();
    }

    /// Waits for the next request of this connection; its time and its bytes are counted from here on.
    bool comes_back()
    {
        if (!wait(POLLIN, k_idle_ms)) {
            return false;
        }
        in_head_ = true;
        line_ = head_ = body_ = 0;
        started_ = Steady::now();
        return true;
    }

    /// The request is there; the time for the answer begins.
    void answers() { started_ = Steady::now(); }

    bool is_readable() const override { return wait(POLLIN, time_left(in_head_ ? head_ms_ : k_body_ms)); }
    bool is_writable() const override { return !dropped_ && wait(POLLOUT, time_left(k_answer_ms)); }

    ssize_t read(char* bytes, size_t size) override
    {
        if (at_ == filled_) { // the library reads heads byte by byte
            if (!is_readable()) {
                return -1;
            }
            const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
            if (got <= 0) {
                return got;
            }
            at_ = 0;
            filled_ = static_cast<std::size_t>(got);
        }
        const std::size_t count = std::min(size, filled_ - at_);
        std::copy_n(buffer_.data() + at_, count, bytes);
        at_ += count;
        return keeps_limits(bytes, count) ? static_cast<ssize_t>(count) : -1;
    }

    ssize_t write(const char* bytes, size_t size) override
    {
        return is_writable() ? ::send(socket_, bytes, size, MSG_NOSIGNAL) : -1;
    }

    void get_remote_ip_and_port(std::string& ip, int& port) const override
    {
        ip = "127.0.0.1";
        port = 0;
    }
    void get_local_ip_and_port(std::string& ip, int& port) const override { get_remote_ip_and_port(ip, port); }
    int socket() const override { return socket_; }

private:
    /// Counts what was read; a header ends with an empty line.
    bool keeps_limits(const char* bytes, std::size_t count)
    {
        if (!in_head_) {
            body_ += count;
            return body_ <= largest_body_ + k_framing;
        }
        head_ += count;
        for (std::size_t i = 0; i < count; ++i) {
            if (bytes[i] == '\n') {
                in_head_ = line_ > 0;
                line_ = 0;
            } else if (bytes[i] != '\r') {
                ++line_;
            }
        }
        return head_ <= k_largest_head;
    }

    /// Milliseconds until the peer's time is up, at most those of a stall.
    int time_left(int allowed_ms) const
    {
        const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - started_).count();
        return static_cast<int>(std::clamp<std::int64_t>(allowed_ms - passed, 0, k_stall_ms));
    }

    bool wait(short event, int limit_ms) const
    {
        if (event == POLLIN && at_ < filled_) {
            return limit_ms > 0;
        }
        for (int waited = 0; waited < limit_ms && !stopping_; waited += k_slice_ms) {
            pollfd peer{socket_, event, 0};
            if (const int ready = ::poll(&peer, 1, k_slice_ms); ready != 0) {
                return ready > 0;
            }
        }
        return false;
    }

    static thread_local Connection* current_;
    int socket_;
    int head_ms_;
    std::size_t largest_body_;
    const std::atomic<bool>& stopping_;
    Steady::time_point started_ = Steady::now();
    bool in_head_ = true;
    std::size_t line_ = 0; ///< letters of the header's line so far
    std::size_t head_ = 0; ///< bytes so far, as in `body_`
    std::size_t body_ = 0;
    bool dropped_ = false;
    std::vector<char> buffer_ = std::vector<char>(64 * 1024);
    std::size_t at_ = 0;
    std::size_t filled_ = 0;
};

thread_local Connection* Connection::current_ = nullptr;

/// The library's own pool has no bound, and ends the program where a thread cannot be started.
class Workers final : public httplib::TaskQueue {
public:
    Workers(int threads, int waiting) : most_(static_cast<std::size_t>(waiting))
    {
        start_threads(
            threads_, threads, "connections", [this] { work(); }, [this] { end(); });
    }
    ~Workers() override { shutdown(); }
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    /// Whether the calling thread is only to close the connection it is given.
    static bool turns_away() { return turns_away_; }

    void enqueue(std::function<void()> job) override
    {
        {
            const std::lock_guard lock(mutex_);
            if (jobs_.size() < most_) {
                jobs_.push_back(std::move(job));
                job = nullptr;
            }
        }
        if (!job) {
            return wake_.notify_one();
        }
        turns_away_ = true;
        job();
        turns_away_ = false;
    }

    void shutdown() override
    {
        end();
        for (std::thread& thread : threads_) {
            thread.join();
        }
        threads_.clear();
    }

private:
    void end()
    {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        wake_.notify_all();
    }

    void work()
    {
        std::unique_lock lock(mutex_);
        for (;;) {
            wake_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
            if (jobs_.empty()) {
                return;
            }
            const std::function<void()> job = std::move(jobs_.front());
            jobs_.pop_front();
            lock.unlock();
            job();
            lock.lock();
        }
    }

    static thread_local bool turns_away_;
    std::size_t most_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> jobs_;
    bool ending_ = false;
    std::vector<std::thread> threads_;
};

thread_local bool Workers::turns_away_ = false;

Call call_of(const httplib::Request& request)
{
    Call call;
    call.method = request.method;
    call.path = request.path;
    call.query.insert(request.params.begin(), request.params.end());
    call.authorization = request.get_header_value("Authorization");
    call.host = request.get_header_value("Host");
    call.origin = request.get_header_value("Origin");
    call.fetch_site = request.get_header_value("Sec-Fetch-Site");
    call.last_event = request.get_header_value("Last-Event-ID");
    call.range = request.get_header_value("Range");
    call.content_type = request.get_header_value("Content-Type");
    call.body = request.body;
    call.size = static_cast<std::int64_t>(request.get_header_value<std::uint64_t>("Content-Length"));
    call.multipart = request.is_multipart_form_data();
    for (const auto& [name, part] : request.files) {
        call.form.emplace(name, Call::Part{part.content, !part.filename.empty(), part.content_type});
    }
    return call;
}

/// Bytes [offset, offset + length) of a file, in pieces.
bool send_piece(std::ifstream& file, std::size_t offset, std::size_t length, httplib::DataSink& sink)
{
    std::vector<char> piece(std::min<std::size_t>(length, 256 * 1024));
    file.seekg(static_cast<std::streamoff>(offset));
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    return file.gcount() > 0 && sink.write(piece.data(), static_cast<std::size_t>(file.gcount()));
}

void put_file(const Reply& reply, httplib::Response& response)
{
    auto file = std::make_shared<std::ifstream>(reply.file, std::ios::binary | std::ios::ate);
    const auto size = static_cast<std::size_t>(file->tellg());
    const std::size_t end = reply.breaks_off ? size / 2 : size;
    response.set_content_provider(
        size, reply.type, [file, end](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
            return offset < end && send_piece(*file, offset, std::min(length, end - offset), sink);
        });
}

void put_stream(const Reply& reply, httplib::Response& response)
{
    response.set_chunked_content_provider(
        reply.type, [stream = reply.stream](std::size_t /*offset*/, httplib::DataSink& sink) {
            stream([&](std::string_view piece) { return sink.write(piece.data(), piece.size()); });
            sink.done();
            return true;
        });
}

void put_zeros(const Reply& reply, httplib::Response& response)
{
    response.set_content_provider(static_cast<std::size_t>(reply.declared), reply.type,
                                  [](std::size_t /*offset*/, std::size_t length, httplib::DataSink& sink) {
                                      const std::vector<char> piece(std::min<std::size_t>(length, 64 * 1024));
                                      return sink.write(piece.data(), piece.size());
                                  });
}

} // namespace

struct Server::Impl final : httplib::Server {
    Impl(int wanted_port, const Limits& given_limits, Answer given)
        : make_answer(std::move(given)), limits(given_limits),
          workers(std::make_unique<Workers>(limits.threads, limits.waiting))
    {
        new_task_queue = [this] { return workers.release(); };
        set_payload_max_length(limits.body);
        set_tcp_nodelay(true);
        set_socket_options([](socket_t socket) { // the library would share the port with another program
            const int yes = 1;
            ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        });
        // Everything is answered here, before the library looks at its routes; bodies are read by then only for routes
        // it has, so each method has one.
        const auto any = [this](const httplib::Request& request, httplib::Response& response) {
            answer(request, response);
        };
        Get(".*", any);
        Post(".*", any);
        Put(".*", any);
        Delete(".*", any);
        port = wanted_port == 0 ? bind_to_any_port("127.0.0.1") : wanted_port;
        if (port <= 0 || (wanted_port != 0 && !bind_to_port("127.0.0.1", wanted_port))) {
            throw Error(Errc::usage, "cannot listen on 127.0.0.1:" + std::to_string(wanted_port) +
                                         "; another program has that port: choose another with --port");
        }
        ::listen(svr_sock_, 256); // the library asks for a queue of 5, which forty clients overflow
        std::vector<std::thread> started;
        start_threads(
            started, 1, "listening", [this] { listen_after_bind(); }, [] {});
        listener = std::move(started.front());
        while (!is_running()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    ~Impl() override
    {
        stopping = true;
        stop();
        listener.join();
    }

    bool process_and_close_socket(socket_t socket) override
    {
        if (Workers::turns_away()) {
            return ::close(socket) == 0;
        }
        Connection connection(socket, limits, stopping);
        while (!stopping && connection.comes_back()) {
            bool closed = false;
            if (!process_request(connection, false, closed, nullptr) || closed || connection.dropped()) {
                break;
            }
        }
        return true;
    }

    void answer(const httplib::Request& request, httplib::Response& response)
    {
        const Reply reply = make_answer(call_of(request));
        Connection::current().answers();
        if (reply.delay > 0) {
            std::this_thread::sleep_for(std::chrono::duration<double>(reply.delay));
        }
        if (reply.ending == Reply::Ending::drop) {
            return Connection::current().drop();
        }
        if (reply.ending == Reply::Ending::silent) {
            return Connection::current().stay_silent();
        }
        for (const auto& [name, value] : reply.headers) {
            response.set_header(name, value);
        }
        if (reply.stream) {
            return put_stream(reply, response);
        }
        if (!reply.file.empty()) {
            return put_file(reply, response); // the library sets 200 or 206
        }
        response.status = reply.status;
        if (reply.declared > 0) {
            return put_zeros(reply, response);
        }
        response.set_content(reply.body, reply.type);
    }

    Answer make_answer;
    Limits limits;
    std::unique_ptr<Workers> workers; ///< until the library takes it
    int port = 0;
    std::atomic<bool> stopping = false;
    std::thread listener;
};

Server::Server(int port, const Limits& limits, Answer answer)
    : impl_(std::make_unique<Impl>(port, limits, std::move(answer)))
{
}

Server::~Server() = default;

int Server::port() const noexcept
{
    return impl_->port;
}

} // namespace longtake::sandbox
