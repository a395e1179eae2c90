#include "pipeline/model/campaign/assignment.h"

#include "pipeline/base/error.h"

#include <algorithm>
#include <charconv>

namespace longtake {
namespace {

using nlohmann::json;

/// The element of a list that a part of a key names. Throws Error(usage).
std::size_t element_of(const json& list, const std::string& part, const std::string& key)
{
    const auto named = std::find_if(list.begin(), list.end(),
                                    [&](const json& shot) { return shot.is_object() && shot.value("id", "") == part; });
    std::size_t index = static_cast<std::size_t>(named - list.begin());
    if (named == list.end()) {
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
        if (error != std::errc() || end != part.data() + part.size() || index >= list.size()) {
            throw Error(Errc::usage, key + ": there is no shot '" + part + "'");
        }
    }
    return index;
}

/// "defaults.model" or "shots.0.seconds" as a JSON pointer.
json::json_pointer pointer_of(const std::string& key, const json& board)
{
    json::json_pointer pointer;
    const json* at = &board;
    std::size_t start = 0;
    while (start <= key.size()) {
        const std::size_t dot = std::min(key.find('.', start), key.size());
        std::string part = key.substr(start, dot - start);
        if (at != nullptr && at->is_array()) {
            const std::size_t index = element_of(*at, part, key);
            pointer.push_back(std::to_string(index));
            at = &(*at)[index];
        } else {
            at = at != nullptr && at->is_object() && at->contains(part) ? &(*at)[part] : nullptr;
            pointer.push_back(std::move(part));
        }
        start = dot + 1;
    }
    return pointer;
}

} // namespace

Assignment parse_assignment(const std::string& text, const std::filesystem::path& folder)
{
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
        throw Error(Errc::usage, "--set '" + text + "': must be KEY=VALUE, e.g. --set defaults.model=kling-v2-6");
    }
    return {text.substr(0, equals), text.substr(equals + 1), folder};
}

void assign(json& board, const Assignment& assignment)
{
    json value = assignment.value;
    if (value.is_string()) {
        const json read = json::parse(value.get_ref<const std::string&>(), nullptr, false);
        value = read.is_discarded() ? value : read;
    }
    board[pointer_of(assignment.key, board)] = std::move(value);
}

} // namespace longtake
