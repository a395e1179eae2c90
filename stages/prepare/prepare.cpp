#include "stages/prepare/prepare.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "pipeline/model/rgb.h"
#include "stages/prepare/chosen_ground.h"
#include "stages/prepare/compose.h"
#include "stages/prepare/content.h"
#include "stages/prepare/cut_out.h"
#include "stages/prepare/decode.h"
#include "stages/prepare/encode.h"
#include "stages/prepare/fit.h"
#include "stages/prepare/header.h"
#include "stages/prepare/layout.h"
#include "stages/prepare/source.h"
#include "stages/prepare/window.h"

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace longtake::stages {
namespace {

using namespace picture;
namespace fs = std::filesystem;

/// A picture file, read, and decoded as far as is needed.
struct Picture {
    std::string bytes;
    Header header;
    Decoded decoded{};                      ///< all of it; of a JPEG a smaller picture, or nothing yet: see `look`
    std::optional<std::string> best_jpeg{}; ///< of it as it is shown, where that was made while it was decoded
    std::string damage{};                   ///< what was passed over; empty: nothing

    Size size() const { return header.displayed(); }
};

Frame frame_of(const PictureRequest& request)
{
    return {request.rules, request.aspect, request.fit, request.like};
}

/// A JPEG can be made smaller while it is decoded: that waits until it is known what of it will be shown.
bool waits(const PictureRequest& request, const Header& header)
{
    return header.format == Format::jpeg && !request.mask && !request.lenient;
}

/// Why the end of the file is missing, where that is forgiven; empty if it is there.
std::string missing_end(const PictureRequest& request, const Picture& picture)
{
    try {
        check_whole(picture.bytes, picture.header.format);
    } catch (const Error& error) {
        if (!request.lenient) {
            throw;
        }
        return error.what();
    }
    return {};
}

Picture open_picture(const PictureRequest& request)
{
    Picture picture{read_bytes(request.file), {}};
    const Damage damage = request.lenient ? Damage::salvage : Damage::refuse;
    picture.header = header_of(picture.bytes, damage);
    picture.damage = missing_end(request, picture);
    if (!waits(request, picture.header)) {
        picture.decoded = decode_whole(picture.bytes, picture.header, damage);
    }
    if (!picture.decoded.lost.empty()) {
        picture.damage += (picture.damage.empty() ? "" : ": ") + picture.decoded.lost + ", the rest is grey";
    }
    return picture;
}

/// Enough of a picture to find damage, its colour profile and what is salient.
const Decoded& look(Picture& picture)
{
    constexpr double k_side = 1024;
    if (picture.decoded.pixels.empty()) {
        const Size size = picture.size();
        const double scale = std::min(1.0, k_side / std::max(size.width, size.height));
        const auto scaled = [&](int side) { return std::max(1, static_cast<int>(std::lround(side * scale))); };
        const View all{
            {size.width, size.height}, {0, 0, size.width, size.height}, {scaled(size.width), scaled(size.height)}};
        picture.decoded = decode_reduced_jpeg(picture.bytes, picture.header, all);
    }
    return picture.decoded;
}

/// Chosen on the pixels there are, for a window of the whole picture.
Window salient_window(const PictureRequest& request, Picture& picture, Size window)
{
    cv::Mat bgr = look(picture).pixels;
    const Size there{bgr.cols, bgr.rows};
    if (bgr.channels() == 4) {
        const Box all{0, 0, there.width, there.height};
        const cv::Vec3b ground = chosen_ground(request, bgr).ground.colour.value_or(cv::Vec3b::all(255));
        bgr = compose(bgr, {there, there, all, all}, {Ground::Bars::colour, ground});
    }
    const Size whole = picture.size();
    if (whole == there) {
        return choose_window(bgr, window);
    }
    const auto scaled = [](int length, int from, int to) {
        return static_cast<int>(std::lround(static_cast<double>(length) * to / from));
    };
    Window found = choose_window(bgr, {std::clamp(scaled(window.width, whole.width, there.width), 1, there.width),
                                       std::clamp(scaled(window.height, whole.height, there.height), 1, there.height)});
    found.x = std::clamp(scaled(found.x, there.width, whole.width), 0, whole.width - window.width);
    found.y = std::clamp(scaled(found.y, there.height, whole.height), 0, whole.height - window.height);
    found.width = window.width;
    found.height = window.height;
    return found;
}

/// A placement, and why its window is where it is.
struct Placed {
    Placement at;
    std::string kept{};
};

std::string kept_by(const Window& window)
{
    return window.faces == 0   ? ", keeping what stands out"
           : window.faces == 1 ? ", keeping a face"
                               : fmt::format(", keeping {} faces", window.faces);
}

/// Where a mask or an end frame stands that goes where its picture goes; nullopt: an end frame of another shape.
std::optional<Placement> place_like_its_picture(const PictureRequest& request, Size size)
{
    PictureRequest picture = request;
    picture.file = *request.of;
    picture.of.reset();
    picture.like.reset();
    picture.mask = false;
    const Placement at = placement(picture);
    if (!request.mask && !same_shape(at.picture, size)) {
        return std::nullopt;
    }
    return on_still(follow(at, size), request.like.value_or(at.still));
}

/// The request with its fit decided by what the picture is.
PictureRequest decided(PictureRequest request, Picture& picture)
{
    if (request.fit == Fit::blur && !request.mask && request.background.empty() &&
        has_white_border(look(picture).pixels)) {
        request.fit = Fit::pad;
        request.background = k_edge;
    }
    if (request.fit != Fit::automatic) {
        return request;
    }
    if (request.of) { // which goes where its picture goes
        PictureRequest its = request;
        its.file = *request.of;
        its.of.reset();
        its.mask = false;
        Picture other = open_picture(its);
        its = decided(its, other);
        request.fit = its.fit;
        request.background = request.mask ? request.background : its.background;
        return request;
    }
    if (request.mask) {
        request.fit = Fit::crop;
        return request;
    }
    request.fit = fit_of(look(picture).pixels);
    if (request.fit == Fit::pad && request.background.empty() && look(picture).pixels.channels() != 4) {
        request.background = k_edge;
    }
    return request;
}

Placed place(const PictureRequest& request, Picture& picture)
{
    const Size size = picture.size();
    if (request.of) {
        if (const auto at = place_like_its_picture(request, size)) {
            return {*at};
        }
    }
    Placed placed;
    placed.at = lay_out(size, frame_of(request), [&](Size window) {
        if (request.mask) { // nothing salient in it
            return centred(size, window);
        }
        if (request.focus.on == Focus::On::centre || request.focus.on == Focus::On::point) {
            return window_at(request.focus.on == Focus::On::point ? request.focus.at : PicturePoint{}, size, window);
        }
        const Window found = salient_window(request, picture, window);
        placed.kept = kept_by(found);
        return Box(found);
    });
    return placed;
}

bool identity(const Placement& at)
{
    const Box all{0, 0, at.picture.width, at.picture.height};
    return at.still == at.picture && at.source == all && at.place == all;
}

/// Whether the service takes the file as it is.
bool complies(Picture& picture, const PictureRequest& request, const Placement& at)
{
    const Header& header = picture.header;
    const bool jpeg = header.format == Format::jpeg;
    if ((!jpeg && header.format != Format::png) || (jpeg && request.mask)) {
        return false;
    }
    const auto& formats = request.rules.formats;
    const bool format = std::find(formats.begin(), formats.end(), jpeg ? "jpeg" : "png") != formats.end();
    const bool plain = header.bits == 8 && header.orientation == 1 && !header.alpha && !header.animated &&
                       header.channels != 4 && picture.damage.empty();
    const bool light = static_cast<std::int64_t>(picture.bytes.size()) <= request.rules.max_bytes;
    return format && plain && light && identity(at) && look(picture).profile.empty();
}

void note_source(const Picture& picture, Still& still)
{
    const Header& header = picture.header;
    if (header.orientation != 1) {
        still.actions.push_back(fmt::format("turned upright (EXIF orientation {})", header.orientation));
    }
    if (header.bits > 8) {
        still.actions.push_back(fmt::format("rounded from {} to 8 bits", header.bits));
    }
    if (header.animated) {
        still.warnings.push_back("animated: only its first picture is used");
    }
    if (!picture.decoded.profile.empty()) {
        still.actions.push_back("converted to sRGB from '" + picture.decoded.profile + "'");
    }
    if (!picture.damage.empty()) {
        still.warnings.push_back("accepted although damaged: " + picture.damage);
    }
    if (!picture.decoded.warning.empty()) {
        still.warnings.push_back(picture.decoded.warning);
    }
}

std::string colour_of(const PictureRequest& request, const Ground& ground)
{
    const cv::Vec3b bgr = request.mask ? cv::Vec3b() : ground.colour.value_or(cv::Vec3b());
    return text_of(Rgb{bgr[2], bgr[1], bgr[0]});
}

void note_ground(const PictureRequest& request, const Chosen& chosen, Still& still)
{
    const Ground& ground = chosen.ground;
    const std::string blurred = ground.shade < 0   ? "its blurred picture, darkened"
                                : ground.shade > 0 ? "its blurred picture, lightened"
                                                   : "its blurred picture";
    const bool plain = request.mask || ground.colour;
    still.actions.push_back("alpha flattened on " + (plain ? colour_of(request, ground) : blurred) + chosen.why);
    if (!chosen.warning.empty()) {
        still.warnings.push_back(chosen.warning);
    }
}

PicturePart part_of(const Box& box, Size whole)
{
    return {static_cast<double>(box.x) / whole.width, static_cast<double>(box.y) / whole.height,
            static_cast<double>(box.width) / whole.width, static_cast<double>(box.height) / whole.height};
}

void note_geometry(const PictureRequest& request, const Placed& placed, const Ground& ground, Still& still)
{
    const Placement& at = placed.at;
    still.source = part_of(at.source, at.picture);
    still.place = part_of(at.place, at.still);
    still.blurred_bars = still.place != PicturePart{} && !request.mask && ground.bars == Ground::Bars::blurred;
    const Box& source = at.source;
    if (Size{source.width, source.height} != at.picture) {
        still.actions.push_back(
            fmt::format("crop {}x{}+{}+{}{}", source.width, source.height, source.x, source.y, placed.kept));
    }
    const double scale = static_cast<double>(at.place.width) / source.width;
    if (at.place.width != source.width || at.place.height != source.height) {
        still.actions.push_back(fmt::format("{} {:.3g}x to {}x{}", scale > 1 ? "up-scaled" : "down-scaled",
                                            scale > 1 ? scale : 1 / scale, at.place.width, at.place.height));
    }
    if (scale > 3) {
        still.warnings.push_back(fmt::format("up-scaled {:.1f}x: detail will be soft", scale));
    }
    if (Size{at.place.width, at.place.height} != at.still) {
        const bool plain = request.mask || ground.bars == Ground::Bars::colour;
        still.actions.push_back(fmt::format("{} to {}",
                                            plain                               ? "pad " + colour_of(request, ground)
                                            : ground.bars == Ground::Bars::edge ? "pad edge"
                                                                                : "blur",
                                            at.still.text()));
    }
}

/// A mask that was compressed with loss has grey specks around its edges.
cv::Mat sharpened_mask(const cv::Mat& mask, Format format, Still& still)
{
    const bool lossy = format == Format::jpeg || format == Format::webp || format == Format::heic ||
                       format == Format::avif || format == Format::jpeg2000;
    if (!lossy) {
        return mask;
    }
    still.actions.push_back("mask made black and white again");
    cv::Mat out;
    cv::threshold(mask, out, 127, 255, cv::THRESH_BINARY);
    return out;
}

/// Decodes what is shown of a picture that waited for it; answers its placement.
Placement show(const PictureRequest& request, const Placement& at, Picture& picture)
{
    const Box& source = at.source;
    const cv::Size place(at.place.width, at.place.height);
    const bool smaller =
        place.width <= source.width && place.height <= source.height && place != cv::Size(source.width, source.height);
    if (!smaller) {
        picture.decoded = decode_whole(picture.bytes, picture.header, Damage::refuse);
        return at;
    }
    check_pixels({place.width, place.height});
    const View view{{at.picture.width, at.picture.height}, {source.x, source.y, source.width, source.height}, place};
    JpegEncoder encoder = best_jpeg_encoder(place, request.rules);
    const bool covers = place == cv::Size(at.still.width, at.still.height);
    const RowMade add = [&](const cv::Mat& row) { encoder.add(row); };
    picture.decoded = decode_reduced_jpeg(picture.bytes, picture.header, view, covers ? add : RowMade());
    picture.best_jpeg = encoder.finish(); // none, if it got no rows
    return {{place.width, place.height}, at.still, {0, 0, place.width, place.height}, at.place};
}

Encoded conform(const PictureRequest& request, Picture& picture, const Placed& placed, Still& still)
{
    const Placement drawn = waits(request, picture.header) ? show(request, placed.at, picture) : placed.at;
    const cv::Mat& pixels = picture.decoded.pixels;
    Chosen chosen = chosen_ground(request, pixels);
    Ground& ground = chosen.ground;
    note_source(picture, still);
    if (pixels.channels() == 4) {
        note_ground(request, chosen, still);
    }
    note_geometry(request, placed, ground, still);
    if (request.mask) {
        const cv::Mat mask = sharpened_mask(compose_mask(pixels, drawn), picture.header.format, still);
        return encode(mask, request.rules, Content::mask, true);
    }
    const Content content = content_of(pixels);
    if (content == Content::photograph) { // a JPEG: it flattens finer noise, and then shows bands
        constexpr float k_film = 2;
        ground.grain = k_film;
    }
    return encode(compose(pixels, drawn, ground), request.rules, content, request.like.has_value(),
                  std::move(picture.best_jpeg));
}

/// Several shots may prepare the same picture at once: the last name given wins, with the same content.
void store(const std::string& bytes, const fs::path& stills, Still& still)
{
    still.file = stills / (still.sha256 + (still.format == "jpeg" ? ".jpg" : ".png"));
    std::error_code error;
    if (fs::file_size(still.file, error) == bytes.size() && !error && sha256_of_file(still.file) == still.sha256) {
        return; // the same content is there already
    }
    make_folder(stills);
    write_atomic(still.file, bytes);
}

Conformed conformed_picture(const PictureRequest& asked)
{
    if (names_colour(asked)) {
        parse_colour(asked.background);
    }
    Picture picture = open_picture(asked);
    const PictureRequest request = decided(asked, picture);
    const Placed placed = place(request, picture);
    Conformed out;
    Still& still = out.still;
    if (complies(picture, request, placed.at)) {
        still.size = picture.size();
        still.format = picture.header.format == Format::jpeg ? "jpeg" : "png";
        if (picture.header.location) {
            still.actions.push_back("metadata removed (it said where the picture was taken)");
            picture.bytes = stripped(picture.bytes, picture.header.format);
        }
        out.bytes = std::move(picture.bytes);
    } else {
        Encoded encoded = conform(request, picture, placed, still);
        still.size = encoded.size;
        still.format = encoded.format;
        still.actions.insert(still.actions.end(), encoded.actions.begin(), encoded.actions.end());
        out.bytes = std::move(encoded.bytes);
    }
    still.sha256 = sha256_of(out.bytes);
    return out;
}

/// What is whole is made as ever; only for what is damaged there is another way.
Conformed conformed_or_salvaged(const PictureRequest& request)
{
    if (request.lenient) {
        PictureRequest strict = request;
        strict.lenient = false;
        try {
            return conformed_picture(strict);
        } catch (const Error& error) {
            if (error.code() != Errc::input) {
                throw;
            }
        }
    }
    return conformed_picture(request);
}

} // namespace

Conformed conformed(const PictureRequest& request)
{
    return in_context(request.file.string(), [&] { return conformed_or_salvaged(request); });
}

Still prepare(const PictureRequest& request, const fs::path& stills)
{
    return in_context(request.file.string(), [&] {
        Conformed out = conformed_or_salvaged(request);
        store(out.bytes, stills, out.still);
        return std::move(out.still);
    });
}

bool is_picture(const fs::path& file)
{
    return in_context(file.string(), [&] { return format_of(read_bytes(file, k_kind_bytes)).has_value(); });
}

Placement placement(const PictureRequest& request)
{
    if (request.of || request.mask || request.fit == Fit::crop || request.fit == Fit::automatic) {
        return in_context(request.file.string(), [&] {
            Picture picture = open_picture(request);
            return place(decided(request, picture), picture).at;
        });
    }
    const Size size = picture_size(request.file);
    return in_context(request.file.string(), [&] {
        return lay_out(size, frame_of(request), [&](Size window) { return centred(size, window); });
    });
}

Size picture_size(const fs::path& file)
{
    return in_context(file.string(), [&] { return header_of_file(file).displayed(); });
}

} // namespace longtake::stages
