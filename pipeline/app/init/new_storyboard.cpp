#include "pipeline/app/init/new_storyboard.h"

#include "pipeline/app/clip_list.h"
#include "pipeline/app/picture_list.h"
#include "pipeline/av/probe.h"
#include "pipeline/base/error.h"
#include "stages/prepare/prepare.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;

constexpr double k_shortest_clip = 0.2; ///< seconds: what is shorter is a picture that moves, or damaged

Size displayed(const av::MediaInfo::Video& video)
{
    constexpr int k_half_turn = 180;
    return video.rotation % k_half_turn == 0 ? video.size : Size{video.size.height, video.size.width};
}

/// Sorts one file into what it can be. Throws Error(input) if it can be nothing.
void take(const fs::path& file, std::vector<fs::path>& sounds, Material& material)
{
    if (stages::is_picture(file)) {
        material.shots.push_back({file, stages::picture_size(file)});
        return;
    }
    const av::MediaInfo info = av::probe(file);
    if (info.video && info.seconds_claimed >= k_shortest_clip) {
        material.shots.push_back({file, displayed(*info.video), info.seconds_claimed});
    } else if (info.audio) {
        sounds.push_back(file);
    } else {
        throw Error(Errc::input, file.string() + ": neither a picture, nor a clip, nor sound");
    }
}

enum class Shape { wide, tall, square };

Shape shape_of(Size size)
{
    constexpr double k_square = 1.15; ///< up to which a side may be longer
    const double aspect = static_cast<double>(size.width) / size.height;
    return aspect > k_square ? Shape::wide : aspect < 1 / k_square ? Shape::tall : Shape::square;
}

/// How a film of one shape is made and where it goes.
struct ShapeFacts {
    Shape shape;
    const char* size;
    const char* preset;
};

constexpr ShapeFacts k_shapes[] = {
    {Shape::wide, "1920x1080", "youtube/1080p30"},
    {Shape::tall, "1080x1920", "reels/1080x1920"},
    {Shape::square, "1080x1080", "square/1080x1080"},
};

/// Most shots'; of as many the first in the list.
const ShapeFacts& facts_of(const Material& material)
{
    return *std::ranges::max_element(k_shapes, {}, [&](const ShapeFacts& facts) {
        return std::ranges::count_if(material.shots,
                                     [&](const Material::Shot& shot) { return shape_of(shot.size) == facts.shape; });
    });
}

std::string quoted(const std::string& text)
{
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// As the storyboard names a file: from its own folder where both have one root.
std::string named_from(const fs::path& storyboard, const fs::path& file)
{
    const fs::path from = fs::absolute(storyboard).lexically_normal().parent_path();
    const fs::path there = fs::absolute(file).lexically_normal();
    const fs::path relative = there.lexically_relative(from);
    return quoted((relative.empty() ? there : relative).string());
}

std::string shot_line(const Material::Shot& shot, const std::string& id, const NewFilm& film)
{
    const std::string size = fmt::format("{}x{}", shot.size.width, shot.size.height);
    if (shot.seconds) {
        return fmt::format(
            "    {{ \"id\": {}, \"clip\": {} }}, // {}, {:.1f} s; \"in\" and \"out\" take a part of it\n", quoted(id),
            named_from(film.file, shot.file), size, *shot.seconds);
    }
    return fmt::format("    {{ \"id\": {}, \"image\": {}, \"seconds\": {}, \"prompt\": \"\" }}, // {}\n", quoted(id),
                       named_from(film.file, shot.file), film.seconds, size);
}

} // namespace

Material material_of(const std::vector<fs::path>& words, std::optional<fs::path> music)
{
    Material material;
    std::vector<fs::path> sounds;
    for (const fs::path& word : words) {
        std::error_code unknown;
        if (!fs::is_directory(word, unknown)) {
            take(word, sounds, material);
            continue;
        }
        for (const fs::path& file : shown_entries(word)) {
            if (fs::is_directory(file, unknown)) {
                continue; // a folder in a folder is not searched
            }
            try {
                take(file, sounds, material);
            } catch (const Error& error) {
                material.skipped.emplace_back(error.what());
            }
        }
    }
    if (material.shots.empty()) {
        throw Error(Errc::usage, "no picture and no clip is there to show; name pictures, clips, or a folder of them");
    }
    if (!music && sounds.size() == 1) {
        music = std::exchange(sounds, {}).front();
    }
    for (const fs::path& sound : sounds) {
        if (!music || !fs::equivalent(sound, *music)) {
            material.skipped.push_back(sound.string() + ": is sound, and --music names which is the music");
        }
    }
    material.music = std::move(music);
    return material;
}

std::string new_storyboard(const Material& material, const NewFilm& film)
{
    const ShapeFacts& facts = facts_of(material);
    std::vector<NamedClip> files;
    std::ranges::transform(material.shots, std::back_inserter(files), [](const Material::Shot& shot) {
        return NamedClip{shot.file, {}, {}};
    });
    const std::vector<std::string> ids = ids_of(files);
    std::string shots;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        shots += shot_line(material.shots[i], ids[i], film);
    }
    const std::string file = film.file.string();
    const std::string name = file.find_first_of(" '\"$") == std::string::npos ? file : quoted(file);
    std::string presets;
    for (const std::string& preset : film.deliver.empty() ? std::vector<std::string>{facts.preset} : film.deliver) {
        presets += (presets.empty() ? "" : ", ") + quoted(preset);
    }
    const std::string audio =
        material.music ? fmt::format("  \"audio\": {{ \"music\": {}, \"fade_out\": 2, \"loudness\": -14 }}, // add "
                                     "\"beat\": true for cuts on its beats\n",
                                     named_from(film.file, *material.music))
                       : "  // \"audio\": { \"music\": \"music.mp3\", \"fade_out\": 2, \"loudness\": -14 },\n";
    return fmt::format(
        "// longtake look {0}            how it will look, as one picture\n"
        "// longtake run {0} -o out      the film; again after any change: only that is made anew\n"
        "{{\n"
        "  \"schema\": \"longtake/storyboard/1\",\n"
        "  \"title\": {1},\n"
        "  \"provider\": \"local\", // camera moves over your pictures, for free; `longtake providers` lists who "
        "generates\n"
        "  \"size\": \"{2}\", \"fps\": 30,\n"
        "  \"defaults\": {{ \"transition\": {{ \"type\": \"dissolve\", \"seconds\": 0.5 }} }},\n"
        "  \"shots\": [ // a prompt says what should happen, to services that generate; \"camera\" and \"focus\" steer "
        "the move\n"
        "{3}"
        "    {{ \"id\": \"end\", \"card\": {{ \"title\": {1}, \"style\": \"editorial\" }}, \"seconds\": 3 }}\n"
        "  ],\n"
        "{4}"
        "  \"deliver\": [{5}] // `longtake presets` lists them all\n"
        "}}\n",
        name, quoted(film.title), facts.size, shots, audio, presets);
}

} // namespace longtake::app
