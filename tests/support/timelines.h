#pragma once

#include "pipeline/model/timeline.h"

namespace longtake::test {

/// Two shots of 100 and 60 frames at 30 fps, joined by a dissolve of 15.
inline Timeline two_shots(bool held)
{
    Timeline film;
    film.rate = {30, 1};
    film.size = {1280, 720};
    film.items.push_back({.shot = "a", .start = 0, .frames = 100, .transition = {}, .ranges = {}});
    film.items[0].ranges = {{.file = "/t/a 1.mp4", .sha256 = "aa", .first = 0, .frames = 90},
                            {.file = "/t/a2.mp4", .sha256 = "ab", .first = 1, .frames = 10}};
    film.items.push_back({.shot = "b", .start = held ? 100 : 85, .frames = 60, .transition = {}, .ranges = {}});
    film.items[1].transition = {TransitionType::dissolve, 15, held};
    film.items[1].ranges = {{.file = "/t/b.mp4", .sha256 = "bb", .first = 0, .frames = 60, .sound = true}};
    return film;
}

} // namespace longtake::test
