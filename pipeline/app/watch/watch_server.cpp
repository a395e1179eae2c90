#include "pipeline/app/watch/watch_server.h"

#include "pipeline/base/base64.h"
#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"
#include "pipeline/flow/record/report_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

namespace longtake::app {
namespace {

using nlohmann::json;
using sandbox::Call;
using sandbox::Reply;

constexpr int k_most_viewers = 120;
constexpr int k_watch_threads = 160;             ///< connections at a time: viewers hold one each
constexpr std::size_t k_largest_question = 4096; ///< bytes of a request's body
constexpr std::chrono::seconds k_heartbeat{15};

/// A film that is opened by itself stands in a page that the browser makes around it, with a style of its own.
constexpr const char* k_media_policy = "default-src 'none'; media-src 'self'; img-src 'self'; style-src "
                                       "'unsafe-inline'; frame-ancestors 'none'";

/// What browsers hold a page's own script and style against: their hashes (Content Security Policy, level 3).
std::string hashes_of(std::string_view page, const std::string& element)
{
    std::string hashes;
    for (std::size_t at = page.find("<" + element); at != std::string_view::npos; at = page.find("<" + element, at)) {
        const std::size_t begin = page.find('>', at) + 1;
        const std::size_t end = std::min(page.find("</" + element + ">", begin), page.size());
        const std::string hex = sha256_of(page.substr(begin, end - begin));
        std::string bytes;
        for (std::size_t i = 0; i < hex.size(); i += 2) {
            bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
        }
        hashes += " 'sha256-" + base64_of(bytes) + "'";
        at = end;
    }
    return hashes;
}

/// Nothing but what stands in the page itself runs, and nothing is asked of anybody else.
std::string policy_of(std::string_view page)
{
    return "default-src 'none'; script-src" + hashes_of(page, "script") + "; style-src" + hashes_of(page, "style") +
           "; img-src 'self' data:; media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
           "frame-ancestors 'none'";
}

Reply refused(int status, const std::string& why)
{
    return sandbox::json_reply({{"error", why}}, status);
}

} // namespace

WatchServer::WatchServer(WatchedRun& run, int port) : run_(run), page_(live_page()), policy_(policy_of(page_))
{
    server_ = std::make_unique<sandbox::Server>(
        port, sandbox::Server::Limits{k_watch_threads, 2 * k_watch_threads, 10, k_largest_question},
        [this](const Call& call) { return answer(call); });
    access_.serves(server_->port());
}

WatchServer::~WatchServer()
{
    run_.feed().close();
}

Reply WatchServer::answer(const Call& call)
{
    std::string why;
    const auto path = access_.admit(call, why);
    Reply reply = path ? found(call, *path) : refused(403, why);
    reply.headers.insert({{"X-Content-Type-Options", "nosniff"},
                          {"Referrer-Policy", "no-referrer"},
                          {"Cross-Origin-Resource-Policy", "same-origin"},
                          {"Cross-Origin-Opener-Policy", "same-origin"},
                          {"Cache-Control", "no-store"},
                          {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"}});
    return reply;
}

Reply WatchServer::found(const Call& call, const std::string& path)
{
    const bool reads = call.method == "GET" || call.method == "HEAD";
    if (path == "control") {
        return call.method == "POST" ? control(call) : refused(405, "this is posted to");
    }
    if (!reads) {
        return refused(405, "this is only read");
    }
    if (path == "events") {
        return events(call);
    }
    if (!path.empty()) {
        return file(call, path);
    }
    Reply page;
    if (!call.path.ends_with('/')) { // what the page names stands below its address
        page.status = 308;
        page.headers["Location"] = call.path + "/";
        return page;
    }
    page.type = "text/html; charset=utf-8";
    page.body = page_;
    page.headers["Content-Security-Policy"] = policy_;
    return page;
}

/// Each viewer waits on a thread of its own. One that takes nothing for as long as a write may last is dropped, and
/// comes back by itself.
Reply WatchServer::events(const Call& call)
{
    if (call.method == "HEAD") {
        return refused(405, "this is a stream");
    }
    auto place = std::shared_ptr<void>(nullptr, [this](void*) { --viewers_; });
    if (++viewers_ > k_most_viewers) {
        return refused(503, fmt::format("{} pages are open already", k_most_viewers));
    }
    Reply reply;
    reply.type = "text/event-stream";
    reply.stream = [this, place = std::move(place), last = call.last_event](const auto& send) {
        Feed::Viewer viewer(run_.feed(), last);
        if (!send("retry: 1000\n\n")) {
            return;
        }
        for (std::string text = viewer.next(k_heartbeat); !text.empty() && send(text);) {
            text = viewer.next(k_heartbeat);
        }
    };
    return reply;
}

/// A form of another page's cannot have this type without asking first.
Reply WatchServer::control(const Call& call)
{
    if (!call.content_type.starts_with("application/json")) {
        return refused(415, "this takes application/json");
    }
    const json question = json::parse(call.body, nullptr, false);
    if (!question.is_object() || !question.contains("do") || !question.at("do").is_string() ||
        !question.value("run", json("")).is_string()) {
        return refused(400, "this takes {\"do\": ..., \"run\": ...}");
    }
    try {
        run_.steer(question.at("do"), question.value("run", ""));
        return sandbox::json_reply({{"ok", true}});
    } catch (const Error& error) {
        return refused(error.code() == Errc::usage ? 409 : 500, error.what());
    }
}

Reply WatchServer::file(const Call& call, const std::string& path) const
{
    const auto there = run_.shelf().find(path);
    if (!there) {
        return refused(404, "there is no such film or picture");
    }
    if (call.range.find(',') != std::string::npos) {
        return refused(416, "one range at a time");
    }
    Reply reply;
    reply.type = there->type;
    reply.file = there->file;
    reply.headers["Content-Security-Policy"] = k_media_policy;
    return reply;
}

} // namespace longtake::app
