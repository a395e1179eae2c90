#include "pipeline/av/text/font_files.h"

#include "pipeline/av/text/fonts.h"
#include "pipeline/av/text/lines.h"
#include "pipeline/base/error.h"
#include "tests/support/fonts.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <thread>

namespace longtake::av {
namespace {

std::string font_complaint(const std::filesystem::path& file)
{
    try {
        use_font_file(file);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

TEST(FontFilesTest, ItsFontIsUsedFromThenOn)
{
    const test::TempDir dir;
    write_atomic(dir / "q.ttf", test::renamed_font());
    const auto set_in = [](const char* family) { return TextLines("Coffee", {family}, 10); };
    const TextLines before = set_in("Qoto Serif");
    EXPECT_EQ(before.notes().size(), 1U);
    EXPECT_NE(before.width(), set_in("Noto Serif").width());
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            use_font_file(dir / "q.ttf");
            EXPECT_EQ(TextLines("Tea", {"Qoto Serif"}, 10).notes(), std::vector<std::string>{});
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(family_for("Qoto Serif"), "Qoto Serif");
    EXPECT_EQ(set_in("Qoto Serif").notes(), std::vector<std::string>{});
    EXPECT_EQ(set_in("Qoto Serif").width(), set_in("Noto Serif").width());
    EXPECT_EQ(set_in("Koto Serif").notes().size(), 1U) << "what nobody has is noted as ever";
}

TEST(FontFilesTest, SaysWhyItCannotBeUsed)
{
    const test::TempDir dir;
    const auto complaint = [&](const std::string& bytes) {
        write_atomic(dir / "a.ttf", bytes);
        return font_complaint(dir / "a.ttf");
    };
    const std::string font = test::renamed_font();
    EXPECT_EQ(complaint(""), "font 'a.ttf': it is no font; use a TTF, OTF or TTC file");
    EXPECT_EQ(complaint("<svg/>"), "font 'a.ttf': it is no font; use a TTF, OTF or TTC file");
    EXPECT_EQ(complaint("wOF2...."), "font 'a.ttf': it is a web font (WOFF); use the TTF or OTF it was made from");
    for (const std::size_t length : {4UL, 11UL, 60UL, font.size() / 2, font.size() - 8}) {
        EXPECT_EQ(complaint(font.substr(0, length)), "font 'a.ttf': it is cut off; download it again") << length;
    }
    EXPECT_EQ(complaint(font.substr(0, 4) + std::string(100, '\0')),
              "font 'a.ttf': its font cannot be read; download it again");
    EXPECT_EQ(complaint("ttcf" + std::string(4, '\0') + std::string(4, '\xff')),
              "font 'a.ttf': it is cut off; download it again");
    EXPECT_NE(font_complaint(dir / "none.ttf").find("none.ttf"), std::string::npos);
    EXPECT_EQ(complaint(font), "");
}

} // namespace
} // namespace longtake::av
