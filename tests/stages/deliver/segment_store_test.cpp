#include "stages/deliver/segment_store.h"

#include "tests/stages/deliver/kept_segments.h"
#include "tests/support/file_size_limit.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <thread>
#include <utility>

namespace longtake::stages {
namespace {

/// A process that runs `work` and then lives until it is killed, as every one is when the test ends.
class OtherProcess {
public:
    explicit OtherProcess(const std::function<void()>& work)
    {
        std::array<int, 2> ready{};
        if (::pipe(ready.data()) != 0 || (pid_ = ::fork()) < 0) {
            throw Error(Errc::internal, "no process");
        }
        if (pid_ == 0) {
            live(work, ready[1]);
        }
        ::close(ready[1]);
        char done = 0;
        ready_ = ::read(ready[0], &done, 1) == 1;
        ::close(ready[0]);
    }
    ~OtherProcess() { kill(); }
    OtherProcess(const OtherProcess&) = delete;
    OtherProcess& operator=(const OtherProcess&) = delete;

    bool ready() const { return ready_; }

    void kill()
    {
        if (pid_ > 0) {
            ::kill(std::exchange(pid_, 0), SIGKILL);
            ::wait(nullptr);
        }
    }

private:
    [[noreturn]] static void live(const std::function<void()>& work, int ready)
    {
        try {
            work();
            if (::write(ready, "x", 1) == 1) {
                for (;;) {
                    ::pause();
                }
            }
        } catch (...) { // NOLINT: the other side sees that nothing was written
        }
        ::_exit(1);
    }

    pid_t pid_ = 0;
    bool ready_ = false;
};

class SegmentStoreTest : public KeptSegments {};

TEST_F(SegmentStoreTest, FindsWhatWasKeptAndNothingElse)
{
    {
        SegmentStore store(folder_);
        const StoredSegment kept = put_new(store, 7, "a film");
        EXPECT_EQ(kept.file, file_of(7));
        EXPECT_EQ(read_text(kept.file), "a film");
    }
    SegmentStore later(folder_, {}, tell_);
    const auto found = later.find(key_of(7));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->file, file_of(7));
    EXPECT_EQ(found->frames, 7);
    EXPECT_EQ(found->frame_hashes, hashes_of(7));
    EXPECT_EQ(found->bytes, 6);
    EXPECT_FALSE(later.find(key_of(8)));
    EXPECT_EQ(told_, std::vector<std::string>{});
}

TEST_F(SegmentStoreTest, WhatWasUsedLongestAgoGoesFirst)
{
    keep_from_before(5);
    const std::int64_t each = size_of_store(folder_).bytes / 5;
    {
        SegmentStore store(folder_);
        EXPECT_TRUE(store.find(key_of(1)));
    }
    SegmentStore store(folder_, {3 * each + 10});
    store.trim();
    EXPECT_EQ(there(5), (std::vector<bool>{false, true, false, true, true}));
    EXPECT_LE(store.bytes(), 3 * each + 10);
    put_new(store, 9, std::string(1000, 'x'));
    EXPECT_EQ(there(5), (std::vector<bool>{false, true, false, false, true})) << "keeping trims";
    EXPECT_TRUE(is_there(9));
}

TEST_F(SegmentStoreTest, WithoutALimitThereIsRoom)
{
    keep_from_before(5);
    SegmentStore(folder_).trim();
    EXPECT_EQ(size_of_store(folder_).segments, 5);
}

TEST_F(SegmentStoreTest, WhatItFoundOrKeptItselfStaysBeyondTheBound)
{
    keep_from_before(3);
    {
        SegmentStore store(folder_, {1});
        EXPECT_TRUE(store.find(key_of(0)));
        put_new(store, 3, "new");
        put_new(store, 4, "newer");
        EXPECT_EQ(there(5), (std::vector<bool>{true, false, false, true, true}));
        used_before(0, 5000); // whatever its clock says
        store.trim();
        EXPECT_TRUE(is_there(0));
    }
    SegmentStore(folder_, {1}).trim();
    EXPECT_EQ(size_of_store(folder_).bytes, 0);
}

TEST_F(SegmentStoreTest, WhatAnotherProcessNeedsStaysUntilItIsKilled)
{
    keep_from_before(3);
    OtherProcess other([&] {
        static SegmentStore store(folder_);
        if (!store.find(key_of(0))) {
            throw Error(Errc::internal, "not found");
        }
        put_new(store, 3, "new");
    });
    ASSERT_TRUE(other.ready());
    SegmentStore store(folder_, {0});
    used_before(0, 5000);
    store.trim();
    EXPECT_EQ(there(4), (std::vector<bool>{true, false, false, true}));
    EXPECT_EQ(clear_store(folder_).segments, 0);
    EXPECT_EQ(there(4), (std::vector<bool>{true, false, false, true}));

    other.kill();
    store.trim();
    EXPECT_EQ(there(4), std::vector<bool>(4, false));
}

TEST_F(SegmentStoreTest, APartOfAKilledProcessIsSweptAndALiveOneStays)
{
    SegmentStore store(folder_);
    const PartFile live = store.begin(key_of(1), ".mp4");
    OtherProcess other([&] {
        static SegmentStore theirs(folder_);
        static PartFile half = theirs.begin(key_of(0), ".mp4");
        half.write("half");
    });
    ASSERT_TRUE(other.ready());
    store.trim();
    EXPECT_EQ(parts(), 2);
    other.kill();
    EXPECT_EQ(parts(), 2);
    store.trim();
    EXPECT_EQ(parts(), 1);
    EXPECT_TRUE(std::filesystem::exists(live.part()));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_ / "runs"), {}), 1) << "ours alone";
}

/// Finds or makes the same 20 segments, in an order of its own, three times; how often something was not right. No two
/// make the same bytes: whose file is there, its record fits.
int use_twenty(SegmentStore& store, int own)
{
    int wrong = 0;
    for (int i = 0; i < 60; ++i) {
        const int number = (i * (2 * own + 1) + 7 * own) % 20;
        auto found = store.find(key_of(number));
        if (!found) {
            found =
                put_new(store, number, std::to_string(number) + ":" + std::string(2000, static_cast<char>('a' + own)));
        }
        const std::string text = read_text(found->file);
        const bool right = found->frames == number && found->frame_hashes == hashes_of(number) &&
                           text.starts_with(std::to_string(number) + ":") &&
                           static_cast<std::int64_t>(text.size()) == found->bytes;
        wrong += right ? 0 : 1;
    }
    return wrong;
}

TEST_F(SegmentStoreTest, ProcessesKeepAndFindTheSameSegmentsAtOnce)
{
    std::vector<pid_t> children;
    for (int own = 0; own < 6; ++own) {
        if (const pid_t pid = ::fork(); pid != 0) {
            children.push_back(pid);
            continue;
        }
        try {
            int damaged = 0;
            SegmentStore store(folder_, {30'000}, [&](const std::string&) { ++damaged; }); // ten are beyond the bound
            ::_exit(use_twenty(store, own) + damaged);
        } catch (...) {
            ::_exit(100);
        }
    }
    for (const pid_t pid : children) {
        int status = 0;
        ASSERT_EQ(::waitpid(pid, &status, 0), pid);
        EXPECT_TRUE(WIFEXITED(status));
        EXPECT_EQ(WEXITSTATUS(status), 0);
    }
    EXPECT_EQ(size_of_store(folder_).segments, 20) << "all were needed until the end";
    SegmentStore store(folder_, {30'000}, tell_);
    store.trim();
    EXPECT_LE(store.bytes(), 30'000);
    for (int i = 0; i < 20; ++i) {
        store.find(key_of(i));
    }
    EXPECT_EQ(told_, std::vector<std::string>{});
    EXPECT_EQ(parts(), 0);
}

TEST_F(SegmentStoreTest, ThreadsShareOneStore)
{
    SegmentStore store(folder_, {30'000}, tell_);
    std::vector<int> wrong(4, -1);
    {
        std::vector<std::jthread> threads;
        for (int own = 0; own < 4; ++own) {
            threads.emplace_back([&, own] { wrong[static_cast<std::size_t>(own)] = use_twenty(store, own); });
        }
    }
    EXPECT_EQ(wrong, std::vector<int>(4, 0));
    EXPECT_EQ(told_, std::vector<std::string>{});
    EXPECT_EQ(size_of_store(folder_).segments, 20);
    EXPECT_EQ(parts(), 0);
}

TEST_F(SegmentStoreTest, WhatAnotherHasKeptMeanwhileStays)
{
    SegmentStore first(folder_);
    SegmentStore second(folder_);
    PartFile late = second.begin(key_of(0), ".mp4");
    late.write("the second");
    put_new(first, 0, "the first");
    const StoredSegment kept = second.keep(std::move(late), key_of(0), 0, hashes_of(0));
    EXPECT_EQ(kept.bytes, 9);
    EXPECT_EQ(read_text(file_of(0)), "the first");
    EXPECT_TRUE(first.find(key_of(0)));
    EXPECT_EQ(parts(), 0);
}

TEST_F(SegmentStoreTest, AFullDiskIsAnErrorAndLeavesNothing)
{
    SegmentStore store(folder_);
    PartFile file = store.begin(key_of(0), ".mp4");
    file.write("short");
    {
        const test::FileSizeLimit no_room(200); // enough for the film, not for its record
        EXPECT_EQ(failure([&] { store.keep(std::move(file), key_of(0), 1, hashes_of(0)); }).code(), Errc::storage);
    }
    EXPECT_FALSE(is_there(0));
    EXPECT_FALSE(std::filesystem::exists(file_of(0, ".json")));
    EXPECT_EQ(parts(), 0);
    {
        const test::FileSizeLimit no_room(100); // the list of what is needed is full in the middle of a key
        EXPECT_EQ(failure([&] { put_new(store, 1, "short"); }).code(), Errc::storage);
    }
    EXPECT_EQ(parts(), 0);
    put_new(store, 1, "short");
    SegmentStore(folder_, {0}).trim();
    EXPECT_TRUE(is_there(1)) << "needed, though its key was written after half a key";
}

TEST_F(SegmentStoreTest, AFileWithoutARecordIsSwept)
{
    keep_from_before(2);
    std::filesystem::remove(file_of(0, ".json"));
    SegmentStore store(folder_, {}, tell_);
    EXPECT_FALSE(store.find(key_of(0)));
    EXPECT_EQ(told_, std::vector<std::string>{});
    store.trim();
    EXPECT_FALSE(is_there(0));
    EXPECT_TRUE(is_there(1));
}

TEST_F(SegmentStoreTest, IsMeasuredAndCleared)
{
    keep_from_before(3);
    const StoreSize size = size_of_store(folder_);
    EXPECT_EQ(size.segments, 3);
    std::int64_t bytes = 0;
    for (int i = 0; i < 3; ++i) {
        bytes += static_cast<std::int64_t>(std::filesystem::file_size(file_of(i)) +
                                           std::filesystem::file_size(file_of(i, ".json")));
    }
    EXPECT_EQ(size.bytes, bytes);
    EXPECT_EQ(SegmentStore(folder_).bytes(), bytes);

    const StoreSize freed = clear_store(folder_);
    EXPECT_EQ(freed.segments, 3);
    EXPECT_EQ(freed.bytes, bytes);
    EXPECT_EQ(size_of_store(folder_).bytes, 0);
    EXPECT_FALSE(std::filesystem::exists(file_of(0).parent_path()));
    EXPECT_EQ(clear_store(folder_).segments, 0);
}

TEST_F(SegmentStoreTest, LookingForAStoreThatIsNotThereMakesNone)
{
    EXPECT_EQ(size_of_store(folder_).segments, 0);
    EXPECT_EQ(clear_store(folder_).segments, 0);
    EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST_F(SegmentStoreTest, WhatIsNotItsOwnStays)
{
    keep_from_before(1);
    const auto outside = dir_ / "outside";
    std::filesystem::create_directory(outside);
    const std::string key = "ff" + key_of(0).substr(2);
    const std::vector<std::filesystem::path> precious{outside / (key + ".mp4"),
                                                      outside / (key + ".json"),
                                                      outside / ".a.mp4.longtake-aaaaaaaa.part",
                                                      folder_ / "notes.txt",
                                                      file_of(0, ".jpeg.txt"),
                                                      file_of(0).parent_path() / (key + ".mp4"),
                                                      file_of(0).parent_path() / "film.mp4"};
    for (const auto& file : precious) {
        std::ofstream(file) << "precious";
    }
    std::filesystem::remove_all(folder_ / "ff");
    std::filesystem::create_directory_symlink(outside, folder_ / "ff");
    {
        SegmentStore store(folder_, {0}, tell_);
        EXPECT_FALSE(store.find(key));
        EXPECT_EQ(failure([&] { store.begin(key, ".mp4"); }).code(), Errc::usage);
        store.trim();
    }
    EXPECT_EQ(clear_store(folder_).segments, 0);
    EXPECT_FALSE(is_there(0));
    for (const auto& file : precious) {
        EXPECT_TRUE(std::filesystem::exists(file)) << file;
    }
    EXPECT_TRUE(std::filesystem::is_symlink(folder_ / "ff"));
    EXPECT_EQ(told_, std::vector<std::string>{});
}

TEST_F(SegmentStoreTest, AFolderThatIsNoneIsRefused)
{
    std::ofstream(folder_) << "precious";
    for (const auto& work : std::vector<std::function<void()>>{
             [&] { SegmentStore store(folder_); }, [&] { size_of_store(folder_); }, [&] { clear_store(folder_); }}) {
        const Error refused = failure(work);
        EXPECT_EQ(refused.code(), Errc::usage);
        EXPECT_NE(std::string(refused.what()).find(folder_.string() + "' is not a folder"), std::string::npos);
    }
    EXPECT_EQ(read_text(folder_), "precious");
    EXPECT_EQ(failure([&] { SegmentStore store(folder_ / "in"); }).code(), Errc::storage);

    std::filesystem::create_directories(dir_ / "other/elsewhere");
    std::filesystem::create_directory_symlink(dir_ / "other/elsewhere", dir_ / "other/runs");
    EXPECT_EQ(failure([&] { SegmentStore store(dir_ / "other"); }).code(), Errc::usage);
    EXPECT_EQ(failure([&] { clear_store(dir_ / "other"); }).code(), Errc::usage);
}

TEST_F(SegmentStoreTest, KeysAndNamesThatAreNoneAreOurFault)
{
    SegmentStore store(folder_);
    std::string capitals = key_of(0);
    std::replace_if(
        capitals.begin(), capitals.end(), [](char letter) { return letter >= 'a'; }, 'A');
    for (const std::string& key : {std::string(), std::string("../../etc/passwd"), key_of(0) + "0", capitals}) {
        EXPECT_EQ(failure([&] { store.find(key); }).code(), Errc::internal) << key;
        EXPECT_EQ(failure([&] { store.begin(key, ".mp4"); }).code(), Errc::internal) << key;
    }
    for (const char* extension : {"", "mp4", ".", ".json", "/../x.mp4", ".m/p4", ".MP4"}) {
        EXPECT_EQ(failure([&] { store.begin(key_of(0), extension); }).code(), Errc::internal) << extension;
    }
    EXPECT_EQ(failure([&] { store.keep(store.begin(key_of(0), ".mp4"), key_of(1), 1, {}); }).code(), Errc::internal);
    EXPECT_EQ(failure([&] { store.keep(PartFile(dir_ / "a.mp4"), key_of(1), 1, {}); }).code(), Errc::internal);
    EXPECT_EQ(size_of_store(folder_).segments, 0);
    EXPECT_EQ(parts(), 0);
}

} // namespace
} // namespace longtake::stages
