#pragma once

#include <httplib.h>
#include <nlohmann/json.hpp>

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace longtake::test {

/// A server on loopback that gives the answers it was told, in order, and keeps every request.
class RecordingServer {
public:
    struct Seen {
        std::string method;
        std::string target; ///< path and query as they came
        httplib::Headers headers;
        std::string body;
        httplib::MultipartFormDataMap parts;

        nlohmann::json json() const { return nlohmann::json::parse(body); }
        std::string header(const std::string& name) const
        {
            const auto found = headers.find(name);
            return found == headers.end() ? std::string() : found->second;
        }
    };
    struct Reply {
        int status = 200;
        std::string body;
        httplib::Headers headers;
    };

    RecordingServer()
    {
        const auto handle = [this](const httplib::Request& request, httplib::Response& response) {
            const std::lock_guard lock(mutex_);
            seen_.push_back({request.method, request.target, request.headers, request.body, request.files});
            const Reply reply = replies_.empty() ? Reply{599, "no answer left", {}} : replies_.front();
            if (!replies_.empty()) {
                replies_.pop_front();
            }
            response.status = reply.status;
            const auto type = reply.headers.find("Content-Type");
            response.set_content(reply.body, type == reply.headers.end() ? "application/json" : type->second);
            for (const auto& [name, value] : reply.headers) {
                if (name != "Content-Type") {
                    response.set_header(name, value);
                }
            }
        };
        server_.Get(".*", handle);
        server_.Post(".*", handle);
        server_.Put(".*", handle);
        server_.set_keep_alive_timeout(1);
        server_.new_task_queue = [] { return new httplib::ThreadPool(4); };
        port_ = server_.bind_to_any_port("127.0.0.1");
        thread_ = std::thread([this] { server_.listen_after_bind(); });
        while (!server_.is_running()) {
            std::this_thread::yield();
        }
    }
    ~RecordingServer()
    {
        server_.stop();
        thread_.join();
    }
    RecordingServer(const RecordingServer&) = delete;
    RecordingServer& operator=(const RecordingServer&) = delete;

    std::string base() const { return "http://127.0.0.1:" + std::to_string(port_); }

    void answer(int status, std::string body, httplib::Headers headers = {})
    {
        const std::lock_guard lock(mutex_);
        replies_.push_back({status, std::move(body), std::move(headers)});
    }
    void answer(const std::string& body) { answer(200, body); }

    std::vector<Seen> seen() const
    {
        const std::lock_guard lock(mutex_);
        return seen_;
    }
    Seen last() const { return seen().back(); }

private:
    httplib::Server server_;
    std::thread thread_;
    int port_ = 0;
    mutable std::mutex mutex_;
    std::deque<Reply> replies_;
    std::vector<Seen> seen_;
};

} // namespace longtake::test
