#include "pipeline/app/watch/shelf.h"

#include <algorithm>
#include <string_view>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;

constexpr std::pair<const char*, const char*> k_media_types[] = {
    {".mp4", "video/mp4"},        {".m4v", "video/mp4"},   {".mov", "video/quicktime"},
    {".mkv", "video/x-matroska"}, {".webm", "video/webm"}, {".gif", "image/gif"},
    {".jpg", "image/jpeg"},       {".png", "image/png"},   {".webp", "image/webp"},
};

bool is_within(const fs::path& file, const fs::path& folder)
{
    const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
    return end == folder.end() && rest != file.end();
}

/// "shot-0-1.jpg": no path, nothing hidden.
bool is_picture_name(std::string_view name)
{
    return name.ends_with(".jpg") && !name.starts_with('.') &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string_view::npos;
}

} // namespace

void Shelf::allow(const std::vector<fs::path>& folders)
{
    const std::lock_guard lock(mutex_);
    roots_.clear();
    for (const fs::path& folder : folders) {
        std::error_code missing;
        fs::path root = fs::canonical(folder, missing);
        if (!missing && root != root.root_path()) {
            roots_.push_back(std::move(root));
        }
    }
}

void Shelf::put_pictures(const std::string& name, const fs::path& folder)
{
    const std::lock_guard lock(mutex_);
    pictures_[name] = folder;
}

void Shelf::put_film(const std::string& number, const fs::path& file)
{
    const std::lock_guard lock(mutex_);
    films_[number] = file;
}

void Shelf::clear_films()
{
    const std::lock_guard lock(mutex_);
    films_.clear();
}

bool Shelf::has(const fs::path& file) const
{
    const std::lock_guard lock(mutex_);
    return checked(file).has_value();
}

std::optional<Shelf::File> Shelf::checked(const fs::path& file) const
{
    std::error_code missing;
    const fs::path whole = fs::canonical(file, missing);
    if (missing || !fs::is_regular_file(whole, missing)) {
        return std::nullopt;
    }
    const auto* const type = std::ranges::find(k_media_types, whole.extension().string(),
                                               [](const auto& pair) { return std::string(pair.first); });
    const bool inside = std::ranges::any_of(roots_, [&](const fs::path& root) { return is_within(whole, root); });
    if (type == std::end(k_media_types) || !inside) {
        return std::nullopt;
    }
    return File{whole, type->second};
}

std::optional<Shelf::File> Shelf::find(const std::string& path) const
{
    const std::size_t slash = path.find('/');
    if (slash == std::string::npos) {
        return std::nullopt;
    }
    const std::string shelf = path.substr(0, slash);
    const std::string name = path.substr(slash + 1);
    const std::lock_guard lock(mutex_);
    if (shelf == "files") {
        const auto film = films_.find(name);
        return film == films_.end() ? std::nullopt : checked(film->second);
    }
    const auto folder = pictures_.find(shelf);
    return folder == pictures_.end() || !is_picture_name(name) ? std::nullopt : checked(folder->second / name);
}

} // namespace longtake::app
