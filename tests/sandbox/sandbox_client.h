#pragma once

#include "pipeline/sandbox/sandbox.h"

#include "tests/support/boards.h"

#include <httplib.h>
#include <jwt.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

namespace longtake::test {

inline std::string base64_of(const std::string& bytes)
{
    static constexpr std::string_view k_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            text += i + k <= bytes.size() ? k_letters[bits >> (18 - 6 * k) & 63] : '=';
        }
    }
    return text;
}

inline std::string photo_bytes(const std::string& name)
{
    std::ifstream file(photo(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A token as Kling's clients sign it.
inline std::string signed_token(const std::string& access, const std::string& secret, long expires, long not_before)
{
    jwt_t* token = nullptr;
    jwt_new(&token);
    jwt_add_grant(token, "iss", access.c_str());
    jwt_add_grant_int(token, "exp", expires);
    jwt_add_grant_int(token, "nbf", not_before);
    jwt_set_alg(token, JWT_ALG_HS256, reinterpret_cast<const unsigned char*>(secret.data()),
                static_cast<int>(secret.size()));
    char* text = jwt_encode_str(token);
    const std::string result = text;
    std::free(text);
    jwt_free(token);
    return result;
}

/// Films of 64x36 that are ready as soon as they are rendered.
inline sandbox::Settings quick_sandbox()
{
    sandbox::Settings settings;
    settings.preset_dirs = {std::string(LONGTAKE_SOURCE_DIR) + "/presets"};
    settings.size = Size{64, 36};
    settings.queue_seconds = 0;
    settings.take_seconds = 0;
    settings.slots = 100;
    return settings;
}

/// Talks to one service of a sandbox.
class SandboxClient {
public:
    SandboxClient(const sandbox::Sandbox& sandbox, std::string provider)
        : provider_(std::move(provider)), key_("sandbox-" + provider_ + "-test"), client_("127.0.0.1", sandbox.port())
    {
        client_.set_read_timeout(60); // forty clients on a busy machine wait for each other
    }

    void use_key(const std::string& key) { key_ = key; }

    /// Without "Bearer".
    void use_bare_key() { scheme_.clear(); }

    struct Answer {
        int status = 0; ///< 0: none came
        std::string body;
        nlohmann::json json; ///< discarded if it is none
        httplib::Headers headers;

        int code() const { return json.is_object() && json.contains("code") ? json["code"].get<int>() : -1; }

        /// Empty: it is not there.
        std::string header(const std::string& name) const
        {
            const auto found = headers.find(name);
            return found == headers.end() ? "" : found->second;
        }
    };

    Answer post(const std::string& path, const nlohmann::json& body)
    {
        return answer(client_.Post(at(path), headers(), body.dump(), "application/json"));
    }
    Answer post_form(const std::string& path, const httplib::MultipartFormDataItems& form)
    {
        return answer(client_.Post(at(path), headers(), form));
    }
    Answer get(const std::string& path) { return answer(client_.Get(at(path), headers())); }

    /// A whole address, without credentials unless given.
    Answer fetch(const std::string& url, const httplib::Headers& with = {})
    {
        return answer(client_.Get(url.substr(url.find('/', 8)), with));
    }
    Answer put(const std::string& url, const std::string& bytes, const std::string& type)
    {
        return answer(client_.Put(url.substr(url.find('/', 8)), bytes, type));
    }

    /// Polls until `done` says so of the answer.
    template <class Done>
    Answer wait_for(const std::string& path, const Done& done)
    {
        for (int i = 0; i < 500; ++i) {
            Answer last = get(path);
            if (last.status != 200 || done(last.json)) {
                return last;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return {};
    }

    /// An official task's result, once it is over.
    nlohmann::json official_result(const std::string& prefix, const std::string& kind, const std::string& id)
    {
        return wait_for(prefix + "/v1/videos/" + kind + "/" + id,
                        [](const nlohmann::json& json) {
                            const std::string word = json["data"]["task_status"];
                            return word == "succeed" || word == "failed";
                        })
            .json["data"];
    }

private:
    std::string at(const std::string& path) const { return "/" + provider_ + path; }
    httplib::Headers headers() const
    {
        return key_.empty() ? httplib::Headers{} : httplib::Headers{{"Authorization", scheme_ + key_}};
    }
    static Answer answer(const httplib::Result& result)
    {
        if (!result) {
            return {0, "", nlohmann::json::value_t::discarded, {}};
        }
        return {result->status, result->body, nlohmann::json::parse(result->body, nullptr, false), result->headers};
    }

    std::string provider_;
    std::string key_;
    std::string scheme_ = "Bearer ";
    httplib::Client client_;
};

} // namespace longtake::test
