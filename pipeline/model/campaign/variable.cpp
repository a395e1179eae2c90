#include "pipeline/model/campaign/variable.h"

#include "pipeline/model/words.h"

namespace longtake {
namespace {

using nlohmann::json;

constexpr Words<Variable::Type, 10> k_types = {{{Variable::Type::text, "text"},
                                                {Variable::Type::number, "number"},
                                                {Variable::Type::price, "price"},
                                                {Variable::Type::colour, "colour"},
                                                {Variable::Type::choice, "choice"},
                                                {Variable::Type::picture, "picture"},
                                                {Variable::Type::clip, "clip"},
                                                {Variable::Type::sound, "sound"},
                                                {Variable::Type::style, "style"},
                                                {Variable::Type::list, "list"}}};

std::map<std::string, int> letters_of(const json& limits)
{
    if (limits.is_number()) {
        return {{"", limits.get<int>()}};
    }
    return limits.is_object() ? limits.get<std::map<std::string, int>>() : std::map<std::string, int>();
}

std::optional<double> bound(const json& variable, const char* key)
{
    return variable.contains(key) ? std::optional(variable.at(key).get<double>()) : std::nullopt;
}

/// What each element of a list has: one value, or several by name.
std::vector<Variable> fields_of(const json& variable)
{
    std::vector<Variable> fields;
    if (variable.contains("items")) {
        fields.push_back(variable_of("", variable.at("items")));
    }
    const json named = variable.value("fields", json::object());
    for (const auto& [name, field] : named.items()) {
        fields.push_back(variable_of(name, field));
    }
    return fields;
}

void need(bool right, const std::string& name, const char* what)
{
    if (!right) {
        throw Error(Errc::usage, "variable '" + name + "' " + what);
    }
}

} // namespace

std::string word(Variable::Type type)
{
    return name_in(k_types, type);
}

Variable variable_of(const std::string& name, const json& value)
{
    Variable variable;
    variable.name = name;
    variable.type = value_in(k_types, "type of variable", value.at("type").get<std::string>());
    variable.description = value.at("description");
    variable.value_default = value.value("default", json());
    variable.example = value.value("example", json());
    variable.optional = value.value("optional", false);
    variable.max_letters = letters_of(value.value("max_letters", json()));
    variable.min = bound(value, "min");
    variable.max = bound(value, "max");
    variable.choices = value.value("choices", variable.choices);
    variable.currency = value.value("currency", variable.currency);
    variable.locale = value.value("locale", variable.locale);
    variable.fields = fields_of(value);
    const bool list = variable.type == Variable::Type::list;
    need(variable.choices.empty() == (variable.type != Variable::Type::choice), name,
         "is to have \"choices\" if it is a choice, and else none");
    need(list ? value.contains("items") != value.contains("fields") : variable.fields.empty(), name,
         "is to have \"items\" or \"fields\" if it is a list, and else none");
    for (const Variable& field : variable.fields) {
        need(field.type != Variable::Type::list, name, "is a list of lists; a list has values or objects of values");
    }
    return variable;
}

} // namespace longtake
