#include "pipeline/model/schema/schema.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/model/schema/embedded.h"
#include "pipeline/model/schema/schema_explain.h"

#include <fmt/format.h>

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <algorithm>
#include <map>
#include <memory>

namespace longtake {
namespace {

using nlohmann::json;

/// A schema as written, and as valijson compiled it.
struct Compiled {
    json text;
    valijson::Schema schema;
};

std::unique_ptr<Compiled> compile(const std::string& name)
{
    const std::string_view text = embedded(name);
    if (text.empty()) {
        throw Error(Errc::internal, fmt::format("no schema '{}' in the program", name));
    }
    auto compiled = std::make_unique<Compiled>();
    compiled->text = parse_json(text, name + ".schema.json");
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(compiled->text), compiled->schema);
    return compiled;
}

const Compiled& compiled(std::string_view name)
{
    static const auto all = [] {
        std::map<std::string, std::unique_ptr<Compiled>, std::less<>> schemas;
        for (const char* known : {"storyboard", "delivery", "models", "brand", "campaign"}) {
            schemas.emplace(known, compile(known));
        }
        return schemas;
    }();
    const auto found = all.find(name);
    if (found == all.end()) {
        throw Error(Errc::internal, fmt::format("no schema '{}' in the program", name));
    }
    return *found->second;
}

/// "longtake/storyboard/1": a text of another format or version gets this one message and no other.
void check_version(const json& value, const json& schema, const std::string& origin)
{
    Problems problems(origin);
    const auto& supported = schema.at("properties").at("schema").at("const");
    const auto found = value.find("schema");
    if (found == value.end()) {
        problems.add("/schema", fmt::format("missing; must be {}", supported.dump()));
    } else if (*found != supported) {
        problems.add("/schema", fmt::format("found {}; this version reads {}", found_text(*found), supported.dump()));
    }
    problems.check();
}

std::string pointer_of(const valijson::ValidationResults::Error& error)
{
    std::string pointer;
    for (const std::string& step : error.context) {
        if (step != "<root>" && step.size() > 2) {
            pointer = pointer_to(pointer, step.substr(1, step.size() - 2)); // "[shots]"
        }
    }
    return pointer;
}

} // namespace

void Problems::add(const std::string& pointer, const std::string& says)
{
    std::string line = fmt::format("{}: {}: {}", origin_, pointer.empty() ? "/" : pointer, says);
    if (std::find(lines_.begin(), lines_.end(), line) == lines_.end()) {
        lines_.push_back(std::move(line));
    }
}

void Problems::check() const
{
    if (!lines_.empty()) {
        throw Error(Errc::usage, join(lines_, "\n"));
    }
}

const nlohmann::json& schema(std::string_view name)
{
    return compiled(name).text;
}

void check_schema(const nlohmann::json& value, std::string_view name, const std::string& origin)
{
    const Compiled& rules = compiled(name);
    Problems problems(origin);
    if (!value.is_object()) {
        problems.add("", fmt::format("found {}; must be an object", found_text(value)));
        problems.check();
    }
    check_version(value, rules.text, origin);

    valijson::ValidationResults results;
    valijson::Validator validator;
    if (validator.validate(rules.schema, valijson::adapters::NlohmannJsonAdapter(value), &results)) {
        return;
    }
    explain(rules.text, value, problems);
    if (problems.empty() && results.begin() != results.end()) { // a rule explain() has no words for: valijson's own
        problems.add(pointer_of(*results.begin()), results.begin()->description);
    }
    problems.check();
    throw Error(Errc::internal, fmt::format("{}: breaks the schema '{}' for no reason given", origin, name));
}

std::string pointer_to(const std::string& parent, std::string_view key)
{
    std::string pointer = parent + '/';
    for (const char c : key) {
        pointer += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return pointer;
}

std::string pointer_to(const std::string& parent, std::size_t index)
{
    return fmt::format("{}/{}", parent, index);
}

std::string found_text(const nlohmann::json& value)
{
    constexpr std::size_t k_longest = 60;
    if (value.is_object()) {
        return "an object";
    }
    if (value.is_array()) {
        return "a list";
    }
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (text.size() > k_longest) {
        std::size_t end = k_longest;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
            --end; // not inside a UTF-8 sequence
        }
        text = text.substr(0, end) + "…";
    }
    return value.is_string() ? json(text).dump() : text;
}

} // namespace longtake
