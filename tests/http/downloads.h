#pragma once

#include "pipeline/base/error.h"
#include "pipeline/http/download.h"
#include "tests/http/servers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stop_token>
#include <string>

namespace longtake::test {

/// Bytes that look like no other stretch of themselves.
inline std::string film(std::size_t size, unsigned seed = 1)
{
    std::string bytes(size, '\0');
    for (char& byte : bytes) {
        seed = seed * 1664525U + 1013904223U;
        byte = static_cast<char>(seed >> 24U);
    }
    return bytes;
}

inline std::string contents(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline void put(const std::filesystem::path& file, const std::string& bytes)
{
    std::ofstream(file, std::ios::binary) << bytes;
}

inline std::string head(const std::string& status, std::size_t length, const std::string& more = "")
{
    return "HTTP/1.1 " + status + "\r\nContent-Type: video/mp4\r\nContent-Length: " + std::to_string(length) + "\r\n" +
           more + "\r\n";
}

/// Fetches into a file of its own.
class HttpDownloadTest : public ::testing::Test {
protected:
    http::Download from(const std::string& url)
    {
        return {.url = url, .file = file_, .trusted = url.starts_with("http://127.0.0.1:") ? url : ""};
    }

    /// What fetching it fails with.
    static Error failure(const http::Download& download, std::stop_token stop = {})
    {
        try {
            http::fetch(download, stop);
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "fetched " << download.url;
        return {Errc::internal, ""};
    }

    TempDir dir_;
    const std::filesystem::path file_ = dir_ / "take.mp4.part";
};

} // namespace longtake::test

#define EXPECT_SAYS(error, text) EXPECT_NE(std::string((error).what()).find(text), std::string::npos) << (error).what()
