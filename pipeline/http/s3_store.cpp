#include "pipeline/http/s3_store.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/secrets.h"
#include "pipeline/http/client.h"
#include "pipeline/http/handle.h"
#include "pipeline/http/reply.h"
#include "pipeline/http/url.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

namespace longtake::http {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_part_bytes = 64U << 20U; ///< S3 takes 5 MiB to 5 GiB, and 10,000 of them
constexpr int k_tries = 5;
constexpr std::chrono::milliseconds k_first_pause{200};
constexpr long k_stall_seconds = 60; ///< with less than a KiB arriving

/// A bucket, and who asks for it.
struct Bucket {
    std::string endpoint; ///< "https://s3.eu-central-1.amazonaws.com"
    std::string name;
    std::string prefix; ///< "" or "films/"
    std::string region;
    std::string id;
    std::string secret;
    std::string token;
};

/// One exchange with the server.
struct Call {
    std::string method = "GET";
    std::string path;          ///< below the bucket, of plain characters
    std::string query{};       ///< sorted, encoded, every name with "="
    std::string body{};        ///< of PUT and POST
    std::FILE* into = nullptr; ///< where the body of a good answer goes
};

struct Answer {
    Response response{};       ///< its status is 0 where there was none
    std::string why{};         ///< there was none
    bool storage_full = false; ///< `into` could not be written

    int status() const { return response.status; }
    const std::string& body() const { return response.body; }
    bool good() const { return status() / 100 == 2; }
};

struct Sending {
    const std::string& body;
    std::size_t sent = 0;
};

struct Receiving {
    Answer& answer;
    std::FILE* into;
    CURL* easy;
};

std::size_t read_object(char* to, std::size_t size, std::size_t count, void* data) noexcept
{
    auto& sending = *static_cast<Sending*>(data);
    const std::size_t bytes = sending.body.copy(to, size * count, sending.sent);
    sending.sent += bytes;
    return bytes;
}

int rewind_object(void* data, curl_off_t offset, int) noexcept
{
    static_cast<Sending*>(data)->sent = static_cast<std::size_t>(offset);
    return CURL_SEEKFUNC_OK;
}

std::size_t take_object(char* from, std::size_t, std::size_t bytes, void* data) noexcept
try {
    auto& receiving = *static_cast<Receiving*>(data);
    long status = 0;
    curl_easy_getinfo(receiving.easy, CURLINFO_RESPONSE_CODE, &status);
    if (receiving.into != nullptr && status < 300) {
        const std::size_t wrote = std::fwrite(from, 1, bytes, receiving.into);
        receiving.answer.storage_full = wrote != bytes;
        return wrote;
    }
    receiving.answer.response.body.append(from, bytes);
    return bytes;
} catch (...) {
    return 0;
}

std::size_t take_object_header(char* from, std::size_t, std::size_t bytes, void* data) noexcept
try {
    take_header_line(static_cast<Receiving*>(data)->answer.response, {from, bytes});
    return bytes;
} catch (...) {
    return 0;
}

/// The text of an XML element that has no others of its name, such as <Code>.
std::string element(const std::string& xml, const std::string& name)
{
    const std::size_t begin = xml.find("<" + name + ">");
    const std::size_t end = xml.find("</" + name + ">");
    const std::size_t from = begin + name.size() + 2;
    return begin == std::string::npos || end == std::string::npos || end < from ? "" : xml.substr(from, end - from);
}

bool passes(const Answer& answer)
{
    return answer.status() == 0 || answer.status() == 408 || answer.status() == 429 || answer.status() >= 500;
}

class S3Store final : public Store {
public:
    explicit S3Store(Bucket bucket) : bucket_(std::move(bucket)) {}

    std::string name() const override { return "s3://" + bucket_.name + "/" + bucket_.prefix; }
    void put(const fs::path& file, const std::string& key) override;
    bool get(const std::string& key, const fs::path& into) override;
    bool has(const std::string& key) override;
    void remove(const std::string& key) override;

private:
    std::string path_of(const std::string& key) const;
    Answer once(const Call& call);
    Answer ask(const Call& call);
    void put_in_parts(std::ifstream& file, std::uintmax_t size, const std::string& path);
    std::string put_part(std::ifstream& file, std::uintmax_t size, const std::string& path, const std::string& upload,
                         int number);
    [[noreturn]] void fail(const std::string& doing, const Answer& answer) const;

    const Bucket bucket_;
    std::mutex mutex_; ///< of the handle
    Handle handle_;
};

std::string S3Store::path_of(const std::string& key) const
{
    if (!is_store_key(key)) {
        throw Error(Errc::internal, "no key for a store: '" + key + "'");
    }
    return "/" + bucket_.name + "/" + bucket_.prefix + key;
}

Answer S3Store::once(const Call& call)
{
    const std::lock_guard lock(mutex_);
    handle_.reset();
    HeaderList headers;
    // libcurl 7.88 signs with the hash of what it sends as a form, and not of an upload: the server would answer 400.
    append_header(headers, "x-amz-content-sha256", sha256_of(call.body));
    if (!bucket_.token.empty()) {
        append_header(headers, "x-amz-security-token", bucket_.token);
    }
    const std::string url = bucket_.endpoint + call.path + (call.query.empty() ? "" : "?" + call.query);
    const std::string signature = "aws:amz:" + bucket_.region + ":s3";
    Sending sending{call.body};
    Answer answer;
    Receiving receiving{answer, call.into, handle_.easy()};
    handle_.set(CURLOPT_URL, url.c_str());
    handle_.set(CURLOPT_AWS_SIGV4, signature.c_str());
    handle_.set(CURLOPT_USERNAME, bucket_.id.c_str()); // may have a colon
    handle_.set(CURLOPT_PASSWORD, bucket_.secret.c_str());
    handle_.set(CURLOPT_HTTPHEADER, headers.get());
    handle_.set(CURLOPT_CONNECTTIMEOUT_MS, 10'000L);
    handle_.set(CURLOPT_LOW_SPEED_LIMIT, 1024L);
    handle_.set(CURLOPT_LOW_SPEED_TIME, k_stall_seconds);
    handle_.set(CURLOPT_WRITEFUNCTION, take_object);
    handle_.set(CURLOPT_WRITEDATA, static_cast<void*>(&receiving));
    handle_.set(CURLOPT_HEADERFUNCTION, take_object_header);
    handle_.set(CURLOPT_HEADERDATA, static_cast<void*>(&receiving));
    if (call.method == "HEAD") {
        handle_.set(CURLOPT_NOBODY, 1L);
    } else if (call.method == "PUT") {
        handle_.set(CURLOPT_UPLOAD, 1L);
        handle_.set(CURLOPT_READFUNCTION, read_object);
        handle_.set(CURLOPT_READDATA, static_cast<void*>(&sending));
        handle_.set(CURLOPT_SEEKFUNCTION, rewind_object);
        handle_.set(CURLOPT_SEEKDATA, static_cast<void*>(&sending));
        handle_.set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    } else if (call.method == "POST") {
        handle_.set(CURLOPT_POST, 1L);
        handle_.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
        handle_.set(CURLOPT_POSTFIELDS, call.body.c_str());
    } else {
        handle_.set(CURLOPT_CUSTOMREQUEST, call.method.c_str());
    }
    const auto code = handle_.run({});
    if (code == CURLE_OK) {
        long status = 0;
        curl_easy_getinfo(handle_.easy(), CURLINFO_RESPONSE_CODE, &status);
        answer.response.status = static_cast<int>(status);
    } else {
        answer.response.status = 0;
        answer.why = code ? handle_.why(*code) : "interrupted";
    }
    return answer;
}

/// Again where that may help.
Answer S3Store::ask(const Call& call)
{
    std::chrono::milliseconds pause = k_first_pause;
    for (int tries = 1;; ++tries) {
        Answer answer = once(call);
        if (!passes(answer) || answer.storage_full || tries == k_tries) {
            return answer;
        }
        if (call.into != nullptr) {
            std::rewind(call.into); // what came before it broke off goes
            if (::ftruncate(::fileno(call.into), 0) != 0) {
                answer.storage_full = true;
                return answer;
            }
        }
        std::this_thread::sleep_for(pause);
        pause *= 2;
    }
}

void S3Store::fail(const std::string& doing, const Answer& answer) const
{
    const std::string code = element(answer.body(), "Code");
    const std::string says = element(answer.body(), "Message");
    const std::string what = answer.status() == 0
                                 ? answer.why
                                 : fmt::format("HTTP {}{}{}", answer.status(), code.empty() ? "" : " " + code,
                                               says.empty() ? "" : ": " + says);
    const bool denied = answer.status() == 401 || answer.status() == 403;
    throw Error(passes(answer) ? Errc::pending
                : denied       ? Errc::credentials
                               : Errc::storage,
                redact(fmt::format("the store '{}' cannot {}: {}{}", name(), doing, what,
                                   denied ? "; check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, the "
                                            "bucket's rights and this machine's clock"
                                          : "")));
}

void S3Store::put(const fs::path& file, const std::string& key)
{
    const std::string path = path_of(key);
    std::error_code code;
    const std::uintmax_t size = fs::file_size(file, code);
    std::ifstream in(file, std::ios::binary);
    if (code || !in) {
        throw Error(Errc::input, "'" + file.string() + "' cannot be read");
    }
    if (size > k_part_bytes) {
        put_in_parts(in, size, path);
        return;
    }
    std::string body(size, '\0');
    if (!in.read(body.data(), static_cast<std::streamsize>(size)) && size > 0) {
        throw Error(Errc::input, "'" + file.string() + "' cannot be read to its end");
    }
    const Answer answer = ask({.method = "PUT", .path = path, .body = std::move(body)});
    if (!answer.good()) {
        fail("take '" + key + "'", answer);
    }
}

std::string S3Store::put_part(std::ifstream& file, std::uintmax_t size, const std::string& path,
                              const std::string& upload, int number)
{
    const std::uintmax_t from = static_cast<std::uintmax_t>(number - 1) * k_part_bytes;
    std::string body(static_cast<std::size_t>(std::min<std::uintmax_t>(k_part_bytes, size - from)), '\0');
    if (!file.read(body.data(), static_cast<std::streamsize>(body.size()))) {
        throw Error(Errc::input, "a file cannot be read to its end");
    }
    const Answer answer = ask({.method = "PUT",
                               .path = path,
                               .query = fmt::format("partNumber={}&uploadId={}", number, encode(upload)),
                               .body = std::move(body)});
    if (!answer.good() || answer.response.header("etag").empty()) {
        fail(fmt::format("take part {} of '{}'", number, path), answer);
    }
    return fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", number,
                       answer.response.header("etag"));
}

void S3Store::put_in_parts(std::ifstream& file, std::uintmax_t size, const std::string& path)
{
    const Answer begun = ask({.method = "POST", .path = path, .query = "uploads="});
    const std::string upload = element(begun.body(), "UploadId");
    if (!begun.good() || upload.empty()) {
        fail("begin '" + path + "'", begun);
    }
    try {
        std::string parts;
        const int count = static_cast<int>((size + k_part_bytes - 1) / k_part_bytes);
        for (int number = 1; number <= count; ++number) {
            parts += put_part(file, size, path, upload, number);
        }
        const Answer ended = ask({.method = "POST",
                                  .path = path,
                                  .query = "uploadId=" + encode(upload),
                                  .body = "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>"});
        // S3 may say so in the body of a 200.
        if (!ended.good() || ended.body().find("<Error>") != std::string::npos) {
            fail("put '" + path + "' together", ended);
        }
    } catch (...) { // parts that are left behind cost their place
        once({.method = "DELETE", .path = path, .query = "uploadId=" + encode(upload)});
        throw;
    }
}

bool S3Store::get(const std::string& key, const fs::path& into)
{
    make_folder(into.parent_path());
    PartFile part(into);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(part.part().c_str(), "wb"), std::fclose);
    if (!file) {
        throw storage_error("write", into, errno);
    }
    const Answer answer = ask({.path = path_of(key), .into = file.get()});
    if (answer.status() == 404) {
        if (element(answer.body(), "Code") == "NoSuchBucket") {
            fail("give '" + key + "'", answer);
        }
        return false;
    }
    if (std::fflush(file.get()) != 0 || answer.storage_full) {
        throw storage_error("write", into, errno);
    }
    if (!answer.good()) {
        fail("give '" + key + "'", answer);
    }
    part.commit();
    return true;
}

bool S3Store::has(const std::string& key)
{
    const Answer answer = ask({.method = "HEAD", .path = path_of(key)});
    if (answer.status() != 404 && !answer.good()) {
        fail("say whether it has '" + key + "'", answer);
    }
    return answer.status() != 404;
}

void S3Store::remove(const std::string& key)
{
    const Answer answer = ask({.method = "DELETE", .path = path_of(key)});
    if (answer.status() != 404 && !answer.good()) {
        fail("remove '" + key + "'", answer);
    }
}

std::string first_of(std::initializer_list<const char*> names,
                     const std::function<std::optional<std::string>(const std::string&)>& variable)
{
    for (const char* name : names) {
        if (const auto value = variable(name); value && !value->empty()) {
            return *value;
        }
    }
    return {};
}

} // namespace

std::shared_ptr<Store> open_s3_store(const std::string& place,
                                     const std::function<std::optional<std::string>(const std::string&)>& variable)
{
    const std::string rest = place.substr(std::string("s3://").size());
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    Bucket bucket;
    bucket.name = rest.substr(0, slash);
    bucket.prefix = slash + 1 < rest.size() ? rest.substr(slash + 1) : "";
    while (!bucket.prefix.empty() && bucket.prefix.back() == '/') {
        bucket.prefix.pop_back();
    }
    if (!is_store_key(bucket.name) || (!bucket.prefix.empty() && !is_store_key(bucket.prefix))) {
        throw Error(Errc::usage, "--store '" + place +
                                     "': must be s3://BUCKET/PREFIX, in lower-case letters, digits, "
                                     "dots, hyphens and underscores");
    }
    bucket.prefix += bucket.prefix.empty() ? "" : "/";
    bucket.id = first_of({"AWS_ACCESS_KEY_ID"}, variable);
    bucket.secret = first_of({"AWS_SECRET_ACCESS_KEY"}, variable);
    bucket.token = first_of({"AWS_SESSION_TOKEN"}, variable);
    bucket.region = first_of({"AWS_REGION", "AWS_DEFAULT_REGION"}, variable);
    if (bucket.id.empty() || bucket.secret.empty()) {
        throw Error(Errc::credentials,
                    "--store '" + place + "' needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment");
    }
    keep_secret(bucket.secret);
    bucket.region = bucket.region.empty() ? "us-east-1" : bucket.region;
    bucket.endpoint = first_of({"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}, variable);
    if (bucket.endpoint.empty()) {
        bucket.endpoint = "https://s3." + bucket.region + ".amazonaws.com";
    }
    while (bucket.endpoint.back() == '/') {
        bucket.endpoint.pop_back();
    }
    return std::make_shared<S3Store>(std::move(bucket));
}

} // namespace longtake::http
