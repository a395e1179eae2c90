#include "pipeline/model/campaign/value.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/model/brand/style.h"
#include "pipeline/model/campaign/price.h"
#include "pipeline/model/schema/schema.h"

#include <fmt/format.h>
#include <unicode/brkiter.h>

#include <algorithm>
#include <memory>
#include <regex>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

[[noreturn]] void must_be(const json& found, const std::string& what)
{
    throw Error(Errc::usage, fmt::format("found {}; must be {}", found_text(found), what));
}

std::string string_of(const json& given, const char* what)
{
    if (!given.is_string() || given.get_ref<const std::string&>().empty()) {
        must_be(given, what);
    }
    return given.get<std::string>();
}

std::string with_line_breaks(std::string text)
{
    for (std::size_t at = text.find("\\n"); at != std::string::npos; at = text.find("\\n", at)) {
        text.replace(at, 2, "\n");
    }
    return text;
}

json text_value(const Variable& variable, const json& given, const ValueContext& context)
{
    const std::string text = with_line_breaks(string_of(given, "a text"));
    const int letters = letters_in(text);
    for (const auto& [canvas, most] : variable.max_letters) {
        const bool shown = canvas.empty() || std::ranges::find(context.canvases, canvas) != context.canvases.end();
        if (shown && letters > most) {
            throw Error(Errc::usage, fmt::format("has {} letters; at most {}{}", letters, most,
                                                 canvas.empty() ? "" : fmt::format(" fit at {}", canvas)));
        }
    }
    return text;
}

json number_value(const Variable& variable, const json& given)
{
    const auto number = given.is_number()   ? std::optional(given.get<double>())
                        : given.is_string() ? decimal_number(given.get_ref<const std::string&>())
                                            : std::nullopt;
    if (!number) {
        must_be(given, "a number such as 12 or 3.5");
    }
    if (variable.min && *number < *variable.min) {
        must_be(given, fmt::format(">= {:g}", *variable.min));
    }
    if (variable.max && *number > *variable.max) {
        must_be(given, fmt::format("<= {:g}", *variable.max));
    }
    return given.is_number() ? given : json::parse(given.get_ref<const std::string&>(), nullptr, false);
}

json price_value(const Variable& variable, const json& given)
{
    if (!given.is_string() && !given.is_number()) {
        must_be(given, "a price such as 12.90 or \"EUR 12.90\"");
    }
    // a number of JSON has lost its last zero: 12.9 was 12.90
    const std::string text = given.is_number_float() ? fmt::format("{:.2f}", given.get<double>())
                             : given.is_number()     ? given.dump()
                                                     : given.get<std::string>();
    return price_text(parse_price(text, variable.currency), variable.locale);
}

json colour_value(const json& given)
{
    static const std::regex k_colour("#[0-9A-Fa-f]{6}");
    std::string text = string_of(given, "a colour such as \"#20140c\"");
    if (!std::regex_match(text, k_colour)) {
        must_be(given, "a colour such as \"#20140c\"");
    }
    return text;
}

json choice_value(const Variable& variable, const json& given)
{
    const std::string text = given.is_string() ? given.get<std::string>() : given.dump();
    if (std::ranges::find(variable.choices, text) == variable.choices.end()) {
        const std::string near = nearest_name(text, variable.choices);
        must_be(given, join(variable.choices, " or ") + (near.empty() ? "" : "; did you mean '" + near + "'?"));
    }
    return text;
}

json file_value(const Variable& variable, const json& given, const ValueContext& context)
{
    const std::string what = "the path of a " + word(variable.type);
    const fs::path file = (context.folder / string_of(given, what.c_str())).lexically_normal();
    std::error_code unknown;
    if (!fs::is_regular_file(file, unknown)) {
        throw Error(Errc::usage, fmt::format("'{}': {}", file.string(),
                                             fs::exists(file, unknown) ? "is no file" : "there is no such file"));
    }
    return file.string();
}

json style_value(const json& given, const ValueContext& context)
{
    if (!given.is_string() && !given.is_object()) {
        must_be(given, "a style's name, a .json file or an object");
    }
    const std::string reference = style_reference(given, context.folder);
    return given.is_object() ? json::parse(reference) : json(reference);
}

json element_value(const Variable& list, const json& given, const ValueContext& context)
{
    if (list.plain()) {
        return value_of(list.fields.front(), given, context);
    }
    std::vector<std::string> names;
    std::ranges::transform(list.fields, std::back_inserter(names), &Variable::name);
    if (!given.is_object()) {
        must_be(given, "an object with " + join(names));
    }
    for (const auto& [name, value] : given.items()) {
        if (std::ranges::find(names, name) == names.end()) {
            throw Error(Errc::usage, unknown_name("field", name, names));
        }
    }
    json element = json::object();
    for (const Variable& field : list.fields) {
        const json& value = given.contains(field.name) ? given.at(field.name) : field.value_default;
        if (!value.is_null()) {
            element[field.name] = in_context(field.name, [&] { return value_of(field, value, context); });
        } else if (field.required()) {
            throw Error(Errc::usage, field.name + ": missing");
        }
    }
    return element;
}

/// What a cell has between its bars.
json parted(const std::string& cell)
{
    json elements = json::array();
    for (std::size_t start = 0; start <= cell.size();) {
        const std::size_t bar = std::min(cell.find('|', start), cell.size());
        const std::size_t first = cell.find_first_not_of(" \t", start);
        const std::size_t last = bar == 0 ? 0 : cell.find_last_not_of(" \t", bar - 1);
        elements.push_back(first >= bar ? "" : cell.substr(first, last + 1 - first));
        start = bar + 1;
    }
    return elements;
}

json list_value(const Variable& variable, json given, const ValueContext& context)
{
    if (given.is_string()) {
        const json read = json::parse(given.get_ref<const std::string&>(), nullptr, false);
        given = read.is_array() ? read : variable.plain() ? parted(given.get_ref<const std::string&>()) : given;
    }
    if (!given.is_array()) {
        must_be(given, variable.plain() ? "a list, such as \"one | two\"" : "a list of objects, as JSON");
    }
    const auto size = static_cast<double>(given.size());
    if (size < variable.min.value_or(1) || size > variable.max.value_or(size)) {
        throw Error(Errc::usage,
                    fmt::format("has {} elements; must have {:g} to {}", given.size(), variable.min.value_or(1),
                                variable.max ? fmt::format("{:g}", *variable.max) : "any number"));
    }
    json list = json::array();
    for (const json& element : given) {
        list.push_back(in_context(fmt::format("element {}", list.size() + 1),
                                  [&] { return element_value(variable, element, context); }));
    }
    return list;
}

} // namespace

int letters_in(const std::string& text)
{
    UErrorCode error = U_ZERO_ERROR;
    const std::unique_ptr<icu::BreakIterator> letters(
        icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), error));
    if (U_FAILURE(error)) {
        throw Error(Errc::internal, std::string("ICU: ") + u_errorName(error));
    }
    const icu::UnicodeString utf16 = icu::UnicodeString::fromUTF8(text);
    letters->setText(utf16);
    int count = 0;
    while (letters->next() != icu::BreakIterator::DONE) {
        ++count;
    }
    return count;
}

json value_of(const Variable& variable, const json& given, const ValueContext& context)
{
    switch (variable.type) {
    case Variable::Type::text: return text_value(variable, given, context);
    case Variable::Type::number: return number_value(variable, given);
    case Variable::Type::price: return price_value(variable, given);
    case Variable::Type::colour: return colour_value(given);
    case Variable::Type::choice: return choice_value(variable, given);
    case Variable::Type::picture:
    case Variable::Type::clip:
    case Variable::Type::sound: return file_value(variable, given, context);
    case Variable::Type::style: return style_value(given, context);
    case Variable::Type::list: return list_value(variable, given, context);
    }
    throw Error(Errc::internal, "a type of variable without a reader");
}

} // namespace longtake
