#include "pipeline/flow/batch/batch.h"

#include "pipeline/av/probe.h"
#include "pipeline/base/error.h"
#include "pipeline/ledger/ledger.h"
#include "tests/flow/batch/cards_batch.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace longtake {
namespace {

namespace fs = std::filesystem;

std::map<std::string, std::string> outcomes(const BatchResult& result)
{
    std::map<std::string, std::string> found;
    for (const RowState& row : result.rows) {
        found[row.name] = row.kept ? "kept" : row.outcome;
    }
    return found;
}

TEST(BatchTest, MakesEveryFilmAndNamesTheRowsThatFail)
{
    test::CardsBatch cards;
    const BatchResult result =
        cards.make("name,headline,colour\ncup,Hello,#aa0000\nmug,Much too long a line,blue\njar,Bye,\n");
    EXPECT_EQ(outcomes(result),
              (std::map<std::string, std::string>{{"cup", "done"}, {"mug", "usage"}, {"jar", "done"}}));
    EXPECT_EQ(result.rows[1].message,
              "headline: has 20 letters; at most 12\ncolour: found \"blue\"; must be a colour such "
              "as \"#20140c\"");
    for (const char* name : {"cup-preview-360p.mp4", "jar-preview-360p.mp4"}) {
        EXPECT_EQ(av::probe(cards.options.output / name).video->frames_claimed, 24) << name;
    }
    const std::string errors = cards.written("errors.csv");
    EXPECT_NE(errors.find("longtake batch rows.csv --only mug"), std::string::npos) << errors;
    EXPECT_EQ(errors.find("cup"), std::string::npos);
    EXPECT_NE(cards.written("results.jsonl").find("\"name\":\"cup\",\"notes\":[],\"ok\":true"), std::string::npos)
        << cards.written("results.jsonl");
    EXPECT_NE(cards.written("index.html").find("\"outcome\":\"failed\""), std::string::npos);
    EXPECT_NE(cards.written("index.html").find("\"name\":\"mug\""), std::string::npos);
}

TEST(BatchTest, MakesOnlyWhatChanged)
{
    test::CardsBatch cards;
    cards.make("name,headline\ncup,Hello\njar,Bye\n");
    const auto film = cards.options.output / "cup-preview-360p.mp4";
    const auto before = fs::last_write_time(film);
    cards.options.film.overwrite = true;
    const BatchResult again = cards.make("name,headline\ncup,Hello\njar,Later\ntin,New\n");
    EXPECT_EQ(outcomes(again), (std::map<std::string, std::string>{{"cup", "kept"}, {"jar", "done"}, {"tin", "done"}}));
    EXPECT_EQ(fs::last_write_time(film), before);
    fs::remove(film);
    EXPECT_EQ(outcomes(cards.make("name,headline\ncup,Hello\n")).at("cup"), "done");
    EXPECT_TRUE(fs::exists(film));
}

TEST(BatchTest, WhatFilmsHaveAlikeIsMadeOnce)
{
    test::CardsBatch cards;
    cards.options.films_at_once = 2;
    cards.make("name,headline\na,One\nb,Two\nc,Three\nd,Four\n");
    const auto ledger = open_ledger(batch_folder(cards.options.output) / "ledger.db", Durability::read_only);
    EXPECT_EQ(ledger->takes().size(), 1U); // the picture all of them begin with
}

TEST(BatchTest, RowsOfItsOwnChoiceAndAFewAtATime)
{
    test::CardsBatch cards;
    const std::string csv = "name,headline\na,One\nb,Two\nc,Three\n";
    cards.options.only = {"2", "c"};
    EXPECT_EQ(outcomes(cards.make(csv)), (std::map<std::string, std::string>{{"b", "done"}, {"c", "done"}}));
    cards.options.only = {"d"};
    EXPECT_THROW(cards.make(csv), Error);
    cards.options.only.clear();
    cards.options.limit = 1;
    EXPECT_EQ(outcomes(cards.make(csv)), (std::map<std::string, std::string>{{"a", "done"}}));
}

TEST(BatchTest, ARowThatFailedByItselfIsLeftUntilItIsAskedForAgain)
{
    test::CardsBatch cards;
    make_folder(cards.options.output);
    write_atomic(cards.options.output / "cup-preview-360p.mp4", "somebody else's");
    const std::string csv = "name,headline\ncup,Hello\n";
    EXPECT_EQ(outcomes(cards.make(csv)).at("cup"), "usage"); // is there already
    fs::remove(cards.options.output / "cup-preview-360p.mp4");
    EXPECT_EQ(outcomes(cards.make(csv)).at("cup"), "usage");
    cards.options.retry_failed = true;
    EXPECT_EQ(outcomes(cards.make(csv)).at("cup"), "done");
}

TEST(BatchTest, ACrashTakesOneFilm)
{
    test::CardsBatch cards;
    cards.options.films_at_once = 1;
    cards.options.watch_signals = []() -> std::stop_token {
        std::abort(); // in every row's own process
    };
    EXPECT_EQ(outcomes(cards.make("name,headline\na,One\nb,Two\n")),
              (std::map<std::string, std::string>{{"a", "crashed"}, {"b", "crashed"}}));
    cards.options.watch_signals = {};
    EXPECT_EQ(outcomes(cards.make("name,headline\na,One\nb,Two\n")),
              (std::map<std::string, std::string>{{"a", "done"}, {"b", "done"}})); // without being asked
}

TEST(BatchTest, IsStoppedAndGoesOn)
{
    test::CardsBatch cards;
    std::stop_source stop;
    stop.request_stop();
    cards.observer.stop = stop.get_token();
    const BatchResult none = cards.make("name,headline\na,One\n");
    EXPECT_TRUE(none.interrupted);
    EXPECT_EQ(none.done(), 0U);
    cards.observer.stop = {};
    EXPECT_EQ(cards.make("name,headline\na,One\n").done(), 1U);
}

TEST(BatchTest, PaidFilmsAreAgreedToOnceAndTheirTakesCountedOnce)
{
    test::CardsBatch cards;
    cards.use("paid.json");
    const auto table = cards.table("name,headline\na,One\nb,Two\nc,Three\n");
    const BatchPlan plan = plan_batch(cards.source, table, cards.options, cards.account);
    EXPECT_EQ(plan.films, 3U);
    EXPECT_TRUE(plan.paid);
    EXPECT_EQ(plan.takes, 1U);
    int asked = 0;
    cards.options.consent = [&](const BatchPlan&, double spent) {
        EXPECT_EQ(spent, 0);
        ++asked;
        return false;
    };
    try {
        make_batch(cards.source, table, cards.options, cards.account, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::budget);
    }
    EXPECT_EQ(asked, 1);
    cards.options.film.max_cost = 0.01;
    EXPECT_THROW(make_batch(cards.source, table, cards.options, cards.account, {}), Error);
    EXPECT_EQ(asked, 1);
}

} // namespace
} // namespace longtake
