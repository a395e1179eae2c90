#pragma once

#include <filesystem>
#include <stop_token>
#include <vector>

namespace longtake::av {

/// How loud a file is from its beginning to its end, a value a step.
struct LoudnessCurve {
    double step = 0; ///< seconds
    std::vector<double>
        short_term;            ///< LUFS of the 3 s that end there (EBU Tech 3341), fewer at the beginning; -70: silent
    std::vector<double> peaks; ///< dBTP, the highest within the step; -70: silent
};

/// Decodes the sound alone. Empty of a file without any. Throws Error(input) at damage, Error(interrupted) when
/// stopped.
LoudnessCurve loudness_curve(const std::filesystem::path& file, double step, std::stop_token stop = {});

} // namespace longtake::av
