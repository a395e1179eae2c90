#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/flow/batch/row_state.h"

#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// The picture beside a row's first film; empty if there is none.
std::filesystem::path poster_of(const RowState& row);

/// A poster as small as it is shown, at most 200 pixels high and wide; empty: it cannot be read.
std::optional<av::Frame> small_poster(const std::filesystem::path& file);

/// The posters of a batch's films with their names, eight in a line, as a PNG; of very many the first k_most_on_sheet.
/// Empty if none has a poster.
std::string contact_sheet(const std::vector<RowState>& rows);

constexpr std::size_t k_most_on_sheet = 400;

} // namespace longtake
