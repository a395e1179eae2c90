#include "pipeline/sandbox/apis/fields.h"

#include "pipeline/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake::sandbox {
namespace {

std::size_t letters(const std::string& text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

} // namespace

void refuse(const std::string& why)
{
    throw Refusal(1201, why);
}

Fields::Fields(const nlohmann::json& object, std::string path) : object_(object), path_(std::move(path))
{
    if (!object.is_object()) {
        throw Refusal(1200, path_.empty() ? "the body must be a JSON object" : path_ + " must be an object");
    }
}

const nlohmann::json* Fields::find(const std::string& name)
{
    asked_.insert(name);
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
}

bool Fields::has(const std::string& name)
{
    return find(name) != nullptr;
}

std::optional<std::string> Fields::text(const std::string& name, std::size_t max_letters)
{
    const nlohmann::json* value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_string()) {
        refuse(full(name) + " must be a string, not " + value->type_name());
    }
    if (const std::size_t count = letters(value->get_ref<const std::string&>()); count > max_letters) {
        refuse(fmt::format("{} has {} characters; at most {} are allowed", full(name), count, max_letters));
    }
    return value->get<std::string>();
}

std::string Fields::needed_text(const std::string& name, std::size_t max_letters)
{
    const auto value = text(name, max_letters);
    if (!value || value->empty()) {
        refuse(full(name) + " is required");
    }
    return *value;
}

std::string Fields::one_of(const std::string& name, const std::vector<std::string>& allowed)
{
    const auto value = text(name);
    if (!value) {
        return allowed.empty() ? std::string() : allowed.front();
    }
    if (std::find(allowed.begin(), allowed.end(), *value) == allowed.end()) {
        refuse(fmt::format("{} is '{}'; allowed: {}", full(name), *value, join(allowed)));
    }
    return *value;
}

std::optional<double> Fields::number(const std::string& name, double low, double high)
{
    const nlohmann::json* value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_number()) {
        refuse(full(name) + " must be a number, not " + value->type_name());
    }
    if (*value < low || *value > high) {
        refuse(fmt::format("{} is {}; it must be {} to {}", full(name), value->dump(), low, high));
    }
    return value->get<double>();
}

std::optional<std::int64_t> Fields::integer(const std::string& name, std::int64_t low, std::int64_t high)
{
    const nlohmann::json* value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_number_integer()) {
        refuse(full(name) + " must be an integer, not " +
               (value->is_number() ? value->dump() : std::string("a ") + value->type_name()));
    }
    if (*value < low || *value > high) {
        refuse(fmt::format("{} is {}; it must be {} to {}", full(name), value->dump(), low, high));
    }
    return value->get<std::int64_t>();
}

std::optional<bool> Fields::flag(const std::string& name)
{
    const nlohmann::json* value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_boolean()) {
        refuse(full(name) + " must be true or false, not " + value->dump());
    }
    return value->get<bool>();
}

const nlohmann::json* Fields::object(const std::string& name)
{
    const nlohmann::json* value = find(name);
    if (value != nullptr && !value->is_object()) {
        refuse(full(name) + " must be an object, not " + value->type_name());
    }
    return value;
}

const nlohmann::json* Fields::array(const std::string& name, std::size_t least, std::size_t most)
{
    const nlohmann::json* value = find(name);
    if (value == nullptr) {
        return nullptr;
    }
    if (!value->is_array()) {
        refuse(full(name) + " must be an array, not " + value->type_name());
    }
    if (value->size() < least || value->size() > most) {
        refuse(fmt::format("{} has {} items; {} to {} are allowed", full(name), value->size(), least, most));
    }
    return value;
}

void Fields::finish() const
{
    for (const auto& [name, value] : object_.items()) {
        if (!asked_.contains(name)) {
            refuse(fmt::format("{} is not a parameter here", full(name)));
        }
    }
}

nlohmann::json json_body(const Call& call)
{
    if (!call.content_type.starts_with("application/json")) {
        throw Refusal(1200, "Content-Type must be application/json, not '" + call.content_type + "'");
    }
    nlohmann::json body = nlohmann::json::parse(call.body, nullptr, false);
    if (body.is_discarded()) {
        throw Refusal(1200, "the body is no JSON");
    }
    return body;
}

} // namespace longtake::sandbox
