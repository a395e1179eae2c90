#include "pipeline/http/download.h"

#include "pipeline/base/error.h"
#include "pipeline/base/secrets.h"
#include "pipeline/http/address.h"
#include "pipeline/http/growing_file.h"
#include "pipeline/http/handle.h"
#include "pipeline/http/proxy.h"
#include "pipeline/http/reply.h"
#include "pipeline/http/url.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <exception>

namespace longtake::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int k_max_redirects = 5;
constexpr std::chrono::milliseconds k_connect_timeout{20'000};
constexpr std::chrono::milliseconds k_between_reports{100};
constexpr std::int64_t k_crawl = 1024; ///< fewer bytes than this in a stall's time are a stall as well
constexpr std::size_t k_longest_head = 1U << 18U;
constexpr std::size_t k_first_bytes = 256; ///< that are judged before any is written

/// How much of what is there is fetched again to see that it goes on with the same film. No ETag has to be kept for
/// that, and a file that is whole already is seen to be so.
constexpr std::int64_t k_overlap = 1024;

/// The address a Location leads to from `base`; or `reference` itself, in the form curl takes.
std::string absolute(const std::string& base, const std::string& reference)
{
    const UrlPtr url(curl_url());
    constexpr unsigned k_flags = CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE;
    if (!base.empty()) {
        curl_url_set(url.get(), CURLUPART_URL, base.c_str(), k_flags);
    }
    if (curl_url_set(url.get(), CURLUPART_URL, reference.c_str(), k_flags) != CURLUE_OK) {
        throw Error(Errc::provider, "'" + shown(reference) + "' is no web address");
    }
    return url_part(url.get(), CURLUPART_URL);
}

Url parse_offered(const std::string& url)
{
    try {
        return parse_url(url);
    } catch (const Error& error) { // no mistake of the user's
        throw Error(Errc::provider, error.what());
    }
}

bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_stale(int status)
{
    return status == 401 || status == 403 || status == 404 || status == 410;
}

/// Of "bytes 100-199/1000"; 0 for "bytes 100-199/*". Where it begins is seen by the bytes themselves.
std::int64_t total_of(const std::string& content_range)
{
    const auto slash = content_range.find('/');
    return slash == std::string::npos ? 0 : std::strtoll(content_range.c_str() + slash + 1, nullptr, 10);
}

class Fetch {
public:
    Fetch(const Download& download, std::stop_token stop)
        : download_(download), stop_(std::move(stop)), file_(download.file)
    {
        if (!download.trusted.empty()) {
            trusted_ = parse_url(download.trusted);
        }
    }

    void run()
    {
        std::string url = absolute({}, download_.url);
        for (int redirects = 0;; ++redirects) {
            if (redirects > k_max_redirects) {
                refuse("more than " + std::to_string(k_max_redirects) + " redirects");
            }
            url_ = url;
            first_ = redirects == 0;
            while (hop() == End::start_over) {
                file_.empty(); // the next hop asks for no range and cannot end like this
            }
            if (!is_redirect(reply_.status)) {
                return;
            }
            url = in_context(shown(url_), [&] { return absolute(url_, reply_.header("location")); });
        }
    }

private:
    enum class End { answered, start_over };

    End hop();
    void prepare();
    void vet();
    void finish(std::optional<CURLcode> code);
    bool go_on();
    void report();

    void judge();
    void judge_size(std::int64_t size);
    void take(std::string_view bytes);
    void begin();
    void write(std::string_view bytes);
    bool may_reach(const sockaddr& address);

    [[noreturn]] void refuse(const std::string& why) const { fail(Errc::provider, why); }
    [[noreturn]] void fail(Errc code, const std::string& why) const
    {
        throw Error(code, redact(shown(url_) + ": " + why));
    }

    static std::size_t on_header(char* text, std::size_t, std::size_t size, void* self) noexcept;
    static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* self) noexcept;
    static curl_socket_t on_socket(void* self, curlsocktype, curl_sockaddr* address) noexcept;

    const Download& download_;
    std::stop_token stop_;
    GrowingFile file_;
    std::optional<Url> trusted_;
    Handle handle_;

    // One hop.
    std::string url_;
    Url parsed_;
    bool first_ = true;       ///< no redirect led here
    bool is_trusted_ = false; ///< the configured service on this machine
    bool with_key_ = false;   ///< the configured service, which gets the key
    HeaderList headers_;
    Response reply_;
    std::size_t head_size_ = 0;
    bool beginning_ = false; ///< the first bytes are being held back until they are judged
    std::string held_;
    std::int64_t from_ = 0;  ///< first byte asked for
    std::string overlap_;    ///< what has to come first, because it is there already
    std::int64_t total_ = 0; ///< 0: not told
    bool start_over_ = false;
    bool body_unwanted_ = false;
    std::string refused_address_;
    bool opened_ = false;
    std::exception_ptr thrown_; ///< in a callback

    std::int64_t arrived_ = 0; ///< bytes of this hop
    std::int64_t arrived_at_mark_ = 0;
    Clock::time_point mark_;
    Clock::time_point reported_;
};

/// What can be told from the address alone. A proxy may stand between us and the host, and then no socket of ours tells
/// where a name leads: there only the literal addresses are refused.
void Fetch::vet()
{
    parsed_ = parse_offered(url_);
    is_trusted_ =
        trusted_ && is_loopback(trusted_->host) && parsed_.host == trusted_->host && parsed_.port == trusted_->port;
    with_key_ = first_ && !download_.authorization.empty() && trusted_ && same_origin(parsed_, *trusted_);
    const auto literal = reach_of_literal(parsed_.host);
    if (!is_trusted_ && !with_key_ && (is_loopback(parsed_.host) || (literal && *literal != Reach::everywhere))) {
        refuse("leads to a private address");
    }
}

bool Fetch::may_reach(const sockaddr& address)
{
    const Reach far = reach(address);
    return far == Reach::everywhere || with_key_ || (is_trusted_ && far == Reach::loopback) ||
           (!is_trusted_ && is_proxy(address, parsed_.scheme));
}

void Fetch::prepare()
{
    reply_ = {};
    head_size_ = 0;
    total_ = 0;
    arrived_ = arrived_at_mark_ = 0;
    start_over_ = body_unwanted_ = opened_ = beginning_ = false;
    held_.clear();
    refused_address_.clear();
    thrown_ = nullptr;
    mark_ = reported_ = Clock::now();

    handle_.reset();
    handle_.set(CURLOPT_URL, url_.c_str());
    handle_.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(k_connect_timeout.count()));
    handle_.set(CURLOPT_BUFFERSIZE, 1L << 18U);
    handle_.set(CURLOPT_HEADERFUNCTION, &on_header);
    handle_.set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    handle_.set(CURLOPT_WRITEFUNCTION, &on_body);
    handle_.set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    handle_.set(CURLOPT_OPENSOCKETFUNCTION, &on_socket);
    handle_.set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
    if (is_trusted_) {
        handle_.set(CURLOPT_PROXY, "");
    }
    headers_.reset();
    from_ = 0;
    overlap_.clear();
    if (file_.size() > k_overlap && file_.size() <= download_.max_bytes) {
        overlap_ = file_.tail(k_overlap);
        from_ = file_.size() - k_overlap;
        append_header(headers_, "Range", "bytes=" + std::to_string(from_) + "-");
    }
    if (with_key_) {
        append_header(headers_, "Authorization", download_.authorization);
    }
    handle_.set(CURLOPT_HTTPHEADER, headers_.get());
}

Fetch::End Fetch::hop()
{
    vet();
    prepare();
    const auto code = handle_.run(stop_, [this] { return go_on(); });
    if (thrown_) {
        std::rethrow_exception(thrown_);
    }
    if (start_over_) {
        return End::start_over;
    }
    if (!body_unwanted_) {
        finish(code);
    }
    return End::answered;
}

void Fetch::finish(std::optional<CURLcode> code)
{
    if (!code && stop_.stop_requested()) {
        fail(Errc::interrupted, "stopped");
    }
    if (!code) {
        fail(Errc::pending, "nothing arrived any more; broke off after " + std::to_string(file_.size()) + " bytes");
    }
    if (*code == CURLE_COULDNT_CONNECT && !opened_ && !refused_address_.empty()) {
        refuse("leads to the private address " + refused_address_);
    }
    if (*code != CURLE_OK) {
        fail(Errc::pending, handle_.why(*code));
    }
    if (beginning_ && !held_.empty()) {
        begin(); // shorter than what is held back
    }
    if (!overlap_.empty() || beginning_ || file_.size() == 0 || (total_ != 0 && file_.size() != total_)) {
        fail(Errc::pending, "broke off after " + std::to_string(file_.size()) + " bytes");
    }
    report();
}

bool Fetch::go_on()
{
    const auto now = Clock::now();
    if (arrived_ - arrived_at_mark_ >= k_crawl) {
        arrived_at_mark_ = arrived_;
        mark_ = now;
    }
    if (now - reported_ >= k_between_reports) {
        reported_ = now;
        report();
    }
    return now - mark_ < download_.stall;
}

void Fetch::report()
{
    if (download_.progress && reply_.status != 0) {
        download_.progress(file_.size(), total_);
    }
}

/// What the head of the answer says about taking the body.
void Fetch::judge()
{
    const int status = reply_.status;
    const std::string answer = "HTTP " + std::to_string(status);
    if (is_redirect(status) && !reply_.header("location").empty()) {
        body_unwanted_ = true;
    } else if (status == 200) {
        judge_size(std::strtoll(reply_.header("content-length").c_str(), nullptr, 10));
        overlap_.clear();
        beginning_ = true; // no range was asked for, or the server does not do ranges
    } else if (status == 206 && from_ > 0) {
        judge_size(total_of(reply_.header("content-range")));
    } else if (status == 416 && from_ > 0) {
        start_over_ = true;
    } else if (is_stale(status)) {
        fail(Errc::pending, "stale address (" + answer + ")");
    } else {
        fail(Errc::pending, "answered " + answer);
    }
}

void Fetch::judge_size(std::int64_t size)
{
    total_ = size;
    if (size > download_.max_bytes) {
        refuse("is " + std::to_string(size) + " bytes long; at most " + std::to_string(download_.max_bytes) +
               " are taken");
    }
}

void Fetch::take(std::string_view bytes)
{
    const auto again = std::min(bytes.size(), overlap_.size());
    if (bytes.substr(0, again) != std::string_view(overlap_).substr(0, again)) {
        start_over_ = true;
        return;
    }
    overlap_.erase(0, again);
    bytes.remove_prefix(again);
    if (!beginning_) {
        write(bytes);
        return;
    }
    held_.append(bytes); // one of curl's buffers at most
    if (!download_.refuse_head || held_.size() >= k_first_bytes) {
        begin();
    }
}

/// Judges the first bytes; only then does what is there already give way to them.
void Fetch::begin()
{
    if (download_.refuse_head) {
        const std::string why = download_.refuse_head(std::string_view(held_).substr(0, k_first_bytes));
        if (!why.empty()) {
            fail(Errc::pending, why);
        }
    }
    beginning_ = false;
    file_.empty();
    write(held_);
    held_ = {};
}

void Fetch::write(std::string_view bytes)
{
    if (file_.size() + static_cast<std::int64_t>(bytes.size()) > download_.max_bytes) {
        refuse("is longer than the " + std::to_string(download_.max_bytes) + " bytes that are taken");
    }
    file_.append(bytes);
}

// Curl's callbacks. Nothing may be thrown through curl; a size other than the one given ends the transfer.

std::size_t Fetch::on_header(char* text, std::size_t, std::size_t size, void* self) noexcept
{
    auto& fetch = *static_cast<Fetch*>(self);
    try {
        fetch.head_size_ += size;
        if (fetch.head_size_ > k_longest_head) {
            fetch.refuse("its headers do not end");
        }
        const std::string_view line(text, size);
        take_header_line(fetch.reply_, line);
        if (ends_head(fetch.reply_, line)) {
            fetch.judge();
        }
    } catch (...) {
        fetch.thrown_ = std::current_exception();
    }
    return fetch.thrown_ || fetch.start_over_ || fetch.body_unwanted_ ? 0 : size;
}

std::size_t Fetch::on_body(char* bytes, std::size_t, std::size_t size, void* self) noexcept
{
    auto& fetch = *static_cast<Fetch*>(self);
    try {
        fetch.arrived_ += static_cast<std::int64_t>(size);
        fetch.take({bytes, size});
    } catch (...) {
        fetch.thrown_ = std::current_exception();
    }
    return fetch.thrown_ || fetch.start_over_ ? 0 : size;
}

curl_socket_t Fetch::on_socket(void* self, curlsocktype, curl_sockaddr* address) noexcept
{
    auto& fetch = *static_cast<Fetch*>(self);
    try {
        if (!fetch.may_reach(address->addr)) {
            fetch.refused_address_ = numeric(address->addr);
            return CURL_SOCKET_BAD;
        }
    } catch (...) {
        fetch.thrown_ = std::current_exception();
        return CURL_SOCKET_BAD;
    }
    fetch.opened_ = true;
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

} // namespace

void fetch(const Download& download, std::stop_token stop)
{
    Fetch(download, std::move(stop)).run();
}

} // namespace longtake::http
