// Against Debian's Swift with s3api, which checks signatures and what it is sent. Where Swift is not installed the
// tests that need it are skipped; ./dev test installs it.
#include "pipeline/http/s3_store.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <memory>

namespace longtake::http {
namespace {

/// What tests/support/swift.sh says.
std::string swift(const std::string& words)
{
    const std::string command = std::string(LONGTAKE_SOURCE_DIR) + "/tests/support/swift.sh " + words + " 2>/dev/null";
    FILE* const pipe = ::popen(command.c_str(), "r");
    std::string said;
    for (int c = std::fgetc(pipe); c != EOF && c != '\n'; c = std::fgetc(pipe)) {
        said += static_cast<char>(c);
    }
    ::pclose(pipe);
    return said;
}

class S3StoreTest : public ::testing::Test {
protected:
    /// One server for all: it takes seconds to start.
    static void SetUpTestSuite()
    {
        server_ = std::make_unique<test::TempDir>();
        address_ = swift("start " + folder());
    }
    static void TearDownTestSuite()
    {
        swift("stop " + folder());
        server_.reset();
    }
    static std::string folder() { return (*server_ / "swift").string(); }

    void SetUp() override
    {
        if (address_.empty()) {
            GTEST_SKIP() << "no Swift here";
        }
        variables_ = {{"AWS_ACCESS_KEY_ID", "test:tester"},
                      {"AWS_SECRET_ACCESS_KEY", "testing"},
                      {"AWS_ENDPOINT_URL_S3", address_}};
    }

    std::shared_ptr<Store> open(const std::string& place = "s3://films/night") const
    {
        return open_s3_store(place, [this](const std::string& name) -> std::optional<std::string> {
            const auto found = variables_.find(name);
            return found == variables_.end() ? std::nullopt : std::optional(found->second);
        });
    }

    std::filesystem::path file(const std::string& text) const
    {
        write_atomic(dir_ / "file", text);
        return dir_ / "file";
    }

    Errc failure(Store& store) const
    {
        try {
            store.put(file("x"), "a/b");
        } catch (const Error& error) {
            said_ = error.what();
            return error.code();
        }
        return Errc::internal;
    }

    test::TempDir dir_;
    std::map<std::string, std::string> variables_;
    mutable std::string said_;
    static inline std::unique_ptr<test::TempDir> server_;
    static inline std::string address_;
};

TEST_F(S3StoreTest, GivesBackWhatWasPutThere)
{
    const auto store = open();
    EXPECT_FALSE(store->has("sha256/ab/abc"));
    EXPECT_FALSE(store->get("sha256/ab/abc", dir_ / "back"));
    EXPECT_FALSE(std::filesystem::exists(dir_ / "back"));
    for (const std::string& text : {std::string("one"), std::string(), std::string(3'000'000, 'x')}) {
        store->put(file(text), "sha256/ab/abc");
        EXPECT_TRUE(store->has("sha256/ab/abc"));
        EXPECT_TRUE(store->get("sha256/ab/abc", dir_ / "deep/back"));
        EXPECT_EQ(read_text(dir_ / "deep/back"), text);
    }
    store->remove("sha256/ab/abc");
    store->remove("sha256/ab/abc");
    EXPECT_FALSE(store->has("sha256/ab/abc"));
    check_store(*store);
    EXPECT_EQ(store->name(), "s3://films/night/");
}

TEST_F(S3StoreTest, AFileOfManyPartsComesBackWhole)
{
    const std::filesystem::path large = dir_ / "large";
    {
        PartFile part(large);
        std::string block(1U << 20U, '\0');
        for (int i = 0; i < 150; ++i) { // more than two parts of 64 MB
            for (std::size_t at = 0; at < block.size(); at += 4096) {
                block[at] = static_cast<char>(i + static_cast<int>(at >> 12U));
            }
            part.write(block);
        }
        part.commit();
    }
    const auto store = open();
    store->put(large, "large");
    EXPECT_TRUE(store->get("large", dir_ / "back"));
    EXPECT_EQ(sha256_of_file(dir_ / "back"), sha256_of_file(large));
}

TEST_F(S3StoreTest, WhatIsRefusedIsSaid)
{
    variables_["AWS_SECRET_ACCESS_KEY"] = "wrong-secret";
    EXPECT_EQ(failure(*open()), Errc::credentials);
    EXPECT_NE(said_.find("SignatureDoesNotMatch"), std::string::npos) << said_;
    EXPECT_EQ(said_.find("wrong-secret"), std::string::npos);
    variables_["AWS_SECRET_ACCESS_KEY"] = "testing";
    EXPECT_EQ(failure(*open("s3://other-bucket")), Errc::storage);
    EXPECT_NE(said_.find("NoSuchBucket"), std::string::npos) << said_;
    EXPECT_THROW(open("s3://other-bucket")->get("a", dir_ / "back"), Error) << "no bucket is no missing file";
    variables_["AWS_REGION"] = "mars-1";
    EXPECT_NE(failure(*open()), Errc::internal);
}

TEST_F(S3StoreTest, AServerThatEndsIsOutOfReachAndNothingIsThere)
{
    const auto store = open();
    store->put(file("one"), "a/b");
    swift("stop " + folder());
    EXPECT_EQ(failure(*store), Errc::pending);
    EXPECT_THROW(store->has("a/b"), Error) << "not known is not missing";
    EXPECT_THROW(store->get("a/b", dir_ / "back"), Error);
    EXPECT_FALSE(std::filesystem::exists(dir_ / "back"));
}

TEST(S3PlaceTest, IsABucketAndAPrefix)
{
    const auto nothing = [](const std::string&) { return std::optional<std::string>(); };
    for (const char* place : {"s3://", "s3://Bucket", "s3://bucket/a b", "s3://bucket/../x"}) {
        EXPECT_THROW(open_s3_store(place, nothing), Error) << place;
    }
    const auto keys = [](const std::string& name) -> std::optional<std::string> {
        return name.starts_with("AWS_") && name.ends_with("KEY_ID") ? "id"
               : name == "AWS_SECRET_ACCESS_KEY"                    ? std::optional<std::string>("secret-word")
                                                                    : std::nullopt;
    };
    EXPECT_EQ(open_s3_store("s3://bucket", keys)->name(), "s3://bucket/");
    EXPECT_EQ(open_s3_store("s3://bucket/films/", keys)->name(), "s3://bucket/films/");
}

} // namespace
} // namespace longtake::http
