#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace longtake::sandbox {

/// A request as the surfaces see it, free of the HTTP library.
struct Call {
    /// A part of a multipart form.
    struct Part {
        std::string content;
        bool is_file = false;
        std::string type; ///< its Content-Type
    };
    std::string method;
    std::string path; ///< decoded; below the surface's own prefix once it is there
    std::map<std::string, std::string> query;
    std::string authorization; ///< the header as it came; empty: none
    std::string account;       ///< of its key, once that is checked; see account_of()
    std::string host;          ///< the header, as the next two
    std::string origin;        ///< empty: none
    std::string fetch_site;    ///< Sec-Fetch-Site, which browsers send; empty: none
    std::string last_event;    ///< Last-Event-ID, of who comes back to a stream; empty: none
    std::string range;         ///< empty: none
    std::string content_type;
    std::string body;
    std::int64_t size = 0;                 ///< of the body in bytes, as it came
    std::multimap<std::string, Part> form; ///< of a multipart body
    bool multipart = false;
};

/// An answer, or the want of one.
struct Reply {
    enum class Ending {
        answer,
        drop,   ///< the connection is closed without a byte
        silent, ///< nothing is ever said
    };
    int status = 200;
    std::string type = "application/json";
    std::string body;
    std::map<std::string, std::string> headers;
    Ending ending = Ending::answer;
    double delay = 0;           ///< seconds before it is sent
    std::filesystem::path file; ///< served in place of `body`, with Range
    /// In place of `body`: sends piece by piece until it returns, or `send` is false as nobody takes it any more.
    std::function<void(const std::function<bool(std::string_view)>& send)> stream{};
    std::int64_t declared = 0; ///< bytes announced in place of the body's own; zeros follow
    bool breaks_off = false;   ///< half way through
};

/// A request the service says no to. `code` is Kling's business code, whichever surface it is told in.
struct Refusal : std::runtime_error {
    Refusal(int business_code, const std::string& message) : std::runtime_error(message), code(business_code) {}
    int code;
};

/// A row of Kling's table of business codes.
struct BusinessCode {
    int code;
    int http;
    const char* meaning;
};

/// Null for a number that is none.
const BusinessCode* business_code(int code);

inline Reply json_reply(const nlohmann::json& body, int status = 200)
{
    Reply reply;
    reply.status = status;
    reply.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return reply;
}

} // namespace longtake::sandbox
