#include "pipeline/flow/outputs.h"

#include "pipeline/base/text.h"
#include "pipeline/model/delivery/fit_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string_view>
#include <utility>

namespace longtake {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_longest_component = 255; ///< bytes, NAME_MAX
constexpr std::size_t k_temporary_extra = 24;    ///< what a file's name has besides while it is written
constexpr std::size_t k_longest_name = k_longest_component - k_temporary_extra;
constexpr std::size_t k_longest_path = 4095 - k_temporary_extra; ///< PATH_MAX with its terminator

constexpr std::array k_media_extensions = {".mp4", ".mov", ".mkv",  ".webm", ".m4v",
                                           ".mxf", ".gif", ".webp", ".avif", ".jpg"};

/// The containers a master goes into, by their names' endings.
constexpr std::array<std::pair<std::string_view, const char*>, 4> k_master_containers = {
    {{".mp4", "mp4"}, {".m4v", "mp4"}, {".mov", "mov"}, {".mkv", "matroska"}}};

std::string extension_of(const fs::path& path)
{
    std::string extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension;
}

/// Whether an output is one film; else it is a folder. Throws Error(usage) for what looks like a file of another kind.
bool names_media_file(const fs::path& path)
{
    if (path.empty() || path == "-") {
        throw Error(Errc::usage, "output '" + path.string() + "': name a file (.mp4) or a folder");
    }
    std::error_code unknown; // a name that is too long: refused later, with the reason
    if (fs::is_directory(path, unknown)) {
        return false;
    }
    const std::string extension = extension_of(path);
    if (std::find(k_media_extensions.begin(), k_media_extensions.end(), extension) != k_media_extensions.end()) {
        return true;
    }
    if (!extension.empty()) {
        throw Error(Errc::usage, fmt::format("output '{}': {} files are not made here; name it .mp4, .mov or .mkv (a "
                                             "folder of that name: make it first)",
                                             path.string(), extension));
    }
    return false;
}

/// A master goes into whatever container its name asks for.
void suit_container(Preset& preset, const fs::path& file)
{
    if (preset.package != Preset::Package::file) {
        throw Error(Errc::usage, fmt::format("output '{}': preset {} makes a folder of files; name a folder",
                                             file.string(), preset.name));
    }
    const std::string extension = extension_of(file);
    const auto* const known =
        std::ranges::find(k_master_containers, extension, [](const auto& row) { return row.first; });
    if (preset.name == "master" && known != k_master_containers.end()) {
        preset = changed_preset(preset, {{"container", known->second}, {"extension", extension}});
    }
    if (extension != preset.extension) {
        throw Error(Errc::usage, fmt::format("output '{}': preset {} makes {} files; name it ...{}", file.string(),
                                             preset.name, preset.extension, preset.extension));
    }
}

/// libx264's words for speed as SVT-AV1's numbers. "medium" is what masters are made with; at its number one takes
/// about as much CPU as at the other's word.
constexpr std::array<std::pair<std::string_view, const char*>, 9> k_svt_speeds = {{{"ultrafast", "12"},
                                                                                   {"superfast", "11"},
                                                                                   {"veryfast", "11"},
                                                                                   {"faster", "10"},
                                                                                   {"fast", "9"},
                                                                                   {"medium", "8"},
                                                                                   {"slow", "6"},
                                                                                   {"slower", "5"},
                                                                                   {"veryslow", "4"}}};

std::string speed_of(const Preset& preset, const std::string& word)
{
    const auto* const known = std::ranges::find(k_svt_speeds, word, [](const auto& row) { return row.first; });
    return preset.video.encoder == "libsvtav1" && known != k_svt_speeds.end() ? known->second : word;
}

void override_encoding(Preset& preset, const FilmOptions& options)
{
    constexpr std::array takers = {"libx264", "libx265", "libsvtav1"};
    const bool takes = std::ranges::find(takers, preset.video.encoder) != takers.end();
    if (!takes && (options.crf || options.encoder_preset)) {
        throw Error(Errc::usage,
                    fmt::format("--crf and --encoder-preset are libx264's, libx265's and libsvtav1's; preset "
                                "{} encodes {}",
                                preset.name, preset.video.codec));
    }
    nlohmann::json video = nlohmann::json::object();
    if (options.crf) {
        video["crf"] = *options.crf;
        if (*options.crf == 0 && preset.video.codec == "h264") {
            video["profile"] = nullptr; // lossless is a profile of its own, which the encoder picks
        }
    }
    if (options.encoder_preset) {
        video["encoder_preset"] = speed_of(preset, *options.encoder_preset);
    }
    preset = changed_preset(preset, {{"video", video}});
}

/// A long title is cut so that its file, and what is beside it while it is written, can have their names.
std::string file_name(const std::string& film, const Preset& preset)
{
    std::string name = "-" + preset.name + preset.extension;
    std::replace(name.begin(), name.end(), '/', '-');
    const std::size_t room = k_longest_name - std::min(name.size(), k_longest_name);
    return slug(cut_between_letters(slug(film), room)) + name;
}

/// A stream is a folder, named like a file without its ending; what is named here is the manifest in it that is opened
/// first.
fs::path opened_first(const Preset& preset, const fs::path& target, const std::string& film)
{
    const std::string manifest = preset.package == Preset::Package::dash ? "manifest.mpd" : "master.m3u8";
    return target / fs::path(file_name(film, preset)).stem() / manifest;
}

fs::path named_in(const fs::path& target, const std::string& film, const Preset& preset)
{
    return preset.package == Preset::Package::file ? target / file_name(film, preset)
                                                   : opened_first(preset, target, film);
}

void need_possible_name(const fs::path& file)
{
    const auto refuse = [&](const char* what, std::size_t bytes, std::size_t most) {
        throw Error(Errc::usage, fmt::format("output '{}': {} has {} bytes, {} are possible; use a shorter one",
                                             file.string(), what, bytes, most));
    };
    for (const fs::path& part : file.parent_path()) {
        if (part.native().size() > k_longest_component) {
            refuse("the name of a folder", part.native().size(), k_longest_component);
        }
    }
    if (const std::size_t bytes = file.filename().native().size(); bytes > k_longest_name) {
        refuse("the name", bytes, k_longest_name);
    }
    if (const std::size_t bytes = file.native().size(); bytes > k_longest_path) {
        refuse("the whole path", bytes, k_longest_path);
    }
}

/// What stands beside an output: its captions, named by their language as players and services look for them, and its
/// poster.
std::vector<fs::path> companions(const stages::OutputSpec& output, const std::optional<CaptionSettings>& captions,
                                 bool poster)
{
    const fs::path& file = output.file;
    if (output.preset.package != Preset::Package::file) { // whose captions are in it
        return poster ? std::vector{file.parent_path() / "poster.jpg"} : std::vector<fs::path>{};
    }
    std::vector<fs::path> beside;
    if (output.preset.container == "jpeg") { // a picture of the film
        return output.preset.sprites ? std::vector{fs::path(file).replace_extension(".vtt")} : beside;
    }
    const std::string& container = output.preset.container;
    if (container == "gif" || container == "webp" || container == "avif") {
        return beside; // it stands for the film itself
    }
    const auto with = [&](const std::string& extension) { return fs::path(file).replace_extension(extension); };
    if (captions && captions->has(CaptionForm::side_car)) {
        const std::string language = captions->language.empty() ? "" : "." + captions->language;
        beside = {with(language + ".srt"), with(language + ".vtt")};
    }
    if (poster) {
        beside.push_back(with(".jpg"));
    }
    return beside;
}

/// As its clips are, where they all are HEVC or AV1 of one kind and can be copied; H.264 otherwise.
Preset master_of(const Plan& plan, const FilmOptions& options)
{
    const Coding first = plan.shots.empty() ? Coding() : plan.shots.front().coding;
    const bool alike = std::ranges::all_of(plan.shots, [&](const ShotPlan& shot) { return shot.coding == first; });
    const bool known = first.pixel_format == "yuv420p" || first.pixel_format == "yuv420p10le";
    if (!alike || !known || !copying(options)) {
        return master_preset();
    }
    if (first.codec == "hevc") {
        return hevc_master_preset(first.pixel_format);
    }
    const bool mov = extension_of(options.output.value_or("")) == ".mov"; // in which libavformat 59 writes no AV1
    return first.codec == "av1" && !mov ? av1_master_preset(first.pixel_format) : master_preset();
}

} // namespace

bool copying(const FilmOptions& options)
{
    return options.copy && options.crf.value_or(1) > 0;
}

std::vector<stages::OutputSpec> outputs_for(const Storyboard& board, const Plan& plan, const FilmOptions& options,
                                            const Account& account)
{
    const std::vector<std::string>& names = options.presets.empty() ? board.deliver : options.presets;
    std::vector<stages::OutputSpec> outputs;
    std::set<std::string> seen;
    for (const std::string& name : names) {
        if (seen.insert(name).second) {
            outputs.push_back({load_preset(account.preset_dirs, name), {}});
        }
    }
    if (outputs.empty()) {
        outputs.push_back({master_of(plan, options), {}});
    }
    const fs::path target = options.output.value_or(options.workdir.out());
    const bool one_file = names_media_file(target);
    if (one_file && outputs.size() > 1) {
        throw Error(Errc::usage, fmt::format("output '{}' names one file, but {} presets are asked for; name a folder",
                                             target.string(), outputs.size()));
    }
    const std::string& film = options.name.empty() ? board.title : options.name;
    for (stages::OutputSpec& output : outputs) {
        if (one_file) {
            suit_container(output.preset, target);
        }
        const double seconds = plan.rate.seconds(plan.frames);
        output.preset = preset_for_length(output.preset, seconds);
        override_encoding(output.preset, options);
        output.preset = within_limits(output.preset, seconds, options.limits);
        output.file = fs::absolute(one_file ? target : named_in(target, film, output.preset)).lexically_normal();
        need_possible_name(output.file);
        output.beside = companions(output, board.captions, options.posters && !one_file);
    }
    return outputs;
}

SafeBox safe_box(const std::vector<stages::OutputSpec>& outputs, Size film)
{
    SafeBox box;
    for (const stages::OutputSpec& output : outputs) {
        if (shows_whole(output.preset, film)) { // a reframed film carries its text somewhere else in the picture
            box = box.within(safe_box_of(output.preset));
        }
    }
    return box;
}

nlohmann::json shape_of(const stages::OutputSpec& output)
{
    nlohmann::json beside = nlohmann::json::array();
    for (const fs::path& file : output.beside) {
        beside.push_back(file.string());
    }
    return {{"preset", shape_of(output.preset)}, {"file", output.file.string()}, {"beside", std::move(beside)}};
}

} // namespace longtake
