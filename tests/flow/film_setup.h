#pragma once

#include "pipeline/flow/film.h"

namespace longtake::test {

/// All that a film is made with, beside its storyboard.
struct FilmSetup {
    FilmOptions options;
    Account account;
    Observer observer;
};

} // namespace longtake::test
