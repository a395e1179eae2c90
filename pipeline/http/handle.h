#pragma once

#include <curl/curl.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <type_traits>

namespace longtake::http {

struct MultiDeleter {
    void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};
struct EasyDeleter {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct ListDeleter {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
struct MimeDeleter {
    void operator()(curl_mime* mime) const noexcept { curl_mime_free(mime); }
};
struct UrlDeleter {
    void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};

using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;
using MimePtr = std::unique_ptr<curl_mime, MimeDeleter>;
using UrlPtr = std::unique_ptr<CURLU, UrlDeleter>;

/// One transfer at a time, driven so that a stop request wakes it; its connections stay open for the next.
class Handle {
public:
    Handle();
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    CURL* easy() const noexcept { return easy_.get(); }

    /// Back to what all transfers have in common: TLS verified, http and https only, no redirects, no signals.
    void reset();

    /// Throws Error(internal) if this libcurl does not take it.
    template <class T>
    void set(CURLoption option, T value)
    {
        static_assert(!std::is_same_v<T, int> && !std::is_same_v<T, bool>, "libcurl reads a long");
        check(curl_easy_setopt(easy_.get(), option, value));
    }

    /// Runs the transfer to its end. Nothing, if a stop request ended it or `go_on`, asked several times a second, said
    /// no.
    std::optional<CURLcode> run(std::stop_token stop, const std::function<bool()>& go_on = {});

    /// The failure of the last transfer in words: "connection refused".
    std::string why(CURLcode code) const;

private:
    static void check(CURLcode code);
    std::optional<CURLcode> finished() const;

    std::unique_ptr<CURLM, MultiDeleter> multi_;
    std::unique_ptr<CURL, EasyDeleter> easy_;
    std::array<char, CURL_ERROR_SIZE> detail_{};
};

/// One part of a parsed address; empty if it has none.
std::string url_part(CURLU* url, CURLUPart which, unsigned flags = 0);

/// A header to add to a list. Throws Error(usage) for a value with control characters, such as a key read with its
/// newline.
void append_header(HeaderList& list, const std::string& name, const std::string& value);

} // namespace longtake::http
