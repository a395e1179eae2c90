#pragma once

#include "pipeline/image/delta_e.h"
#include "tests/stages/prepare/pictures.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <ostream>

namespace longtake::test {

inline bool runs(const std::string& command)
{
    return std::system(("(" + command + ") >/dev/null 2>&1").c_str()) == 0;
}

/// Mean CIEDE2000 over every third pixel each way.
inline double mean_delta_e(const cv::Mat& one, const cv::Mat& two)
{
    if (one.size() != two.size()) {
        return 1e9;
    }
    double sum = 0;
    int count = 0;
    for (int y = 0; y < one.rows; y += 3) {
        for (int x = 0; x < one.cols; x += 3, ++count) {
            const auto& a = one.at<cv::Vec3b>(y, x);
            const auto& b = two.at<cv::Vec3b>(y, x);
            sum += image::delta_e(image::lab_of(a[2], a[1], a[0]), image::lab_of(b[2], b[1], b[0]));
        }
    }
    return sum / count;
}

/// A file made by another program, and what must come of it.
struct Variant {
    const char* name;         ///< of the file made
    const char* maker;        ///< shell; $IN is a photograph, $OUT the file
    const char* says = "";    ///< what must stand among the actions or warnings
    const char* refused = ""; ///< what the refusal says; empty: it is prepared
    double delta_e = 1.5;     ///< mean CIEDE2000 from what ImageMagick sees, at the most
};

inline std::ostream& operator<<(std::ostream& out, const Variant& variant)
{
    return out << variant.name;
}

/// A test's name, of the name of what is tested.
template <class Kind>
std::string name_of(const ::testing::TestParamInfo<Kind>& tested)
{
    std::string name = tested.param.name;
    for (char& c : name) {
        c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    }
    return name;
}

/// Those of the kinds that are prepared when whole and are not when half is missing.
template <class Kind, std::size_t N>
std::vector<Kind> halvable(const Kind (&kinds)[N], const std::vector<std::string>& whole_in_half = {})
{
    std::vector<Kind> out;
    for (const Kind& kind : kinds) {
        if (*kind.refused == '\0' &&
            std::find(whole_in_half.begin(), whole_in_half.end(), kind.name) == whole_in_half.end()) {
            out.push_back(kind);
        }
    }
    return out;
}

/// Small pictures prepared without a change of size, and seen by another program.
class VariantTest : public PrepareTest {
protected:
    /// A photograph of 150x100.
    static cv::Mat small_photograph()
    {
        cv::Mat small;
        cv::resize(cv::imread(photo("coffee.png").string()), small, {150, 100}, 0, 0, cv::INTER_AREA);
        return small;
    }

    bool shell(const std::string& command, const std::filesystem::path& made)
    {
        if (!std::filesystem::exists(dir_ / "in.png")) {
            file("in.png", small_photograph());
        }
        return runs("cd " + dir_.path().string() + "; export MAGICK_THREAD_LIMIT=1 IN=in.png OUT=" + made.string() +
                    " REF=reference.png; " + command);
    }

    stages::PictureRequest as_it_is(const std::filesystem::path& made) const
    {
        auto request = request_for(made, {}, Fit::crop);
        request.rules.min_side = 1;
        request.rules.max_aspect = 1000;
        request.rules.formats = {"png"};
        return request;
    }

    /// Prepares it; it must look as ImageMagick sees it, or, where a maker left "$OUT.png", that.
    Still expect_seen_alike(const std::filesystem::path& made, double most = 1.5)
    {
        EXPECT_TRUE(shell("if [ -e $OUT.png ]; then OUT=$OUT.png; fi; convert \"$OUT[0]\" -auto-orient -background "
                          "white -alpha remove -depth 8 PNG24:$REF",
                          made))
            << "ImageMagick does not read it";
        Still still;
        EXPECT_NO_THROW(still = prepare(as_it_is(made)));
        const cv::Mat reference = cv::imread((dir_ / "reference.png").string());
        const cv::Mat seen = cv::imread(still.file.string(), cv::IMREAD_COLOR);
        EXPECT_LT(mean_delta_e(seen, reference), most) << made;
        return still;
    }

    /// Half of a file is refused; asked to be lenient, it is taken with a warning or refused with a reason.
    void expect_half_is_answered(const std::filesystem::path& made)
    {
        const std::string whole = bytes_of(made);
        const auto half = file("half" + made.extension().string(), whole.substr(0, whole.size() / 2));
        const std::string said = refusal(half);
        EXPECT_TRUE(said.find("cut short") != said.npos || said.find("damaged") != said.npos) << said;
        auto request = as_it_is(half);
        request.lenient = true;
        try {
            const Still still = prepare(request);
            EXPECT_TRUE(mentions(still.warnings, "accepted although damaged"));
            EXPECT_EQ(still.size, stages::picture_size(made));
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::input) << error.what();
        }
    }

    void expect_answer(const Variant& variant)
    {
        const auto made = dir_ / variant.name;
        ASSERT_TRUE(shell(variant.maker, made)) << "not made: " << variant.maker;
        if (*variant.refused != '\0') {
            EXPECT_NE(refusal(made).find(variant.refused), std::string::npos) << refusal(made);
            return;
        }
        const Still still = expect_seen_alike(made, variant.delta_e);
        EXPECT_TRUE(*variant.says == '\0' || mentions(still.actions, variant.says) ||
                    mentions(still.warnings, variant.says))
            << variant.says;
    }
};

} // namespace longtake::test
