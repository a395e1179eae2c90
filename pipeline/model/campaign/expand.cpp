#include "pipeline/model/campaign/expand.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/model/schema/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace longtake {
namespace {

using nlohmann::json;

constexpr const char* k_when = "when";
constexpr const char* k_unless = "unless";
constexpr const char* k_each = "each";

/// A piece of a string: text as it stands, or the name of a variable.
struct Piece {
    std::string text;
    bool variable = false;
};

std::vector<Piece> pieces_of(const std::string& text, const std::string& at)
{
    std::vector<Piece> pieces;
    std::string plain;
    for (std::size_t i = 0; i < text.size();) {
        if (text.compare(i, 3, "$${") == 0) {
            plain += "${";
            i += 3;
        } else if (text.compare(i, 2, "${") == 0) {
            const std::size_t end = text.find('}', i);
            if (end == std::string::npos) {
                throw Error(Errc::usage, at + ": \"${\" without its \"}\"; \"$${\" stands for \"${\" itself");
            }
            if (!plain.empty()) {
                pieces.push_back({std::move(plain)});
                plain.clear();
            }
            pieces.push_back({text.substr(i + 2, end - i - 2), true});
            i = end + 1;
        } else {
            plain += text[i++];
        }
    }
    if (!plain.empty() || pieces.empty()) {
        pieces.push_back({std::move(plain)});
    }
    return pieces;
}

std::string text_of(const json& value)
{
    if (value.is_string()) {
        return value.get<std::string>();
    }
    return value.is_number_float() ? fmt::format("{}", value.get<double>()) : value.dump();
}

class Expander {
public:
    Expander(Values values, std::vector<std::string> known) : values_(std::move(values)), known_(std::move(known)) {}

    /// Empty: it is left out.
    std::optional<json> expand(const json& pattern, const std::string& at) const
    {
        if (pattern.is_string()) {
            return expand_string(pattern.get_ref<const std::string&>(), at);
        }
        if (pattern.is_object()) {
            return expand_object(pattern, at);
        }
        return pattern.is_array() ? expand_list(pattern, at) : pattern;
    }

private:
    std::optional<json> expand_string(const std::string& text, const std::string& at) const
    {
        const std::vector<Piece> pieces = pieces_of(text, at);
        if (pieces.size() == 1 && pieces.front().variable) {
            return value(pieces.front().text, at);
        }
        std::string whole;
        for (const Piece& piece : pieces) {
            const auto part = piece.variable ? value(piece.text, at) : std::optional<json>(piece.text);
            if (!part) {
                return std::nullopt;
            }
            whole += text_of(*part);
        }
        return whole;
    }

    std::optional<json> expand_object(const json& object, const std::string& at) const
    {
        if ((object.contains(k_when) && !named(object, k_when, at)) ||
            (object.contains(k_unless) && named(object, k_unless, at))) {
            return std::nullopt;
        }
        json expanded = json::object();
        for (const auto& [key, member] : object.items()) {
            if (key == k_when || key == k_unless || key == k_each) {
                continue;
            }
            if (auto value = expand(member, pointer_to(at, key))) {
                expanded[key] = std::move(*value);
            }
        }
        return expanded;
    }

    json expand_list(const json& list, const std::string& at) const
    {
        json expanded = json::array();
        for (std::size_t i = 0; i < list.size(); ++i) {
            const std::string here = pointer_to(at, i);
            if (list[i].is_object() && list[i].contains(k_each)) {
                expand_each(list[i], here, expanded);
            } else if (auto value = expand(list[i], here)) {
                expanded.push_back(std::move(*value));
            }
        }
        return expanded;
    }

    void expand_each(const json& pattern, const std::string& at, json& expanded) const
    {
        const auto list = named(pattern, k_each, at);
        if (list && !list->is_array()) {
            throw Error(Errc::usage, pointer_to(at, k_each) + ": " + pattern.at(k_each).dump() + " is no list");
        }
        for (std::size_t i = 0; list && i < list->size(); ++i) {
            Expander one(*this);
            one.values_["number"] = std::to_string(i + 1);
            one.values_["count"] = std::to_string(list->size());
            one.set_item((*list)[i]);
            if (auto value = one.expand(pattern, at)) {
                expanded.push_back(std::move(*value));
            }
        }
    }

    void set_item(const json& item)
    {
        known_.insert(known_.end(), {"item", "number", "count"});
        values_["item"] = item;
        if (item.is_object()) {
            for (const auto& [field, value] : item.items()) {
                values_["item." + field] = value;
            }
        }
    }

    /// The value of the variable that a key of an object names.
    std::optional<json> named(const json& object, const char* key, const std::string& at) const
    {
        const json& name = object.at(key);
        if (!name.is_string()) {
            throw Error(Errc::usage, fmt::format("{}: found {}; must be the name of a variable", pointer_to(at, key),
                                                 found_text(name)));
        }
        return value(name.get<std::string>(), pointer_to(at, key));
    }

    std::optional<json> value(const std::string& name, const std::string& at) const
    {
        if (const auto found = values_.find(name); found != values_.end()) {
            return found->second;
        }
        if (std::ranges::find(known_, name) == known_.end()) {
            throw Error(Errc::usage, at + ": " + unknown_name("variable", name, known_));
        }
        return std::nullopt;
    }

    Values values_;
    std::vector<std::string> known_;
};

} // namespace

json expand(const json& pattern, const Values& values, const std::vector<std::string>& known)
{
    return Expander(values, known).expand(pattern, "").value_or(json::object());
}

} // namespace longtake
