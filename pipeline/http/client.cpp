#include "pipeline/http/client.h"

#include "pipeline/base/error.h"
#include "pipeline/base/secrets.h"
#include "pipeline/http/handle.h"
#include "pipeline/http/reply.h"
#include "pipeline/http/url.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string_view>

namespace longtake::http {
namespace {

using FilePtr = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// What curl's callbacks share. Nothing may be thrown through curl.
struct Exchange {
    std::stop_token stop;
    std::size_t max_body = 0;
    bool once = false;
    bool sent = false;
    bool too_long = false;
    std::size_t received = 0; ///< bytes of headers and body
    Response response{};

    bool take(std::size_t bytes)
    {
        received += bytes;
        too_long = too_long || received > max_body;
        return !too_long;
    }
};

/// Curl's last question before the first byte of a request leaves, also of one it is about to send again.
int before_sending(void* data, char*, char*, int, int)
{
    auto& exchange = *static_cast<Exchange*>(data);
    if (exchange.stop.stop_requested() || (exchange.once && exchange.sent)) {
        return CURL_PREREQFUNC_ABORT;
    }
    exchange.sent = true;
    return CURL_PREREQFUNC_OK;
}

std::size_t take_header(char* text, std::size_t, std::size_t size, void* data) noexcept
try {
    auto& exchange = *static_cast<Exchange*>(data);
    if (!exchange.take(size)) {
        return 0;
    }
    take_header_line(exchange.response, {text, size});
    return size;
} catch (...) {
    return 0;
}

std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* data) noexcept
try {
    auto& exchange = *static_cast<Exchange*>(data);
    if (!exchange.take(size)) {
        return 0;
    }
    exchange.response.body.append(bytes, size);
    return size;
} catch (...) {
    return 0;
}

[[noreturn]] void cannot_read(const std::filesystem::path& file)
{
    throw Error(Errc::input, "read '" + file.string() + "': " + std::strerror(errno));
}

void check_readable(const std::filesystem::path& file)
{
    const FilePtr open(std::fopen(file.c_str(), "rb"), &std::fclose);
    if (!open || std::filesystem::is_directory(file)) {
        cannot_read(file);
    }
}

/// Everything of a request that curl only points at; lives as long as the transfer.
struct Outgoing {
    HeaderList headers;
    MimePtr mime;
    FilePtr file{nullptr, &std::fclose};
};

MimePtr mime_of(CURL* easy, const std::vector<Part>& parts)
{
    MimePtr mime(curl_mime_init(easy));
    for (const Part& part : parts) {
        curl_mimepart* field = curl_mime_addpart(mime.get());
        curl_mime_name(field, part.name.c_str());
        if (part.file.empty()) {
            curl_mime_data(field, part.text.data(), part.text.size());
            continue;
        }
        check_readable(part.file);
        if (curl_mime_filedata(field, part.file.c_str()) != CURLE_OK) {
            cannot_read(part.file);
        }
        if (!part.filename.empty()) {
            curl_mime_filename(field, part.filename.c_str());
        }
        if (!part.type.empty()) {
            curl_mime_type(field, part.type.c_str());
        }
    }
    return mime;
}

void set_upload(Handle& handle, const std::filesystem::path& path, FilePtr& file)
{
    check_readable(path);
    file.reset(std::fopen(path.c_str(), "rb"));
    std::error_code code;
    const auto size = std::filesystem::file_size(path, code);
    if (!file || code) {
        cannot_read(path);
    }
    handle.set(CURLOPT_UPLOAD, 1L);
    handle.set(CURLOPT_READDATA, static_cast<void*>(file.get()));
    handle.set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(size));
}

void set_body(Handle& handle, const Request& request, Outgoing& out)
{
    if (!request.parts.empty()) {
        out.mime = mime_of(handle.easy(), request.parts);
        handle.set(CURLOPT_MIMEPOST, out.mime.get());
    } else if (!request.upload.empty()) {
        set_upload(handle, request.upload, out.file);
    } else if (!request.body.empty() || request.method == "POST") {
        handle.set(CURLOPT_POST, 1L);
        handle.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        handle.set(CURLOPT_POSTFIELDS, request.body.c_str());
    }
    handle.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void set_headers(Handle& handle, const Request& request, HeaderList& list)
{
    for (const auto& [name, value] : request.headers) {
        append_header(list, name, value);
    }
    list.reset(curl_slist_append(list.release(), "Expect:")); // no round trip before a body
    handle.set(CURLOPT_HTTPHEADER, list.get());
}

void set_connection(Handle& handle, const Request& request, const Url& url, const Client::Settings& settings)
{
    handle.set(CURLOPT_URL, request.url.c_str());
    handle.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect_timeout.count()));
    handle.set(CURLOPT_TIMEOUT_MS,
               static_cast<long>(std::max<std::chrono::milliseconds::rep>(1, request.timeout.count())));
    handle.set(CURLOPT_ACCEPT_ENCODING, "");
    if (is_loopback(url.host)) {
        handle.set(CURLOPT_PROXY, ""); // what is meant for this machine, in the clear perhaps, does not leave it
    }
    if (request.once) {
        handle.set(CURLOPT_FRESH_CONNECT, 1L);
        handle.set(CURLOPT_FORBID_REUSE, 1L);
        handle.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    }
}

void set_callbacks(Handle& handle, Exchange& exchange)
{
    handle.set(CURLOPT_PREREQFUNCTION, &before_sending);
    handle.set(CURLOPT_PREREQDATA, static_cast<void*>(&exchange));
    handle.set(CURLOPT_HEADERFUNCTION, &take_header);
    handle.set(CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
    handle.set(CURLOPT_WRITEFUNCTION, &take_body);
    handle.set(CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
}

std::string reason(const Handle& handle, const Exchange& exchange, CURLcode code)
{
    if (exchange.too_long) {
        return "answered with more than " + std::to_string(exchange.max_body) + " bytes";
    }
    if (code == CURLE_ABORTED_BY_CALLBACK) { // curl wanted to send it again
        return "closed the connection without an answer";
    }
    return handle.why(code);
}

Outcome run(Handle& handle, Exchange& exchange, const std::string& host)
{
    const auto code = handle.run(exchange.stop);
    if (code == CURLE_OK) {
        return std::move(exchange.response);
    }
    if (!code || exchange.stop.stop_requested()) {
        return Failure{.sent = exchange.sent, .cancelled = true, .reason = host + ": stopped"};
    }
    return Failure{.sent = exchange.sent, .reason = redact(host + ": " + reason(handle, exchange, *code))};
}

} // namespace

std::string Response::header(const std::string& name) const
{
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
}

/// Handles not at work, each with the connections it left open. The last one back is the first one out: its are the
/// warmest.
struct Client::Impl {
    explicit Impl(Settings given) : settings(given) {}

    std::unique_ptr<Handle> take()
    {
        const std::lock_guard lock(mutex);
        if (idle.empty()) {
            return std::make_unique<Handle>();
        }
        auto handle = std::move(idle.back());
        idle.pop_back();
        return handle;
    }

    void give_back(std::unique_ptr<Handle> handle)
    {
        const std::lock_guard lock(mutex);
        idle.push_back(std::move(handle));
    }

    const Settings settings;
    std::mutex mutex;
    std::vector<std::unique_ptr<Handle>> idle;
};

Client::Client(Settings settings) : impl_(std::make_unique<Impl>(settings)) {}
Client::~Client() = default;

Outcome Client::send(const Request& request, std::stop_token stop)
{
    const Url url = parse_url(request.url);
    if (url.scheme == "http" && !is_loopback(url.host)) {
        return Failure{.reason = url.host + ": plain http is for loopback only; use https"};
    }
    if (stop.stop_requested()) {
        return Failure{.cancelled = true, .reason = url.host + ": stopped"};
    }
    auto handle = impl_->take();
    handle->reset();
    Outgoing out;
    Exchange exchange{.stop = stop, .max_body = impl_->settings.max_body, .once = request.once};
    set_connection(*handle, request, url, impl_->settings);
    set_body(*handle, request, out);
    set_headers(*handle, request, out.headers);
    set_callbacks(*handle, exchange);
    Outcome outcome = run(*handle, exchange, url.host);
    handle->reset(); // nothing of this request is pointed at any more
    impl_->give_back(std::move(handle));
    return outcome;
}

} // namespace longtake::http
