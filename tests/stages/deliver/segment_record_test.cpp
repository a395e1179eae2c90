#include "stages/deliver/segment_record.h"

#include "tests/stages/deliver/kept_segments.h"

#include <nlohmann/json.hpp>

#include <fstream>

namespace longtake::stages {
namespace {

class SegmentRecordTest : public KeptSegments {
protected:
    /// Changes a record and makes it look as if it had been written so.
    void forge(int number, const std::function<void(nlohmann::json&)>& change) const
    {
        auto json = nlohmann::json::parse(read_text(file_of(number, ".json")));
        json.erase("record_sha256");
        change(json);
        json["record_sha256"] = sha256_of(json.dump());
        write_atomic(file_of(number, ".json"), json.dump());
    }

    static void flip(const std::filesystem::path& file, std::int64_t at)
    {
        std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekg(at);
        const char flipped = static_cast<char>(bytes.get() ^ 1);
        bytes.seekp(at);
        bytes.put(flipped);
    }
};

TEST_F(SegmentRecordTest, WhatIsDamagedIsToldOnceAndMadeAgain)
{
    const auto record = file_of(0, ".json");
    const auto media = file_of(0);
    const std::vector<std::function<void()>> damages{
        [&] { std::filesystem::resize_file(media, 500); },
        [&] { std::ofstream(media, std::ios::app) << "more"; },
        [&] { flip(media, 500); },
        [&] { std::filesystem::remove(media); },
        [&] { std::filesystem::resize_file(record, 100); },
        [&] { std::filesystem::resize_file(record, 0); },
        [&] { flip(record, static_cast<std::int64_t>(read_text(record).find("\"frames\":0") + 9)); },
        [&] { flip(record, static_cast<std::int64_t>(read_text(record).find("second"))); },
        [&] { forge(0, [](auto& json) { json["schema"] = "longtake/segment/2"; }); },
        [&] { forge(0, [](auto& json) { json["key"] = key_of(1); }); },
        [&] { forge(0, [](auto& json) { json["frames"] = "many"; }); },
        [&] { forge(0, [](auto& json) { json.erase("frame_hashes"); }); },
        [&] {
            std::filesystem::rename(media, dir_ / "elsewhere");
            std::filesystem::create_symlink(dir_ / "elsewhere", media);
        },
        [&] {
            std::filesystem::remove(record);
            std::filesystem::create_directory(record);
        },
    };
    for (std::size_t i = 0; i < damages.size(); ++i) {
        SCOPED_TRACE(i);
        told_.clear();
        SegmentStore store(folder_, {}, tell_);
        put_new(store, 0, std::string(1000, 'x'));
        damages[i]();
        EXPECT_FALSE(store.find(key_of(0)));
        EXPECT_FALSE(store.find(key_of(0)));
        ASSERT_EQ(told_.size(), 1U);
        EXPECT_NE(told_[0].find(key_of(0)), std::string::npos) << told_[0];
        EXPECT_EQ(store.bytes(), 0);
        put_new(store, 0, std::string(1000, 'x'));
        EXPECT_TRUE(store.find(key_of(0)));
        EXPECT_EQ(told_.size(), 1U);
    }
}

TEST_F(SegmentRecordTest, WhatCannotBeRemovedIsToldOnceToo)
{
    SegmentStore store(folder_, {}, tell_);
    std::filesystem::create_directories(file_of(0, ".json"));
    std::ofstream(file_of(0, ".json") / "precious") << "precious";
    EXPECT_FALSE(store.find(key_of(0)));
    EXPECT_FALSE(store.find(key_of(0)));
    EXPECT_EQ(told_.size(), 1U);
    EXPECT_EQ(failure([&] { put_new(store, 0, "film"); }).code(), Errc::storage);
    EXPECT_FALSE(is_there(0));
    EXPECT_EQ(read_text(file_of(0, ".json") / "precious"), "precious");
}

TEST_F(SegmentRecordTest, ARecordThatNamesAFileElsewhereIsNotFollowed)
{
    for (const std::string& name :
         {std::string("../../precious.mp4"), (dir_ / "precious.mp4").string(), "../" + key_of(1) + ".mp4",
          key_of(1) + ".mp4", key_of(0) + "/../../../precious.mp4", key_of(0) + ".json", std::string()}) {
        SCOPED_TRACE(name);
        std::ofstream(dir_ / "precious.mp4") << "precious";
        keep_from_before(2);
        forge(0, [&](auto& json) {
            json["file"] = name;
            json["bytes"] = 8;
            json["sha256"] = sha256_of("precious");
        });
        told_.clear();
        SegmentStore store(folder_, {}, tell_);
        EXPECT_FALSE(store.find(key_of(0)));
        EXPECT_EQ(told_.size(), 1U);
        EXPECT_EQ(read_text(dir_ / "precious.mp4"), "precious");
        EXPECT_TRUE(store.find(key_of(1)));
    }
}

} // namespace
} // namespace longtake::stages
