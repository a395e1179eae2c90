#pragma once

#include "pipeline/sandbox/apis/call.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace longtake::sandbox {

/// Reads an object member by member and refuses, with 1201, whatever is not as it has to be. Letters are Unicode code
/// points.
class Fields {
public:
    /// Throws Refusal(1200) if `object` is none. `path` goes before names in messages: "config.".
    explicit Fields(const nlohmann::json& object, std::string path = {});

    bool has(const std::string& name);

    std::optional<std::string> text(const std::string& name, std::size_t max_letters = std::string::npos);
    std::string needed_text(const std::string& name, std::size_t max_letters = std::string::npos);

    /// One of `allowed`, the first of them when absent.
    std::string one_of(const std::string& name, const std::vector<std::string>& allowed);

    std::optional<double> number(const std::string& name, double low, double high);
    std::optional<std::int64_t> integer(const std::string& name, std::int64_t low, std::int64_t high);
    std::optional<bool> flag(const std::string& name);

    /// Null if absent.
    const nlohmann::json* object(const std::string& name);
    const nlohmann::json* array(const std::string& name, std::size_t least, std::size_t most);

    /// The name with its path, for messages.
    std::string full(const std::string& name) const { return path_ + name; }

    /// Refuses members nobody asked for.
    void finish() const;

private:
    const nlohmann::json* find(const std::string& name);

    const nlohmann::json& object_;
    std::string path_;
    std::set<std::string> asked_;
};

/// The body as JSON. Throws Refusal(1200) if it is none, or is not sent as application/json.
nlohmann::json json_body(const Call& call);

[[noreturn]] void refuse(const std::string& why);

} // namespace longtake::sandbox
