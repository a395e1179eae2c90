#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace longtake {

/// Incremental SHA-256 (OpenSSL).
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    void add(std::string_view bytes);

    /// 64 lower-case hex digits; the object is spent.
    std::string hex();

private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string sha256_of(std::string_view bytes);

/// Throws Error(input) naming the file if it cannot be read.
std::string sha256_of_file(const std::filesystem::path& file);

} // namespace longtake
