#include "stages/deliver/segment_share.h"

#include "stages/deliver/deliver.h"
#include "tests/support/scenes.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

namespace longtake::stages {
namespace {

/// Another machine with a store of its own, which has every second segment until it lets go.
class OtherMachine : public SegmentShare {
public:
    OtherMachine(std::filesystem::path store, bool helps) : store_(std::move(store)), helps_(helps) {}

    bool helps() const noexcept override { return helps_; }
    bool wants_help() override { return true; }
    void offer(const std::vector<std::string>& keys) override
    {
        const std::lock_guard lock(mutex_);
        offered.insert(keys.begin(), keys.end());
    }

    bool claim(const std::string& key) override
    {
        const std::lock_guard lock(mutex_);
        const int asked = claims[key]++;
        return is_first_half(key) || (lets_go && asked > 0);
    }

    void made(const std::string& key, const StoredSegment&) override
    {
        const std::lock_guard lock(mutex_);
        made_here.insert(key);
    }

    std::optional<StoredSegment> fetch(const std::string& key, SegmentStore& store) override
    {
        if (lets_go) {
            return std::nullopt;
        }
        const auto theirs = SegmentStore(store_).find(key);
        if (!theirs) {
            return std::nullopt;
        }
        PartFile part = store.begin(key, theirs->file.extension().string());
        part.write(read_text(theirs->file));
        const std::lock_guard lock(mutex_);
        fetched.insert(key);
        return store.keep(std::move(part), key, theirs->frames, theirs->frame_hashes);
    }

    static bool is_first_half(const std::string& key) { return key.front() < '8'; }

    bool lets_go = false;
    std::set<std::string> offered;
    std::set<std::string> made_here;
    std::set<std::string> fetched;
    std::map<std::string, int> claims;

private:
    const std::filesystem::path store_;
    const bool helps_;
    std::mutex mutex_;
};

class SegmentShareTest : public ::testing::Test {
protected:
    Timeline film()
    {
        Timeline timeline;
        timeline.rate = {24, 1};
        timeline.size = {320, 180};
        for (int look = 0; look < 6; ++look) {
            const std::filesystem::path file = dir_ / ("scene" + std::to_string(look) + ".mp4");
            if (!std::filesystem::exists(file)) {
                test::write_scene(file, {.frames = 30, .look = look});
            }
            Range range;
            range.file = file;
            range.sha256 = "scene" + std::to_string(look);
            range.frames = 30;
            timeline.items.push_back({"shot" + std::to_string(look), timeline.frames(), 30, {}, {range}});
        }
        return timeline;
    }

    std::vector<Deliverable> delivered(const std::string& name, std::shared_ptr<SegmentShare> share = nullptr)
    {
        Preset preset = master_preset();
        preset.name = "small";
        preset.copies = Preset::Copies::none;
        preset.size = Size{320, 180};
        preset.video.encoder_preset = "veryfast";
        DeliverSettings settings;
        settings.scratch = dir_ / "scratch";
        settings.jobs = 2;
        settings.segments = std::make_shared<SegmentStore>(dir_ / (name + "-segments"));
        settings.share = std::move(share);
        settings.progress = [this](const OutputSpec&, std::int64_t done, std::int64_t) {
            done_ = std::max(done_, done);
        };
        std::filesystem::create_directories(dir_ / name);
        return deliver(film(), {{preset, dir_ / name / "film.mp4"}}, settings);
    }

    std::string bytes(const std::string& name) { return read_text(dir_ / name / "film.mp4"); }

    test::TempDir dir_;
    std::int64_t done_ = 0;
};

TEST_F(SegmentShareTest, WhatAnotherMakesIsFetchedAndTheFilmIsTheSame)
{
    delivered("alone");
    const auto other = std::make_shared<OtherMachine>(dir_ / "alone-segments", false);
    done_ = 0;
    delivered("together", other);
    EXPECT_EQ(bytes("together"), bytes("alone"));
    EXPECT_FALSE(other->fetched.empty());
    EXPECT_FALSE(other->made_here.empty());
    EXPECT_EQ(other->fetched.size() + other->made_here.size(), 6U);
    EXPECT_TRUE(std::ranges::none_of(other->fetched, OtherMachine::is_first_half));
    EXPECT_EQ(done_, 180) << "frames of others count";
}

TEST_F(SegmentShareTest, WhatAnotherLetsGoIsMadeHere)
{
    delivered("alone");
    const auto other = std::make_shared<OtherMachine>(dir_ / "alone-segments", false);
    other->lets_go = true;
    delivered("left", other);
    EXPECT_EQ(bytes("left"), bytes("alone"));
    EXPECT_EQ(other->made_here.size(), 6U);
    EXPECT_TRUE(other->fetched.empty());
}

TEST_F(SegmentShareTest, AHelperMakesWhatItMayAndDeliversNothing)
{
    const auto owner = std::make_shared<OtherMachine>(dir_ / "alone-segments", true);
    EXPECT_TRUE(delivered("help", owner).empty());
    EXPECT_FALSE(std::filesystem::exists(dir_ / "help/film.mp4"));
    EXPECT_FALSE(owner->made_here.empty());
    EXPECT_TRUE(std::ranges::all_of(owner->made_here, OtherMachine::is_first_half));
    for (const auto& [key, asked] : owner->claims) {
        EXPECT_EQ(asked, 1) << "a helper waits for nobody";
    }
    EXPECT_TRUE(owner->offered.empty());
}

} // namespace
} // namespace longtake::stages
