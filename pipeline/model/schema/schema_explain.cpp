#include "pipeline/model/schema/schema_explain.h"

#include "pipeline/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <regex>

namespace longtake {
namespace {

using nlohmann::json;

/// The value in words of its kind, for a value of the wrong type: `a string "abc"`.
std::string typed_text(const json& value)
{
    const char* kind = value.is_string() ? "a string " : value.is_number() ? "a number " : "";
    return kind + found_text(value);
}

bool is_of(const json& value, const std::string& type)
{
    if (type == "integer") {
        return value.is_number_integer();
    }
    return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
           (type == "string" && value.is_string()) || (type == "number" && value.is_number()) ||
           (type == "boolean" && value.is_boolean()) || (type == "null" && value.is_null());
}

std::vector<std::string> types_of(const json& schema)
{
    const auto type = schema.find("type");
    if (type == schema.end()) {
        return {};
    }
    return type->is_string() ? std::vector{type->get<std::string>()} : type->get<std::vector<std::string>>();
}

std::string type_words(const std::vector<std::string>& types)
{
    std::vector<std::string> words;
    for (const std::string& type : types) {
        words.push_back(type == "array"     ? "a list"
                        : type == "boolean" ? "true or false"
                        : type == "integer" ? "a whole number"
                        : type == "object"  ? "an object"
                        : type == "null"    ? "null"
                                            : "a " + type);
    }
    return join(words, " or ");
}

std::string expected_words(const json& schema)
{
    return schema.contains("x-expected") ? schema.at("x-expected").get<std::string>() : type_words(types_of(schema));
}

/// A slip of the keys, or a name cut short ("secs" for "seconds").
std::string nearest(const std::string& name, const std::vector<std::string>& known)
{
    if (std::string near = nearest_name(name, known); !near.empty()) {
        return near;
    }
    constexpr std::size_t k_start = 3;
    const auto same_start = [&](const std::string& candidate) {
        return name.size() >= k_start && candidate.starts_with(name.substr(0, k_start));
    };
    const auto found = std::find_if(known.begin(), known.end(), same_start);
    return found == known.end() ? "" : *found;
}

std::string did_you_mean(const std::string& name, const std::vector<std::string>& known)
{
    const std::string near = nearest(name, known);
    return near.empty() ? "" : fmt::format("; did you mean {}?", json(near).dump());
}

std::size_t characters(const std::string& text)
{
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

class Walk {
public:
    Walk(const json& root, Problems& problems) : root_(root), problems_(problems) {}

    void visit(const json& rule, const json& value, const std::string& at)
    {
        const json& schema = resolve(rule);
        if (!check_type(schema, value, at) || !check_words(schema, value, at)) {
            return;
        }
        if (value.is_number()) {
            check_number(schema, value, at);
        } else if (value.is_string()) {
            check_string(schema, value.get_ref<const std::string&>(), at);
        } else if (value.is_array()) {
            check_list(schema, value, at);
        } else if (value.is_object()) {
            check_object(schema, value, at);
        }
    }

private:
    const json& resolve(const json& schema) const
    {
        const json* found = &schema;
        while (found->is_object() && found->contains("$ref")) {
            found = &root_.at(json::json_pointer(found->at("$ref").get<std::string>().substr(1)));
        }
        return *found;
    }

    bool check_type(const json& schema, const json& value, const std::string& at)
    {
        const auto types = types_of(schema);
        const auto fits = [&](const std::string& type) { return is_of(value, type); };
        if (types.empty() || std::any_of(types.begin(), types.end(), fits)) {
            return true;
        }
        problems_.add(at, fmt::format("found {}; must be {}", typed_text(value), expected_words(schema)));
        return false;
    }

    bool check_words(const json& schema, const json& value, const std::string& at)
    {
        if (schema.contains("const") && value != schema.at("const")) {
            problems_.add(at, fmt::format("found {}; must be {}", found_text(value), schema.at("const").dump()));
            return false;
        }
        const auto words = schema.find("enum");
        if (words == schema.end() || std::find(words->begin(), words->end(), value) != words->end()) {
            return true;
        }
        std::vector<std::string> allowed;
        for (const json& word : *words) {
            allowed.push_back(word.is_string() ? word.get<std::string>() : word.dump());
        }
        const std::string near = value.is_string() ? did_you_mean(value.get<std::string>(), allowed) : "";
        problems_.add(at, fmt::format("found {}; allowed: {}{}", found_text(value), join(allowed), near));
        return false;
    }

    void check_number(const json& schema, const json& value, const std::string& at)
    {
        const double number = value.get<double>();
        const auto bound = [&](const char* keyword, const char* sign, auto holds) {
            if (schema.contains(keyword) && !holds(schema.at(keyword).get<double>())) {
                problems_.add(at,
                              fmt::format("found {}; must be {} {}", value.dump(), sign, schema.at(keyword).dump()));
            }
        };
        bound("minimum", ">=", [&](double limit) { return number >= limit; });
        bound("maximum", "<=", [&](double limit) { return number <= limit; });
        bound("exclusiveMinimum", ">", [&](double limit) { return number > limit; });
        bound("exclusiveMaximum", "<", [&](double limit) { return number < limit; });
    }

    void check_string(const json& schema, const std::string& text, const std::string& at)
    {
        if (schema.contains("pattern") &&
            !std::regex_search(text, std::regex(schema.at("pattern").get<std::string>()))) {
            const bool only_text = types_of(schema).size() == 1;
            const std::string found = only_text ? found_text(text) : typed_text(text);
            const std::string wanted = schema.contains("x-expected")
                                           ? schema.at("x-expected").get<std::string>()
                                           : "text like " + schema.at("pattern").get<std::string>();
            problems_.add(at, fmt::format("found {}; must be {}", found, wanted));
        }
        const std::size_t length = characters(text);
        if (schema.contains("minLength") && length < schema.at("minLength").get<std::size_t>()) {
            problems_.add(at, length == 0 ? "is empty" : fmt::format("found {}; too short", found_text(text)));
        }
        if (schema.contains("maxLength") && length > schema.at("maxLength").get<std::size_t>()) {
            problems_.add(at, fmt::format("found {} characters; at most {}", length, schema.at("maxLength").dump()));
        }
    }

    void check_list(const json& schema, const json& list, const std::string& at)
    {
        if (schema.contains("minItems") && list.size() < schema.at("minItems").get<std::size_t>()) {
            const std::string found = list.empty() ? "is empty" : fmt::format("found {} items", list.size());
            problems_.add(at, fmt::format("{}; at least {}", found, schema.at("minItems").dump()));
        }
        if (schema.contains("maxItems") && list.size() > schema.at("maxItems").get<std::size_t>()) {
            problems_.add(at, fmt::format("found {} items; at most {}", list.size(), schema.at("maxItems").dump()));
        }
        const bool unique = schema.value("uniqueItems", false);
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (unique && std::find(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(i), list[i]) !=
                              list.begin() + static_cast<std::ptrdiff_t>(i)) {
                problems_.add(pointer_to(at, i), fmt::format("{} is already in the list", found_text(list[i])));
            }
            if (schema.contains("items")) {
                visit(schema.at("items"), list[i], pointer_to(at, i));
            }
        }
    }

    void check_object(const json& schema, const json& object, const std::string& at)
    {
        const json none = json::object();
        const json& properties = schema.contains("properties") ? schema.at("properties") : none;
        if (schema.contains("minProperties") && object.size() < schema.at("minProperties").get<std::size_t>()) {
            problems_.add(at, fmt::format("has too few keys; at least {}", schema.at("minProperties").dump()));
        }
        for (const auto& required : schema.value("required", json::array())) {
            if (!object.contains(required.get<std::string>())) {
                problems_.add(pointer_to(at, required.get<std::string>()), "missing");
            }
        }
        for (const auto& [key, value] : object.items()) {
            if (properties.contains(key)) {
                visit(properties.at(key), value, pointer_to(at, key));
            } else if (schema.contains("additionalProperties")) {
                check_other(schema, key, value, at);
            }
        }
    }

    /// A key `properties` does not name.
    void check_other(const json& schema, const std::string& key, const json& value, const std::string& at)
    {
        const json& others = schema.at("additionalProperties");
        if (!others.is_boolean()) {
            visit(others, value, pointer_to(at, key));
            return;
        }
        if (others.get<bool>()) {
            return;
        }
        const json later = schema.value("x-unsupported", json::array());
        if (std::find(later.begin(), later.end(), key) != later.end()) {
            problems_.add(pointer_to(at, key), "not supported by this version; remove it");
            return;
        }
        std::vector<std::string> allowed;
        const json properties = schema.value("properties", json::object());
        for (const auto& [name, rule] : properties.items()) {
            allowed.push_back(name);
        }
        problems_.add(pointer_to(at, key), fmt::format("unknown key{}{} allowed: {}", did_you_mean(key, allowed),
                                                       nearest(key, allowed).empty() ? ";" : "", join(allowed)));
    }

    const json& root_;
    Problems& problems_;
};

} // namespace

void explain(const nlohmann::json& schema, const nlohmann::json& value, Problems& problems)
{
    Walk(schema, problems).visit(schema, value, "");
}

} // namespace longtake
