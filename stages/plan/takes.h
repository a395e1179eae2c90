#pragma once

#include "pipeline/model/models.h"
#include "pipeline/model/plan.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace longtake::stages {

/// One take's place in a shot's arithmetic.
struct TakePiece {
    PlannedTake::Kind kind = PlannedTake::Kind::open;
    double seconds = 0;    ///< asked for and billed
    double guaranteed = 0; ///< the least it adds
};

using Pieces = std::vector<TakePiece>;

/// Whether a take may have this length.
using Allowed = std::function<bool(double seconds)>;

/// Whether a take may last exactly so long.
bool has_length(const Model::Durations& durations, double seconds);

/// "5 or 10 s", "3 to 15 s"
std::string lengths_text(const Model::Durations& durations);

double sure_seconds(const Pieces& pieces);
double billed_seconds(const Pieces& pieces);

/// Fewest billed seconds, then fewest takes, then the least beyond `seconds`, then the longest opening: an opening and
/// as many extensions as are sure to reach `seconds`. Empty if no opening is allowed or the chain would grow too long.
std::optional<Pieces> with_extensions(const Model::Durations& durations, const Model::Extend& extend, double seconds,
                                      const Allowed& opening);

/// The same with takes that each start from the last frame of the one before. The last satisfies `last`, those before
/// it `link`. Empty if no such row of takes exists.
std::optional<Pieces> with_chain(const Model::Durations& durations, double seconds, const Allowed& link,
                                 const Allowed& last);

} // namespace longtake::stages
