// What faults put in place of answers and files.
#include "pipeline/sandbox/fault_replies.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <random>

namespace longtake::sandbox {
namespace {

using E = Fault::Effect;

constexpr int k_spoiled_looks = 2; ///< so many looks get a passing fault
constexpr int k_retry_seconds = 2; ///< what a refused submit is told to wait
constexpr const char* k_playlist = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:5\n#EXT-X-PLAYLIST-TYPE:VOD\n"
                                   "#EXTINF:5.0,\nsandbox-segment-0.ts\n#EXT-X-ENDLIST\n";
constexpr const char* k_concat_script = "ffconcat version 1.0\nfile sandbox-segment-0.mp4\nduration 5\n";

Reply ending(Reply::Ending how)
{
    Reply reply;
    reply.ending = how;
    return reply;
}

std::string bytes_of(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

Reply redirect(const std::string& to)
{
    Reply reply = text_reply(302, "");
    reply.headers["Location"] = to;
    return reply;
}

/// In the service's own words, with the time to wait in the header.
Reply too_fast(const std::function<Reply(const Refusal&)>& refused, const std::string& retry_after)
{
    Reply reply = refused(Refusal(1302, business_code(1302)->meaning));
    reply.headers["Retry-After"] = retry_after;
    return reply;
}

Reply film_reply(const std::string& bytes)
{
    Reply reply;
    reply.type = "video/mp4";
    reply.body = bytes;
    return reply;
}

Reply half_of(const std::filesystem::path& file)
{
    const std::string bytes = bytes_of(file);
    return film_reply(bytes.substr(0, bytes.size() / 2));
}

Reply with_noise(const std::filesystem::path& file)
{
    std::string bytes = bytes_of(file);
    const std::size_t third = bytes.size() / 3;
    std::minstd_rand noise(7);
    std::generate_n(bytes.begin() + static_cast<std::ptrdiff_t>(third), third,
                    [&] { return static_cast<char>(noise()); });
    return film_reply(bytes);
}

/// What stands in the file's place; nullopt: the file itself.
std::optional<Reply> instead_of_file(const Task& task, const std::filesystem::path& file)
{
    if (task.faults.has(E::html_file) || (task.faults.has(E::page_first) && task.fetches == 1)) {
        return page_reply(200, "File centre");
    }
    if (task.faults.has(E::redirect_private)) {
        return redirect("http://10.0.0.1/footage.mp4");
    }
    if (task.faults.has(E::redirect_loopback)) {
        return redirect("http://127.0.0.1:9/footage.mp4");
    }
    if (task.faults.has(E::playlist_file)) {
        return film_reply(k_playlist);
    }
    if (task.faults.has(E::concat_file)) {
        return film_reply(k_concat_script);
    }
    if (task.faults.has(E::huge_file)) {
        Reply reply = film_reply("");
        reply.declared = std::int64_t{2} << 30;
        return reply;
    }
    if (task.faults.has(E::truncated_file)) {
        return half_of(file);
    }
    return task.faults.has(E::corrupt_file) ? std::optional(with_noise(file)) : std::nullopt;
}

} // namespace

Reply text_reply(int status, const std::string& text)
{
    Reply reply;
    reply.status = status;
    reply.type = "text/plain";
    reply.body = text;
    return reply;
}

Reply page_reply(int status, const std::string& title)
{
    Reply reply;
    reply.status = status;
    reply.type = "text/html";
    reply.body = fmt::format(
        "<html><head><title>{0} {1}</title></head><body><h1>{0} {1}</h1><hr>openresty</body></html>", status, title);
    return reply;
}

std::string http_date(Clock::time_point when)
{
    const std::time_t seconds = Clock::to_time_t(when);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char text[64];
    std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    return text;
}

std::optional<Reply> reply_before(const FaultSet& faults, const Call& call, const ServiceState::Words& words,
                                  Clock::time_point now)
{
    if (faults.has(E::drop_before)) {
        return ending(Reply::Ending::drop);
    }
    if (const Fault* fault = faults.find(E::http_before)) {
        return text_reply(fault->number, "upstream says no\n");
    }
    if (faults.has(E::html_before)) {
        return page_reply(502, "Bad Gateway");
    }
    if (faults.has(E::retry_after)) {
        return too_fast(words.refused, std::to_string(k_retry_seconds));
    }
    if (faults.has(E::retry_after_date)) {
        return too_fast(words.refused, http_date(now + std::chrono::seconds(k_retry_seconds)));
    }
    if (const Fault* fault = faults.find(E::code_before)) {
        return words.refused(Refusal(fault->number, business_code(fault->number)->meaning));
    }
    if (faults.has(E::key_echo)) {
        return words.refused(Refusal(1201, "cannot accept a request with Authorization: " + call.authorization));
    }
    return std::nullopt;
}

std::optional<Reply> reply_after(const FaultSet& faults, const ServiceState::Words& words)
{
    if (faults.has(E::drop_after)) {
        return ending(Reply::Ending::drop);
    }
    if (faults.has(E::silent_after)) {
        return ending(Reply::Ending::silent);
    }
    if (faults.has(E::html_after)) {
        return page_reply(200, "Please wait");
    }
    if (const Fault* fault = faults.find(E::http_after)) {
        return text_reply(fault->number, "upstream did not answer in time\n");
    }
    if (const Fault* fault = faults.find(E::code_after)) {
        return words.refused(Refusal(fault->number, business_code(fault->number)->meaning));
    }
    return std::nullopt;
}

std::optional<Reply> reply_to_look(const Task& task, const std::function<Reply(const Refusal&)>& refused)
{
    if (task.looks > k_spoiled_looks) {
        return std::nullopt;
    }
    if (const Fault* fault = task.faults.find(E::poll_http)) {
        return text_reply(fault->number, "try again\n");
    }
    if (const Fault* fault = task.faults.find(E::poll_empty)) {
        return text_reply(fault->number, "");
    }
    if (task.faults.has(E::poll_retry_after)) {
        return too_fast(refused, "1");
    }
    if (task.faults.has(E::poll_drop)) {
        return ending(Reply::Ending::drop);
    }
    if (task.faults.has(E::poll_html)) {
        return page_reply(200, "Please wait");
    }
    return std::nullopt;
}

Reply file_reply(const Task& task, const std::filesystem::path& file)
{
    if (auto reply = instead_of_file(task, file)) {
        return *reply;
    }
    Reply reply;
    reply.type = task.faults.has(E::typeless_file) ? "text/plain" : "video/mp4";
    reply.file = file;
    reply.breaks_off = task.faults.has(E::broken_file) && task.fetches == 1;
    reply.delay = task.faults.has(E::slow_file) ? 2 : 0;
    return reply;
}

} // namespace longtake::sandbox
