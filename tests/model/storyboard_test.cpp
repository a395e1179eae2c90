#include "pipeline/model/storyboard.h"

#include "pipeline/base/error.h"
#include "pipeline/model/schema/schema.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>

namespace longtake {
namespace {

using test::TempDir;

Storyboard board_of(const std::string& text)
{
    return storyboard_from_json(parse_json(text, "storyboard.json"), "/films", "storyboard.json");
}

/// A board of these shots.
Storyboard shots(const std::string& list)
{
    return board_of(R"({"schema":"longtake/storyboard/1","shots":[)" + list + "]}");
}

/// What is said about a wrong board; empty if it is accepted.
std::string storyboard_complaint(const std::string& text)
{
    try {
        (void)board_of(text);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::usage);
        return error.what();
    }
    return {};
}

std::string shot_complaint(const std::string& list)
{
    return storyboard_complaint(R"({"schema":"longtake/storyboard/1","shots":[)" + list + "]}");
}

TEST(StoryboardTest, ShotsStartFromTheDefaultsAndHaveTheLastWord)
{
    const Storyboard board = board_of(R"({
        "schema": "longtake/storyboard/1", "title": "Morning", "provider": "kling", "size": "1280x720", "fps": 29.97,
        "defaults": {"model": "kling-v1-6", "mode": "pro", "fit": "crop", "continue": "last-frame", "cfg_scale": 0.7,
                     "transition": {"type": "dissolve", "seconds": 0.8, "timing": "overlap"}, "camera": {"zoom": 3}},
        "shots": [
            {"id": "a", "image": "a.jpg", "prompt": "p", "seconds": 5},
            {"id": "b", "image": "b.jpg", "seconds": 5, "mode": "std", "fit": "pad", "background": "#aabbcc"},
            {"id": "c", "image": "c.jpg", "seconds": 5, "transition": {"type": "fade_black"}}
        ]})");

    EXPECT_EQ(board.provider, "kling");
    EXPECT_EQ(board.size, (Size{1280, 720}));
    EXPECT_EQ(board.fps->text(), "30000/1001");
    const auto& [a, b, c] = std::tie(board.shots[0], board.shots[1], board.shots[2]);
    EXPECT_EQ(a.settings.mode, "pro");
    EXPECT_EQ(a.settings.fit, Fit::crop);
    EXPECT_EQ(a.settings.continuation, Continuation::last_frame);
    EXPECT_DOUBLE_EQ(a.settings.cfg_scale, 0.7);
    EXPECT_DOUBLE_EQ(a.settings.camera->zoom, 3);
    EXPECT_EQ(b.settings.mode, "std");
    EXPECT_EQ(b.settings.fit, Fit::pad);
    EXPECT_EQ(b.settings.background, "#aabbcc");
    EXPECT_EQ(b.settings.transition.type, TransitionType::dissolve);
    EXPECT_DOUBLE_EQ(b.settings.transition.seconds, 0.8);
    EXPECT_EQ(b.settings.transition.timing, Timing::overlap);
    EXPECT_EQ(c.settings.transition.type, TransitionType::fade_black);
    EXPECT_DOUBLE_EQ(c.settings.transition.seconds, 0.5);
    EXPECT_EQ(c.settings.transition.timing, Timing::automatic);
}

TEST(StoryboardTest, ABackgroundIsAColourOrEdge)
{
    EXPECT_EQ(shots(R"({"image":"a.jpg","seconds":1,"background":"edge"})").shots[0].settings.background, "edge");
    for (const char* wrong : {"white", "#12", "edges", ""}) {
        try {
            shots(std::string(R"({"image":"a.jpg","seconds":1,"background":")") + wrong + "\"}");
            FAIL() << wrong;
        } catch (const Error& error) {
            EXPECT_NE(std::string(error.what()).find("\"edge\""), std::string::npos) << error.what();
        }
    }
    EXPECT_THROW(shots(R"({"card":{"text":"t","background":"edge"},"seconds":1})"), Error);
}

TEST(StoryboardTest, TheFirstShotDoesNotTakeTheDefaultTransition)
{
    const Storyboard board = board_of(R"({"schema":"longtake/storyboard/1",
        "defaults":{"transition":{"type":"dissolve"}}, "shots":[{"image":"a.jpg","seconds":1}]})");
    EXPECT_EQ(board.shots[0].settings.transition.type, TransitionType::cut);
    EXPECT_DOUBLE_EQ(board.shots[0].settings.transition.seconds, 0);
}

TEST(StoryboardTest, PathsAreRelativeToItsFolder)
{
    const Storyboard board =
        shots(R"({"image":"pictures/../a.jpg","end_image":"/abs/b.jpg","seconds":1},{"clip":"c d.mp4"})");
    EXPECT_EQ(board.shots[0].image, "/films/a.jpg");
    EXPECT_EQ(board.shots[0].end_image, "/abs/b.jpg");
    EXPECT_EQ(board.shots[1].clip, "/films/c d.mp4");
}

TEST(StoryboardTest, ReadsTimesAsNumbersAndAsClocks)
{
    const Storyboard board = shots(R"({"image":"a.jpg","seconds":"01:02.500"},{"image":"a.jpg","seconds":"00:59:59.9"},
                                      {"clip":"c.mp4","in":"0:01","out":6.5})");
    EXPECT_DOUBLE_EQ(*board.shots[0].seconds, 62.5);
    EXPECT_DOUBLE_EQ(*board.shots[1].seconds, 3599.9);
    EXPECT_DOUBLE_EQ(board.shots[2].in, 1);
    EXPECT_DOUBLE_EQ(*board.shots[2].out, 6.5);
}

TEST(StoryboardTest, NumbersShotsWithoutAnId)
{
    const Storyboard board = shots(R"({"prompt":"rain","seconds":5},{"card":{"text":"End"},"seconds":3})");
    EXPECT_EQ(board.shots[0].id, "shot-1");
    EXPECT_EQ(board.shots[1].id, "shot-2");
    EXPECT_EQ(board.shots[1].card->text, "End");
    EXPECT_EQ(board.shots[1].card->background, "#101010");
}

TEST(StoryboardTest, AllowsCommentsAnEditorsSchemaAndAuto)
{
    const Storyboard board = board_of(R"({ // a film
        "$schema": "https://example.com/storyboard.schema.json", "schema": "longtake/storyboard/1",
        "size": "auto", "fps": "auto", /* both */ "shots": [{"image": "a.jpg", "seconds": 1}],
        "audio": {"music": "m.flac", "fade_out": "0:02", "loudness": -16}, "deliver": ["youtube/1080p30"]})");
    EXPECT_FALSE(board.size);
    EXPECT_FALSE(board.fps);
    EXPECT_EQ(board.audio.music, "/films/m.flac");
    EXPECT_DOUBLE_EQ(board.audio.fade_out.value_or(0), 2);
    EXPECT_DOUBLE_EQ(board.audio.music_db, -16);
    EXPECT_DOUBLE_EQ(*board.audio.loudness, -16);
    EXPECT_EQ(board.deliver, std::vector<std::string>{"youtube/1080p30"});
}

TEST(StoryboardTest, ReadsTheMotionBrush)
{
    const Storyboard board = shots(R"({"image":"a.jpg","seconds":5,"static_mask":"s.png",
        "dynamic_masks":[{"mask":"m.png","trajectory":[{"x":1,"y":2},{"x":3,"y":4}]}]})");
    ASSERT_EQ(board.shots[0].dynamic_masks.size(), 1U);
    EXPECT_EQ(board.shots[0].dynamic_masks[0].mask, "/films/m.png");
    EXPECT_EQ(board.shots[0].dynamic_masks[0].trajectory[1].y, 4);
}

TEST(StoryboardTest, ReadsWhatAServiceCanDoBesideAPictureAndAPrompt)
{
    const Storyboard board = board_of(R"({"schema":"longtake/storyboard/1",
        "defaults":{"sound":true,"voices":["v1"],"callback_url":"https://example.com/x","max_drift":4},
        "shots":[
            {"images":["a.jpg","b.jpg"],"prompt":"p","seconds":5,"watermark":true,"match_colour":"anchor"},
            {"multi_shot":[{"prompt":"wide","seconds":3},{"prompt":"close","seconds":5}],"sound":false},
            {"image":"a.jpg","effect":"hug_pro","seconds":5,"voices":["v2","v3"]},
            {"images":["a.jpg","b.jpg"],"effect":{"scene":"kiss_pro"},"seconds":5,
             "lip_sync":{"text":"Hello","voice":"girl","language":"zh","speed":1.2}},
            {"image":"a.jpg","seconds":5,"lip_sync":{"audio":"speech.mp3"},"match_colour":"off"}]})");

    EXPECT_EQ(board.shots[0].images, (std::vector<std::filesystem::path>{"/films/a.jpg", "/films/b.jpg"}));
    EXPECT_TRUE(board.shots[0].settings.watermark);
    EXPECT_EQ(board.shots[0].settings.match_colour, MatchColour::anchor);
    EXPECT_EQ(board.shots[0].settings.callback_url, "https://example.com/x");
    EXPECT_EQ(board.shots[0].settings.voices, std::vector<std::string>{"v1"});
    EXPECT_EQ(board.shots[1].multi_shot[1].prompt, "close");
    EXPECT_DOUBLE_EQ(*board.shots[1].seconds, 8) << "the sum of its parts";
    EXPECT_TRUE(board.shots[1].settings.voices.empty()) << "nobody speaks in a silent shot";
    EXPECT_EQ(board.shots[2].effect->scene, "hug_pro");
    EXPECT_EQ(board.shots[2].settings.voices.size(), 2U);
    EXPECT_EQ(board.shots[3].effect->scene, "kiss_pro");
    EXPECT_EQ(board.shots[3].lip_sync->voice, "girl");
    EXPECT_EQ(board.shots[3].lip_sync->language, "zh");
    EXPECT_DOUBLE_EQ(board.shots[3].lip_sync->speed, 1.2);
    EXPECT_DOUBLE_EQ(board.shots[3].settings.max_drift, 4);
    EXPECT_EQ(board.shots[4].lip_sync->audio, "/films/speech.mp3");
    EXPECT_EQ(board.shots[4].settings.match_colour, MatchColour::off);
}

TEST(StoryboardTest, ReadsAFileAndRemembersIt)
{
    const TempDir dir;
    std::ofstream(dir / "film.json") << R"({"schema":"longtake/storyboard/1","shots":[{"image":"a.jpg","seconds":1}]})";
    const Storyboard board = load_storyboard(dir / "film.json");
    EXPECT_EQ(board.file, dir / "film.json");
    EXPECT_EQ(board.shots[0].image, dir / "a.jpg");
}

// What is said of wrong storyboards, word for word.

TEST(StoryboardErrorTest, NamesTheNearestWord)
{
    EXPECT_EQ(shot_complaint(R"({"image":"a","seconds":1},{"image":"a","seconds":1,"transition":{"type":"disolve"}})"),
              R"(storyboard.json: /shots/1/transition/type: found "disolve"; allowed: cut, dissolve, fade_black, )"
              R"(fade_white, wipe_left, wipe_right, wipe_up, wipe_down, slide_left, slide_right, iris, morph; )"
              R"(did you mean "dissolve"?)");
}

TEST(StoryboardErrorTest, NamesTheNearestKey)
{
    const std::string text = shot_complaint(R"({"image":"a","seconds":1,"secs":2})");
    EXPECT_EQ(text.substr(0, text.find(" aspect_ratio")),
              R"(storyboard.json: /shots/0/secs: unknown key; did you mean "seconds"? allowed:)");
    EXPECT_NE(text.find(" id, image, images, in, "), std::string::npos) << text;
}

TEST(StoryboardErrorTest, SaysWhichBoundIsBroken)
{
    EXPECT_EQ(shot_complaint(R"({"image":"a","seconds":-3})"),
              "storyboard.json: /shots/0/seconds: found -3; must be > 0");
    EXPECT_EQ(shot_complaint(R"({"image":"a","seconds":4000})"),
              "storyboard.json: /shots/0/seconds: found 4000; must be <= 3600");
    EXPECT_EQ(shot_complaint(R"({"image":"a","seconds":"60:00.5"})"),
              "storyboard.json: /shots/0/seconds: found \"60:00.5\"; must be <= 3600 seconds");
    EXPECT_EQ(shot_complaint(R"({"image":"a","seconds":"0:00"})"),
              "storyboard.json: /shots/0/seconds: found \"0:00\"; must be > 0");
    EXPECT_EQ(shot_complaint(R"({"image":"a","seconds":1,"camera":{"zoom":11}})"),
              "storyboard.json: /shots/0/camera/zoom: found 11; must be <= 10");
}

TEST(StoryboardTest, ReadsCaptionsVoicesAndTheEnding)
{
    const Storyboard board =
        storyboard_from_json(nlohmann::json::parse(R"({"schema":"longtake/storyboard/1","ending":"fade",
            "captions":{"file":"c.vtt","as":["soft","side-car"],"language":"pt-BR","highlight_words":false},
            "audio":{"voice":"all.wav","voice_db":-2,"music":"m.wav","beat":true},
            "shots":[{"image":"a","seconds":"voice","voice":"v.wav","caption":"Hello"}]})"),
                             "/board", "test");
    EXPECT_EQ(board.ending, Ending::fade);
    ASSERT_TRUE(board.captions);
    EXPECT_EQ(board.captions->file, "/board/c.vtt");
    EXPECT_TRUE(board.captions->has(CaptionForm::side_car));
    EXPECT_FALSE(board.captions->has(CaptionForm::burned));
    EXPECT_FALSE(board.captions->highlight_words);
    EXPECT_EQ(board.audio.voice, "/board/all.wav");
    EXPECT_EQ(board.audio.voice_db, -2);
    EXPECT_TRUE(board.audio.beat);
    EXPECT_EQ(board.shots[0].voice, "/board/v.wav");
    EXPECT_TRUE(board.shots[0].as_long_as_voice);
    EXPECT_FALSE(board.shots[0].seconds);
    EXPECT_EQ(board.shots[0].caption, "Hello");
    EXPECT_EQ(voice_files(board).size(), 2U);
}

TEST(StoryboardTest, AShotMayBeAsLongAsItsTexts)
{
    const Storyboard board = storyboard_from_json(nlohmann::json::parse(R"({"schema":"longtake/storyboard/1",
            "shots":[{"card":{"text":"Hello"},"seconds":"text"},{"card":{"text":"Hello"},"seconds":3}]})"),
                                                  "/board", "test");
    EXPECT_TRUE(board.shots[0].as_long_as_text);
    EXPECT_FALSE(board.shots[0].seconds);
    EXPECT_FALSE(board.shots[1].as_long_as_text);
    EXPECT_EQ(
        shot_complaint(R"({"image":"a","seconds":"text"})"),
        R"(storyboard.json: /shots/0/seconds: found "text", and there is none; add a card, overlays or a caption)");
}

TEST(StoryboardErrorTest, SaysWhatATimeLooksLike)
{
    EXPECT_EQ(
        shot_complaint(R"({"image":"a","seconds":"abc"})"),
        R"(storyboard.json: /shots/0/seconds: found a string "abc"; must be a number of seconds, "MM:SS.mmm", "voice" or "text")");
    EXPECT_EQ(
        shot_complaint(R"({"image":"a","seconds":true})"),
        R"(storyboard.json: /shots/0/seconds: found true; must be a number of seconds, "MM:SS.mmm", "voice" or "text")");
    EXPECT_EQ(
        shot_complaint(R"({"image":"a","seconds":"1:75"})"),
        R"(storyboard.json: /shots/0/seconds: found a string "1:75"; must be a number of seconds, "MM:SS.mmm", "voice" or "text")");
}

TEST(StoryboardErrorTest, ReportsEveryProblemOnALineOfItsOwn)
{
    EXPECT_EQ(storyboard_complaint(R"({"schema":"longtake/storyboard/1","fps":0,
                            "shots":[{"image":3,"seconds":1},{"image":"a","seconds":1,"mode":"ultra"}]})"),
              "storyboard.json: /fps: found 0; must be >= 1\n"
              "storyboard.json: /shots/0/image: found a number 3; must be a string\n"
              "storyboard.json: /shots/1/mode: found \"ultra\"; allowed: std, pro, 4k");
}

TEST(StoryboardErrorTest, WantsOneSubjectAShot)
{
    EXPECT_EQ(shot_complaint(R"({"image":"a","clip":"b","seconds":1})"),
              "storyboard.json: /shots/0: found image and clip; a shot has one of image, images, edit, clip, card");
    EXPECT_EQ(shot_complaint(R"({"seconds":1})"), "storyboard.json: /shots/0: needs an image, images, a clip, a film "
                                                  "to edit or a card, or a prompt alone for text to video");
}

TEST(StoryboardErrorTest, WantsKeysWhereTheyBelong)
{
    EXPECT_EQ(shot_complaint(R"({"image":"a","seconds":1,"in":1})"), "storyboard.json: /shots/0/in: only with clip");
    EXPECT_EQ(shot_complaint(R"({"prompt":"p","seconds":1,"end_image":"b"})"),
              "storyboard.json: /shots/0/end_image: only with image");
    EXPECT_EQ(shot_complaint(R"({"clip":"a","prompt":"p"})"),
              "storyboard.json: /shots/0/prompt: has no effect on a clip; remove it");
    EXPECT_EQ(shot_complaint(R"({"image":"a","seconds":1,"camera":{"type":"forward_up","pan":1}})"),
              "storyboard.json: /shots/0/camera/pan: only with type simple");
}

TEST(StoryboardErrorTest, WantsALengthAndTimesInOrder)
{
    EXPECT_EQ(shot_complaint(R"({"image":"a"})"), "storyboard.json: /shots/0/seconds: missing");
    EXPECT_EQ(shot_complaint(R"({"clip":"a","in":5,"out":"0:02"})"),
              "storyboard.json: /shots/0/out: found \"0:02\"; must be > in (5)");
}

TEST(StoryboardErrorTest, WantsIdsOnce)
{
    EXPECT_EQ(shot_complaint(R"({"image":"a","seconds":1},{"id":"shot-1","image":"a","seconds":1})"),
              "storyboard.json: /shots/1/id: \"shot-1\" is already the id of /shots/0");
    EXPECT_EQ(
        shot_complaint(R"({"id":"a/b","image":"a","seconds":1})"),
        "storyboard.json: /shots/0/id: found \"a/b\"; must be 1 to 64 letters, digits, dots, dashes or underscores");
}

TEST(StoryboardErrorTest, RefusesATransitionIntoTheFirstShotAndACutWithALength)
{
    EXPECT_EQ(
        shot_complaint(R"({"image":"a","seconds":1,"transition":{"type":"dissolve"}})"),
        "storyboard.json: /shots/0/transition: the first shot has nothing to come from; remove it or make it a cut");
    EXPECT_EQ(shot_complaint(
                  R"({"image":"a","seconds":1},{"image":"a","seconds":1,"transition":{"type":"cut","seconds":1}})"),
              "storyboard.json: /shots/1/transition/seconds: a cut has no length; remove it or name another type");
    EXPECT_EQ(shot_complaint(R"({"image":"a","seconds":1,"transition":{"type":"cut"}})"), "");
}

TEST(StoryboardErrorTest, SaysWhatThisVersionCannotDoYet)
{
    EXPECT_EQ(storyboard_complaint(R"({"schema":"longtake/storyboard/1",
                            "shots":[{"image":"a","seconds":1,"element_list":[]}]})"),
              "storyboard.json: /shots/0/element_list: not supported by this version; remove it");
}

TEST(StoryboardErrorTest, CaptionsAndVoicesNeedWhatTheySpeakOf)
{
    EXPECT_EQ(storyboard_complaint(R"({"schema":"longtake/storyboard/1","captions":{"as":["soft"]},
                            "shots":[{"image":"a","seconds":1}]})"),
              "storyboard.json: /captions/file: missing, and no shot has a \"caption\"");
    EXPECT_EQ(storyboard_complaint(R"({"schema":"longtake/storyboard/1","captions":"https://a/b.srt",
                            "shots":[{"image":"a","seconds":1}]})"),
              "storyboard.json: /captions: found an address; must be a file: download it first");
    EXPECT_EQ(shot_complaint(R"({"image":"a","seconds":"voice"})"),
              "storyboard.json: /shots/0/voice: missing; the shot is to be as long as it");
    EXPECT_EQ(shot_complaint(R"({"image":"a","seconds":"voice","voice":"v.wav"})"), "");
}

TEST(StoryboardErrorTest, KnowsItsOwnVersionOnly)
{
    EXPECT_EQ(
        storyboard_complaint(R"({"schema":"longtake/storyboard/2","shots":[],"news":1})"),
        "storyboard.json: /schema: found \"longtake/storyboard/2\"; this version reads \"longtake/storyboard/1\"");
    EXPECT_EQ(storyboard_complaint(R"({"shots":[]})"),
              "storyboard.json: /schema: missing; must be \"longtake/storyboard/1\"");
    EXPECT_EQ(storyboard_complaint("[]"), "storyboard.json: /: found a list; must be an object");
}

TEST(StoryboardErrorTest, WantsBetweenOneAndAThousandShots)
{
    EXPECT_EQ(shot_complaint(""), "storyboard.json: /shots: is empty; at least 1");
    std::string many = R"({"image":"a","seconds":1})";
    for (int i = 0; i < 1000; ++i) {
        many += R"(,{"image":"a","seconds":1})";
    }
    EXPECT_EQ(shot_complaint(many), "storyboard.json: /shots: found 1001 items; at most 1000");
}

TEST(StoryboardErrorTest, ExplainsSizesAndRates)
{
    EXPECT_EQ(
        storyboard_complaint(R"({"schema":"longtake/storyboard/1","size":"720p","shots":[{"image":"a","seconds":1}]})"),
        R"(storyboard.json: /size: found "720p"; must be "auto" or a size such as "1280x720")");
    EXPECT_EQ(storyboard_complaint(
                  R"({"schema":"longtake/storyboard/1","size":"1281x720","shots":[{"image":"a","seconds":1}]})"),
              "storyboard.json: /size: size '1281x720': must be WIDTHxHEIGHT, such as 1280x720, both even and between "
              "16 and 8192");
    EXPECT_EQ(
        storyboard_complaint(R"({"schema":"longtake/storyboard/1","fps":"fast","shots":[{"image":"a","seconds":1}]})"),
        R"(storyboard.json: /fps: found a string "fast"; must be "auto" or frames a second such as 30, 23.976 or )"
        R"("30000/1001")");
}

/// A wrong shot, and the line said about it after "storyboard.json: /shots/0".
struct WrongShot {
    const char* shot;
    const char* says;
};

TEST(StoryboardErrorTest, ExplainsWhatIsWrongWithImagesEffectsPartsAndSpeech)
{
    const std::string long_text(121, 'x');
    const std::string speech = R"({"image":"a","seconds":5,"lip_sync":{"voice":"v","text":")" + long_text + "\"}}";
    const WrongShot wrong[] = {
        {R"({"images":[],"prompt":"p","seconds":5})", "/images: is empty; at least 1"},
        {R"({"images":["a","a","a","a","a"],"prompt":"p","seconds":5})", "/images: found 5 items; at most 4"},
        {R"({"images":["a",3],"prompt":"p","seconds":5})", "/images/1: found a number 3; must be a string"},
        {R"({"images":["https://e.com/a.jpg"],"prompt":"p","seconds":5})",
         "/images/0: found an address; must be a file: download it first"},
        {R"({"images":["a"],"image":"b","seconds":5})",
         ": found image and images; a shot has one of image, images, edit, clip, card"},
        {R"({"images":["a"],"end_image":"b","seconds":5})", "/end_image: only with image"},
        {R"({"keyframes":["a"],"prompt":"p","seconds":5})", "/keyframes: only with image"},
        {R"({"image":"a","references":[{"name":"m","image":"b"}],"seconds":5})",
         "/image: cannot stand beside references; remove it"},
        {R"({"prompt":"p","references":[{"name":"m","image":"b"},{"name":"m","clip":"c"}],"seconds":5})",
         "/references/1/name: \"m\" is another reference's name already"},
        {R"({"prompt":"p","references":[{"name":"m","image":"https://e.com/a"}],"seconds":5})",
         "/references/0/image: found an address; must be a file: download it first"},
        {R"({"edit":"a"})", "/prompt: missing; it says what is changed in the film"},
        {R"({"edit":"a","prompt":"p","hdr":true})", "/hdr: cannot stand beside edit; remove it"},
        {R"({"image":"a","mode":"pro","resolution":"720p","seconds":5})",
         "/resolution: is another word for the mode; keep one of them"},
        {R"({"clip":"a","references":[{"name":"m","image":"b"}]})", "/references: has no effect on a clip; remove it"},
        {R"({"images":["a"],"effect":"kiss_pro","seconds":5})",
         "/images: found 1; with effect exactly 2, its characters left and right"},
        {R"({"image":"a","effect":"","seconds":5})", "/effect: is empty"},
        {R"({"image":"a","effect":{},"seconds":5})", "/effect/scene: missing"},
        {R"({"image":"a","effect":{"scen":"x"},"seconds":5})", "/effect/scene: missing"},
        {R"({"image":"a","effect":3,"seconds":5})",
         R"(/effect: found a number 3; must be the name of an effect, or {"scene": name})"},
        {R"({"multi_shot":[{"prompt":"a","seconds":5}],"effect":"x"})",
         "/effect: needs an image, or two images for an effect of two characters"},
        {R"({"image":"a","effect":"x","prompt":"p","seconds":5})", "/prompt: cannot stand beside an effect; remove it"},
        {R"({"multi_shot":[{"prompt":"a","seconds":2.5}]})",
         "/multi_shot/0/seconds: found a number 2.5; must be a whole number"},
        {R"({"multi_shot":[{"prompt":"a","seconds":0}]})", "/multi_shot/0/seconds: found 0; must be >= 1"},
        {R"({"multi_shot":[{"prompt":"a"}]})", "/multi_shot/0/seconds: missing"},
        {R"({"multi_shot":[]})", "/multi_shot: is empty; at least 1"},
        {R"({"multi_shot":[{"prompt":"a","seconds":3},{"prompt":"b","seconds":4}],"seconds":8})",
         "/seconds: found 8; must be 7, the sum of multi_shot, or left out"},
        {R"({"multi_shot":[{"prompt":"a","seconds":3}],"prompt":"b"})",
         "/prompt: cannot stand beside multi_shot; remove it"},
        {R"({"image":"a","end_image":"b","multi_shot":[{"prompt":"a","seconds":3}]})",
         "/end_image: cannot stand beside multi_shot; remove it"},
        {R"({"image":"a","seconds":5,"lip_sync":{}})",
         "/lip_sync: found neither audio nor text; must have exactly one of them"},
        {R"({"image":"a","seconds":5,"lip_sync":{"audio":"a.mp3","text":"t","voice":"v"}})",
         "/lip_sync: found both audio and text; must have exactly one of them"},
        {R"({"image":"a","seconds":5,"lip_sync":{"text":"t"}})",
         "/lip_sync/voice: missing; text is spoken by one of the service's voices"},
        {R"({"image":"a","seconds":5,"lip_sync":{"audio":"a.mp3","speed":1}})", "/lip_sync/speed: only with text"},
        {R"({"image":"a","seconds":5,"lip_sync":{"text":"t","voice":"v","language":"de"}})",
         R"(/lip_sync/language: found "de"; allowed: zh, en)"},
        {R"({"image":"a","seconds":5,"lip_sync":{"text":"t","voice":"v","speed":3}})",
         "/lip_sync/speed: found 3; must be <= 2"},
        {R"({"image":"a","seconds":5,"lip_sync":{"audio":"https://e.com/a.mp3"}})",
         "/lip_sync/audio: found an address; must be a file: download it first"},
        {speech.c_str(), "/lip_sync/text: found 121 characters; at most 120"},
        {R"({"clip":"a.mp4","lip_sync":{"audio":"a.mp3"}})", "/lip_sync: has no effect on a clip; remove it"},
        {R"({"image":"a","seconds":5,"voices":["v"]})", R"(/voices: needs "sound": true)"},
        {R"({"image":"a","seconds":5,"sound":true,"voices":["u","v","w"]})", "/voices: found 3 items; at most 2"},
        {R"({"image":"a","seconds":5,"watermark":1})", "/watermark: found a number 1; must be true or false"},
        {R"({"image":"a","seconds":5,"callback_url":"http://e.com"})",
         R"(/callback_url: found "http://e.com"; must be an https address)"},
        {R"({"image":"a","seconds":5,"match_colour":"hand-off"})",
         R"(/match_colour: found "hand-off"; allowed: handoff, anchor, off; did you mean "handoff"?)"},
        {R"({"image":"a","seconds":5,"max_drift":-1})", "/max_drift: found -1; must be >= 0"},
        {R"({"image":"a","seconds":5,"lip_sink":{"audio":"a.mp3"}})",
         R"(/lip_sink: unknown key; did you mean "lip_sync"?)"},
    };
    for (const WrongShot& tested : wrong) {
        const std::string said = shot_complaint(tested.shot);
        EXPECT_EQ(said.substr(0, said.find('\n')).find(std::string("storyboard.json: /shots/0") + tested.says), 0U)
            << tested.shot << "\n  says: " << said;
    }
}

TEST(StoryboardErrorTest, RefusesAnAddressForAPicture)
{
    EXPECT_EQ(shot_complaint(R"({"image":"https://example.com/a.jpg","seconds":1})"),
              "storyboard.json: /shots/0/image: found an address; must be a file: download it first");
}

TEST(TransitionTest, IsReadFromTheCommandLine)
{
    EXPECT_EQ(parse_transition("cut").type, TransitionType::cut);
    EXPECT_DOUBLE_EQ(parse_transition("dissolve").seconds, 0.5);
    EXPECT_DOUBLE_EQ(parse_transition("wipe_left:1.25").seconds, 1.25);
    for (const char* text : {"disolve", "cut:1", "dissolve:", "dissolve:0", "dissolve:-1", "dissolve:1s", "", ":1"}) {
        EXPECT_THROW(parse_transition(text), Error) << text;
    }
    try {
        parse_transition("disolve");
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("did you mean 'dissolve'?"), std::string::npos);
    }
}

TEST(TransitionTest, WordsAndValuesAgree)
{
    for (const char* text : {"cut", "dissolve", "fade_black", "fade_white", "wipe_left", "wipe_right", "wipe_up",
                             "wipe_down", "slide_left", "slide_right", "morph"}) {
        EXPECT_EQ(word(parse_transition(text).type), text);
    }
    EXPECT_EQ(word(parse_timing("auto")), "auto");
    EXPECT_EQ(word(parse_fit("reject")), "reject");
    EXPECT_EQ(word(Continuation::last_frame), "last-frame");
}

} // namespace
} // namespace longtake
