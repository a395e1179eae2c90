// What is said of cards before anything is made.
#include "pipeline/flow/film.h"

#include "tests/flow/film_setup.h"
#include "tests/support/boards.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>

namespace longtake {
namespace {

class CardNotesTest : public ::testing::Test {
protected:
    test::FilmSetup setup()
    {
        test::FilmSetup setup = test::setup_in(dir_.path(), "out.mp4");
        setup.observer.listener = [this](const Event& event) {
            const std::lock_guard lock(mutex_);
            events_.push_back(event);
        };
        return setup;
    }

    Storyboard board(const nlohmann::json& card, const std::string& provider = "local")
    {
        nlohmann::json shots = {{{"id", "end"}, {"card", card}, {"seconds", 0.2}}};
        if (provider != "local") {
            shots.push_back({{"id", "take"}, {"prompt", "waves"}, {"seconds", 5}});
        }
        return storyboard_from_json({{"schema", "longtake/storyboard/1"},
                                     {"title", "Cards"},
                                     {"provider", provider},
                                     {"size", "640x360"},
                                     {"fps", 10},
                                     {"shots", shots}},
                                    dir_.path(), "test");
    }

    static Plan plan(const Storyboard& board, const test::FilmSetup& setup)
    {
        return plan_film(board, setup.options, setup.account);
    }

    static FilmResult make(const Storyboard& board, const test::FilmSetup& setup)
    {
        return make_film(board, setup.options, setup.account, setup.observer);
    }

    std::vector<std::string> notes(const nlohmann::json& card) { return plan(board(card), setup()).notes; }

    test::TempDir dir_;
    std::mutex mutex_;
    std::vector<Event> events_;
};

TEST_F(CardNotesTest, ACardThatIsAsItWasMeantHasNone)
{
    EXPECT_TRUE(notes({{"text", "Open every day"}}).empty());
}

TEST_F(CardNotesTest, ContrastIsWcags)
{
    const auto grey = notes({{"text", "Open"}, {"colour", "#808080"}, {"background", "#707070"}});
    ASSERT_EQ(grey.size(), 1U);
    EXPECT_EQ(grey[0],
              "shot 'end': the text's #808080 on #707070 has a contrast of 1.2:1, hard to read below 3:1 (WCAG)");
    const nlohmann::json between = {{"text", "Open"}, {"colour", "#858585"}, {"background", "#ffffff"}}; // 3.6:1
    EXPECT_TRUE(notes(between).empty());
    nlohmann::json smaller = between;
    smaller["text"] = "Donaudampfschifffahrtsgesellschaftskapitänsmützen"; // has to shrink: no longer large
    ASSERT_EQ(notes(smaller).size(), 1U);
    EXPECT_NE(notes(smaller)[0].find("hard to read below 4.5:1"), std::string::npos);
}

TEST_F(CardNotesTest, AreSaidBeforeAnythingIsMade)
{
    const Storyboard film = board({{"text", "Grand opening \U0010FFF0"}, {"font", "Brand Grotesk Pro"}});
    const FilmResult made = make(film, setup());
    ASSERT_EQ(made.plan.notes.size(), 2U);
    EXPECT_TRUE(made.plan.notes[0].starts_with("shot 'end': the font 'Brand Grotesk Pro' is not installed"));
    EXPECT_EQ(made.plan.notes[1], "shot 'end': no installed font has the letter U+10FFF0: drawn as boxes");
    EXPECT_EQ(plan(film, setup()).notes, made.plan.notes);
    ASSERT_GE(events_.size(), 3U);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(events_[i].kind, Event::Kind::note);
        EXPECT_EQ(events_[i].text, made.plan.notes[i]);
    }
}

TEST_F(CardNotesTest, ATextThatCannotFitIsRefusedBeforeAnythingIsPaid)
{
    std::string text;
    for (int i = 0; i < 400; ++i) {
        text += "a\n";
    }
    const Storyboard film = board({{"text", text}}, "kling");
    bool asked = false;
    test::FilmSetup paid = setup();
    paid.options.consent = [&](const Plan&, const Foresight&) { return asked = true; };
    for (const bool run : {false, true}) {
        try {
            run ? static_cast<void>(make(film, paid)) : static_cast<void>(plan(film, paid));
            FAIL() << "should have thrown";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::input);
            EXPECT_TRUE(std::string(error.what()).starts_with("shot 'end': the text is too long")) << error.what();
        }
    }
    EXPECT_FALSE(asked);
    EXPECT_FALSE(std::filesystem::exists(dir_ / "work"));
}

} // namespace
} // namespace longtake
