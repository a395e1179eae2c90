#pragma once

#include "pipeline/model/campaign/variable.h"

#include <filesystem>

namespace longtake {

/// Where a value was written down, and what will be shown of it.
struct ValueContext {
    std::filesystem::path folder; ///< paths are relative to it
    std::vector<std::string>
        canvases{}; ///< that the film is made for ("9:16"): limits of letters on others do not hold
};

/// A variable's value as a storyboard takes it: texts, numbers and colours as they are, prices as text in their locale,
/// paths absolute, lists element by element. `given` is JSON, or the text of a command line or of a table's cell, in
/// which "\n" breaks a line and "|" parts a plain list's elements.
/// Throws Error(usage): what was found and what it must be.
nlohmann::json value_of(const Variable& variable, const nlohmann::json& given, const ValueContext& context);

/// Letters as readers count them: an accent is none of its own (UAX 29 grapheme clusters, by ICU).
int letters_in(const std::string& text);

} // namespace longtake
