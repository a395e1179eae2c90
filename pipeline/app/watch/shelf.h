#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace longtake::app {

/// The files that viewers of a page may have: pictures of a few folders by their names, and films by numbers. Whatever
/// a record says, they lie in folders that were named from the first, with every link resolved, and have the ending of
/// a film or a picture. Safe from several threads.
class Shelf {
public:
    struct File {
        std::filesystem::path file;
        std::string type; ///< of media (RFC 6838)
    };

    /// Folders that films and pictures may lie in. Those that are not there now hold nothing.
    void allow(const std::vector<std::filesystem::path>& folders);

    /// "NAME/PICTURE.jpg" is found in a folder.
    void put_pictures(const std::string& name, const std::filesystem::path& folder);
    void put_film(const std::string& number, const std::filesystem::path& file);

    /// Takes all films away.
    void clear_films();

    /// Whether put_film() of this file makes one that can be had.
    bool has(const std::filesystem::path& file) const;

    /// By what stands below the token: "files/3", "pictures/shot-0-1.jpg". Empty: there is none, or none that may be
    /// had.
    std::optional<File> find(const std::string& path) const;

private:
    std::optional<File> checked(const std::filesystem::path& file) const;

    mutable std::mutex mutex_;
    std::vector<std::filesystem::path> roots_; ///< canonical
    std::map<std::string, std::filesystem::path> pictures_;
    std::map<std::string, std::filesystem::path> films_;
};

} // namespace longtake::app
