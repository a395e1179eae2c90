#include "pipeline/http/handle.h"

#include "pipeline/base/error.h"
#include "pipeline/base/secrets.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <string_view>

namespace longtake::http {
namespace {

constexpr int k_tick_ms = 200;  ///< between two questions whether to go on
constexpr int k_wait_ms = 5000; ///< a stop request wakes it

void start_curl_once()
{
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (started != CURLE_OK) {
        throw Error(Errc::internal, std::string("start libcurl: ") + curl_easy_strerror(started));
    }
}

/// Takes the transfer off its multi again, finished or not; an unfinished one's connection is closed.
class Attached {
public:
    Attached(CURLM* multi, CURL* easy) : multi_(multi), easy_(easy), ok_(curl_multi_add_handle(multi, easy) == CURLM_OK)
    {
    }
    ~Attached() { curl_multi_remove_handle(multi_, easy_); }
    Attached(const Attached&) = delete;
    Attached& operator=(const Attached&) = delete;

    bool ok() const noexcept { return ok_; }

private:
    CURLM* multi_;
    CURL* easy_;
    bool ok_;
};

std::string system_reason(CURL* easy)
{
    long number = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
    if (number == 0) {
        return "no connection";
    }
    std::string text = std::strerror(static_cast<int>(number));
    text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
    return text;
}

bool connected(CURL* easy)
{
    curl_off_t ready = 0; // stays 0 until connection and TLS stand
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
    return ready != 0;
}

} // namespace

Handle::Handle()
{
    start_curl_once();
    multi_.reset(curl_multi_init());
    easy_.reset(curl_easy_init());
    if (!multi_ || !easy_) {
        throw Error(Errc::internal, "start libcurl: out of memory");
    }
    reset();
}

void Handle::check(CURLcode code)
{
    if (code != CURLE_OK) {
        throw Error(Errc::internal, std::string("libcurl does not take an option: ") + curl_easy_strerror(code));
    }
}

void Handle::reset()
{
    curl_easy_reset(easy_.get());
    set(CURLOPT_ERRORBUFFER, detail_.data());
    set(CURLOPT_USERAGENT, "longtake");
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    // Otherwise breaking off waits for a name to be resolved, half a minute if the name server is gone.
    set(CURLOPT_QUICK_EXIT, 1L);
}

std::optional<CURLcode> Handle::run(std::stop_token stop, const std::function<bool()>& go_on)
{
    detail_.front() = '\0';
    const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_.get()); });
    const Attached attached(multi_.get(), easy_.get());
    if (!attached.ok()) {
        return CURLE_FAILED_INIT;
    }
    for (;;) {
        int running = 0;
        if (curl_multi_perform(multi_.get(), &running) != CURLM_OK) {
            return CURLE_FAILED_INIT;
        }
        if (const auto code = finished()) {
            return code;
        }
        if (stop.stop_requested() || (go_on && !go_on())) {
            return std::nullopt;
        }
        curl_multi_poll(multi_.get(), nullptr, 0, go_on ? k_tick_ms : k_wait_ms, nullptr);
    }
}

std::optional<CURLcode> Handle::finished() const
{
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg == CURLMSG_DONE) {
            return message->data.result;
        }
    }
    return std::nullopt;
}

std::string Handle::why(CURLcode code) const
{
    const std::string detail = redact(detail_.data());
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return "the name is not known (DNS)";
    case CURLE_COULDNT_RESOLVE_PROXY: return "the name of the proxy is not known (DNS)";
    case CURLE_COULDNT_CONNECT: return system_reason(easy_.get());
    case CURLE_OPERATION_TIMEDOUT:
        return connected(easy_.get()) ? "no complete answer in time" : "no connection in time";
    case CURLE_PEER_FAILED_VERIFICATION: return "its TLS certificate is not trusted: " + detail;
    case CURLE_SSL_CONNECT_ERROR: return "TLS handshake failed: " + detail;
    case CURLE_GOT_NOTHING: return "closed the connection without an answer";
    case CURLE_PARTIAL_FILE: return "the answer broke off";
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR: return "the connection broke: " + (detail.empty() ? curl_easy_strerror(code) : detail);
    default: return detail.empty() ? curl_easy_strerror(code) : detail;
    }
}

std::string url_part(CURLU* url, CURLUPart which, unsigned flags)
{
    char* text = nullptr;
    if (curl_url_get(url, which, &text, flags) != CURLUE_OK || text == nullptr) {
        return {};
    }
    std::string copy(text);
    curl_free(text);
    return copy;
}

void append_header(HeaderList& list, const std::string& name, const std::string& value)
{
    const auto is_control = [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; };
    if (std::any_of(name.begin(), name.end(), is_control) || std::any_of(value.begin(), value.end(), is_control)) {
        throw Error(Errc::usage, "header '" + name + "': a line break or control character in its value; " +
                                     "a key must be one line of plain text");
    }
    const std::string line =
        value.empty() ? name + ";" : name + ": " + value; // curl drops "name:", and sends "name;" empty
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) {
        throw Error(Errc::internal, "out of memory");
    }
    (void)list.release();
    list.reset(longer);
}

} // namespace longtake::http
