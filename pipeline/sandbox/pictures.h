#pragma once

#include "pipeline/model/rate.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>

namespace longtake::sandbox {

/// A picture that came with a request, checked and kept.
struct Picture {
    std::filesystem::path file;
    Size size;
};

/// Decodes base64 as RFC 4648 has it, nothing else let through. Throws Refusal(1201) naming `field`.
std::string decode_base64(const std::string& text, const std::string& field);

/// The pictures of all requests, by their content.
class Pictures {
public:
    explicit Pictures(std::filesystem::path dir) : dir_(std::move(dir)) {}

    const std::filesystem::path& dir() const { return dir_; }

    /// A JPEG or PNG that keeps the rules: at most `max_bytes`, sides of 300 or more, aspect 1:2.5 to 2.5:1.
    /// Throws Refusal(1201) naming `field`.
    Picture keep(const std::string& bytes, const std::string& field, std::int64_t max_bytes = 10'000'000);

    /// A drawing in place of what nobody can look at: the text on colours of its own.
    Picture draw(const std::string& text, Size size);

    /// Remembers an uploaded picture under the address it was promised.
    void publish(const std::string& url, const Picture& picture);

    /// What an http(s) address shows: the upload there, else (nothing is fetched from the network) a drawing of it.
    Picture at(const std::string& url);

private:
    std::filesystem::path dir_;
    std::mutex mutex_;
    std::map<std::string, Picture> published_;
};

} // namespace longtake::sandbox
