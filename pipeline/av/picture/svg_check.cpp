#include "pipeline/av/picture/svg_check.h"

#include "pipeline/av/picture/picture_decoder.h"
#include "pipeline/av/text/typesetter.h"
#include "pipeline/base/error.h"

#include <fmt/format.h>
#include <glib.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace longtake::av {
namespace {

constexpr std::int64_t k_most_pixels_inside = 16'000'000;
constexpr std::string_view k_utf8_mark = "\xEF\xBB\xBF";

using Parser = std::unique_ptr<GMarkupParseContext, Released<g_markup_parse_context_free>>;
using Bytes = std::unique_ptr<guchar, Released<g_free>>;

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
    return out;
}

/// The name without its namespace's prefix.
std::string_view local(std::string_view name)
{
    return name.substr(name.rfind(':') + 1);
}

std::string_view trimmed(std::string_view text, std::string_view off)
{
    const std::size_t begin = std::min(text.find_first_not_of(off), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(off) + 1);
}

[[noreturn]] void refuse_reference(std::string_view to)
{
    constexpr std::size_t k_shown = 80;
    throw Error(Errc::input, fmt::format("it refers to '{}', which is outside of it; put a picture into it as a PNG or "
                                         "JPEG, and take out whatever else that is",
                                         to.substr(0, k_shown)));
}

/// What is found on the way through a file. Its callbacks stand between C's frames, which nothing may be thrown
/// through.
class SvgWalk {
public:
    void element(std::string_view name, const char* const* names, const char* const* values)
    {
        const std::string_view kind = local(name);
        if (depth_++ == 0 && kind != "svg") {
            throw Error(Errc::input, fmt::format("its root is <{}>, not <svg>; save it as an SVG", kind));
        }
        in_style_ += in_style_ > 0 || kind == "style" ? 1 : 0;
        for (std::size_t i = 0; names[i] != nullptr; ++i) {
            const std::string_view attribute = local(names[i]);
            if (std::string_view(names[i]) == "xml:base") {
                refuse_reference(values[i]);
            } else if (attribute == "href" || attribute == "src") {
                check_reference(kind, trimmed(values[i], " \t\r\n"));
            } else {
                check_css(values[i]);
            }
        }
    }

    void end()
    {
        --depth_;
        in_style_ -= in_style_ > 0 ? 1 : 0;
    }

    void text(std::string_view text)
    {
        if (in_style_ > 0) {
            check_css(text);
        }
    }

    /// Comments, declarations, processing instructions.
    static void aside(std::string_view text)
    {
        const std::string words = lower(text);
        if (words.starts_with("<?xml-stylesheet")) {
            throw Error(Errc::input, "it needs a style sheet of its own file; put the styles into it");
        }
        if (words.starts_with("<!doctype") && words.find('[') != std::string::npos) {
            throw Error(Errc::input, "it declares entities; save it as a plain SVG, without a DOCTYPE");
        }
    }

private:
    void check_reference(std::string_view kind, std::string_view to)
    {
        if (to.empty() || to.starts_with('#') || kind == "a") {
            return;
        }
        constexpr std::string_view k_png = "data:image/png;base64,";
        constexpr std::string_view k_jpeg = "data:image/jpeg;base64,", k_jpg = "data:image/jpg;base64,";
        if (to.starts_with(k_png)) {
            check_picture(to.substr(k_png.size()), PictureCodec::png);
        } else if (to.starts_with(k_jpeg) || to.starts_with(k_jpg)) {
            check_picture(to.substr(to.find(',') + 1), PictureCodec::jpeg);
        } else {
            refuse_reference(to);
        }
    }

    void check_picture(std::string_view base64, PictureCodec codec)
    {
        gsize length = 0;
        const Bytes bytes(g_base64_decode(std::string(base64).c_str(), &length));
        const Size size = in_context("a picture in it", [&] {
            return decode_picture({reinterpret_cast<const char*>(bytes.get()), length}, codec).frame.size();
        });
        pixels_ += std::int64_t{size.width} * size.height;
        if (pixels_ > k_most_pixels_inside) {
            throw Error(Errc::input, "the pictures in it have more than 16 megapixels; make them smaller");
        }
    }

    static void check_css(std::string_view css)
    {
        const std::string words = lower(css);
        if (words.find("@import") != std::string::npos) {
            throw Error(Errc::input, "it imports a style sheet (@import); put the styles into it");
        }
        constexpr std::string_view k_url = "url(";
        for (std::size_t at = words.find(k_url); at != std::string::npos; at = words.find(k_url, at + 1)) {
            const std::size_t begin = at + k_url.size();
            const std::string_view to = trimmed(css.substr(begin, words.find(')', begin) - begin), " \t\r\n\"'");
            if (!to.starts_with('#')) {
                refuse_reference(to);
            }
        }
    }

    int depth_ = 0;
    int in_style_ = 0; ///< elements that are open from a <style> on
    std::int64_t pixels_ = 0;
};

void hand_over(GError** error, const std::string& reason)
{
    g_set_error_literal(error, g_quark_from_static_string("longtake"), 0, reason.c_str());
}

template <class Work>
void guarded(GError** error, Work&& work)
{
    try {
        work();
    } catch (const std::exception& failure) {
        hand_over(error, failure.what());
    }
}

SvgWalk& walk_of(gpointer data)
{
    return *static_cast<SvgWalk*>(data);
}

constexpr GMarkupParser k_callbacks = {
    [](GMarkupParseContext*, const gchar* name, const gchar** names, const gchar** values, gpointer data,
       GError** error) { guarded(error, [&] { walk_of(data).element(name, names, values); }); },
    [](GMarkupParseContext*, const gchar*, gpointer data, GError**) { walk_of(data).end(); },
    [](GMarkupParseContext*, const gchar* text, gsize length, gpointer data, GError** error) {
        guarded(error, [&] { walk_of(data).text({text, length}); });
    },
    [](GMarkupParseContext*, const gchar* text, gsize length, gpointer, GError** error) {
        guarded(error, [&] { SvgWalk::aside({text, length}); });
    },
    nullptr};

} // namespace

bool looks_like_xml(std::string_view file)
{
    file.remove_prefix(file.starts_with(k_utf8_mark) ? k_utf8_mark.size() : 0);
    return trimmed(file.substr(0, 1000), " \t\r\n").starts_with('<');
}

void check_svg(std::string_view file)
{
    file.remove_prefix(file.starts_with(k_utf8_mark) ? k_utf8_mark.size() : 0);
    SvgWalk walk;
    const Parser parser(g_markup_parse_context_new(&k_callbacks, G_MARKUP_TREAT_CDATA_AS_TEXT, &walk, nullptr));
    GError* failure = nullptr;
    if (g_markup_parse_context_parse(parser.get(), file.data(), static_cast<gssize>(file.size()), &failure) == TRUE &&
        g_markup_parse_context_end_parse(parser.get(), &failure) == TRUE) {
        return;
    }
    const std::unique_ptr<GError, Released<g_error_free>> error(failure);
    const bool ours = error->domain != g_markup_error_quark();
    throw Error(Errc::input,
                ours ? error->message
                     : fmt::format("it is no whole XML in UTF-8 ({}); save it again as a plain SVG", error->message));
}

} // namespace longtake::av
