#include "pipeline/app/picture_list.h"

#include "pipeline/app/clip_list.h"
#include "pipeline/base/text.h"
#include "stages/prepare/prepare.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;

constexpr std::array k_picture_extensions = {".jpg",  ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif", ".tif",
                                             ".tiff", ".gif",  ".bmp", ".jp2",  ".j2k",  ".ppm",  ".pgm",  ".pbm"};

std::string small_letters(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

bool has_picture_extension(const fs::path& file)
{
    return std::find(k_picture_extensions.begin(), k_picture_extensions.end(),
                     small_letters(file.extension().string())) != k_picture_extensions.end();
}

/// Why a thing in a folder is passed over; empty: it is a picture, or says so.
std::string reason_to_skip(const fs::path& file)
{
    std::error_code error;
    const fs::file_status status = fs::status(file, error);
    if (fs::is_directory(status)) {
        return "a folder in a folder is not searched; name it";
    }
    if (!fs::exists(status)) {
        return "a link to nothing";
    }
    if (!fs::is_regular_file(status)) {
        return "not a regular file";
    }
    if (has_picture_extension(file)) {
        return {};
    }
    try {
        return stages::is_picture(file) ? "" : "not a picture";
    } catch (const Error& unreadable) {
        return unreadable.what();
    }
}

void add_folder(const fs::path& folder, PictureList& list)
{
    const std::size_t before = list.pictures.size();
    for (const fs::path& file : shown_entries(folder)) {
        const std::string reason = reason_to_skip(file);
        if (reason.empty()) {
            list.pictures.push_back({.file = file});
        } else {
            list.skipped.push_back(file.string() + ": " + reason);
        }
    }
    if (list.pictures.size() == before) {
        throw Error(Errc::input, folder.string() + ": holds no pictures; name a folder that does");
    }
}

/// Leaves room for a number, an extension and what a name has besides while its file is written, in the 255 bytes a
/// name may have; cuts no letter.
std::string short_enough(const std::string& stem)
{
    constexpr std::size_t k_longest = 216;
    return cut_between_letters(stem, k_longest);
}

void give_names(std::vector<ListedPicture>& pictures)
{
    std::set<std::string> taken;
    for (ListedPicture& picture : pictures) {
        const std::string stem = short_enough(picture.file.stem().string());
        picture.name = stem;
        for (int number = 2; !picture.refused && !taken.insert(small_letters(picture.name)).second; ++number) {
            picture.name = stem + "-" + std::to_string(number);
            picture.renamed = true;
        }
    }
}

} // namespace

std::vector<fs::path> shown_entries(const fs::path& folder)
{
    std::error_code error;
    std::vector<fs::path> entries;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        if (!entry->path().filename().string().starts_with('.')) {
            entries.push_back(entry->path());
        }
    }
    if (error) {
        throw Error(Errc::input, folder.string() + ": cannot read the folder: " + error.message());
    }
    std::sort(entries.begin(), entries.end(),
              [](const fs::path& a, const fs::path& b) { return natural_less(a.string(), b.string()); });
    return entries;
}

PictureList pictures_of(const std::vector<fs::path>& words)
{
    PictureList list;
    for (const fs::path& word : words) {
        std::error_code unknown;
        if (!fs::is_directory(word, unknown)) {
            list.pictures.push_back({.file = word});
            continue;
        }
        try {
            add_folder(word, list);
        } catch (const Error& error) {
            list.pictures.push_back({.file = word, .refused = error});
        }
    }
    give_names(list.pictures);
    return list;
}

} // namespace longtake::app
