#pragma once

#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"
#include "stages/deliver/segment_store.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>

namespace longtake::stages {

inline std::string key_of(int number)
{
    return sha256_of("recipe " + std::to_string(number));
}

inline std::vector<std::string> hashes_of(int number)
{
    return {sha256_of(std::to_string(number)), "second"};
}

inline StoredSegment put_new(SegmentStore& store, int number, const std::string& content)
{
    PartFile file = store.begin(key_of(number), ".mp4");
    file.write(content);
    return store.keep(std::move(file), key_of(number), number, hashes_of(number));
}

/// A store in a folder of its own, and what it has told.
class KeptSegments : public ::testing::Test {
protected:
    std::filesystem::path file_of(int number, const std::string& extension = ".mp4") const
    {
        const std::string key = key_of(number);
        return folder_ / key.substr(0, 2) / (key + extension);
    }

    /// As if it had been used for the last time so long ago.
    void used_before(int number, int seconds) const
    {
        std::filesystem::last_write_time(file_of(number, ".json"),
                                         std::filesystem::file_time_type::clock::now() - std::chrono::seconds(seconds));
    }

    /// Keeps segments of 1000 bytes, as a run that has ended: the first was used longest ago.
    void keep_from_before(int count) const
    {
        SegmentStore store(folder_);
        for (int i = 0; i < count; ++i) {
            put_new(store, i, std::string(1000, 'x'));
            used_before(i, 1000 - i);
        }
    }

    bool is_there(int number) const { return std::filesystem::exists(file_of(number)); }

    std::vector<bool> there(int count) const
    {
        std::vector<bool> all;
        for (int i = 0; i < count; ++i) {
            all.push_back(is_there(i) && std::filesystem::exists(file_of(i, ".json")));
        }
        return all;
    }

    std::int64_t parts() const
    {
        const std::filesystem::recursive_directory_iterator all(folder_);
        return std::count_if(begin(all), end(all), [](const auto& entry) {
            return entry.path().extension() == ".part" && entry.path().parent_path().filename() != "runs";
        });
    }

    static Error failure(const std::function<void()>& work)
    {
        try {
            work();
        } catch (const Error& error) {
            return error;
        }
        return {Errc::partial, "no failure"};
    }

    test::TempDir dir_;
    const std::filesystem::path folder_ = dir_ / "segments";
    std::vector<std::string> told_;
    const std::function<void(const std::string&)> tell_ = [this](const std::string& text) { told_.push_back(text); };
};

} // namespace longtake::stages
