#pragma once

#include "tests/support/photos.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <string>

namespace longtake::test {

/// A quick storyboard of everything the main job does: a move with an extension, a morph, a card, hold and cut.
/// 4.5 s at 320x180, 24 fps: 108 frames.
inline nlohmann::json quick_board()
{
    return {{"schema", "longtake/storyboard/1"},
            {"title", "Quick"},
            {"size", "320x180"},
            {"fps", 24},
            {"defaults", {{"fit", "crop"}, {"transition", {{"type", "dissolve"}, {"seconds", 0.25}}}}},
            {"shots",
             {{{"id", "cup"},
               {"image", photo("coffee.png")},
               {"prompt", "steam"},
               {"seconds", 1.5},
               {"transition", {{"type", "cut"}}}},
              {{"id", "cat"}, {"image", photo("chelsea.png")}, {"end_image", photo("coffee.png")}, {"seconds", 1}},
              {{"id", "moon"},
               {"image", photo("rocket.jpg")},
               {"seconds", 1},
               {"transition", {{"type", "cut"}}},
               {"camera", {{"horizontal", 4}}}},
              {{"id", "end"}, {"card", {{"text", "The end"}}}, {"seconds", 1}}}},
            {"deliver", {"preview/360p"}}};
}

inline std::filesystem::path write_board(const std::filesystem::path& file, const nlohmann::json& board)
{
    std::ofstream(file) << board.dump(1);
    return file;
}

} // namespace longtake::test
