#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// What a film of a campaign is given.
struct Variable {
    enum class Type { text, number, price, colour, choice, picture, clip, sound, style, list };

    std::string name; ///< empty: an element of a plain list
    Type type = Type::text;
    std::string description;
    nlohmann::json value_default{};           ///< null: none
    nlohmann::json example{};                 ///< null: none
    bool optional = false;                    ///< may have no value
    std::map<std::string, int> max_letters{}; ///< of a text, by canvas ("9:16"); that of "" holds on all
    std::optional<double> min{}, max{};       ///< of a number; of a list its elements
    std::vector<std::string> choices{};       ///< of a choice
    std::string currency = "USD";             ///< of a price that names none (ISO 4217)
    std::string locale = "en-US";             ///< a price is written as people write it there
    std::vector<Variable> fields{};           ///< of a list: what each element has; one without a name: a plain list

    bool required() const noexcept { return value_default.is_null() && !optional; }

    /// Whether its value is the path of a file.
    bool file() const noexcept { return type == Type::picture || type == Type::clip || type == Type::sound; }

    /// Of a list, whether its elements are values and not objects.
    bool plain() const noexcept { return fields.size() == 1 && fields.front().name.empty(); }
};

/// A variable of its JSON in a campaign, which the schema has checked. Throws Error(usage) for what the schema cannot
/// say: a choice without choices, a list that does not say of what.
Variable variable_of(const std::string& name, const nlohmann::json& json);

std::string word(Variable::Type type);

} // namespace longtake
