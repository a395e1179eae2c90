#include "pipeline/model/campaign/own_files.h"

#include "pipeline/model/brand/style.h"
#include "pipeline/model/schema/schema.h"

#include <string>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class Resolver {
public:
    explicit Resolver(const fs::path& folder) : folder_(folder) {}

    void path(json& value) const
    {
        if (value.is_string() && !value.get_ref<const std::string&>().starts_with("${")) {
            value = (folder_ / value.get<std::string>()).lexically_normal().string();
        }
    }

    void style(json& value) const
    {
        if (value.is_object()) {
            visit_style_files(value, [&](json& file) { path(file); });
        } else if (value.is_string()) {
            value = style_reference(value, folder_);
        }
    }

    /// The files a value holds, told by the schema's rule for it.
    void storyboard(json& value, const json& rule) const
    {
        const json& root = schema("storyboard");
        const std::string reference = rule.value("$ref", "");
        if (reference == "#/definitions/path") {
            path(value);
            return;
        }
        if (reference == "#/definitions/style") {
            style(value);
            return;
        }
        const json& resolved = reference.empty() ? rule : root.at(json::json_pointer(reference.substr(1)));
        if (value.is_array() && resolved.contains("items")) {
            for (json& element : value) {
                storyboard(element, resolved.at("items"));
            }
        } else if (value.is_object() && resolved.contains("properties")) {
            for (auto& [key, member] : value.items()) {
                if (resolved.at("properties").contains(key)) {
                    storyboard(member, resolved.at("properties").at(key));
                }
            }
        }
    }

    /// Of a variable its default and its example.
    void variable(json& variable) const
    {
        for (const char* key : {"default", "example"}) {
            if (variable.contains(key)) {
                value(variable[key], variable);
            }
        }
    }

private:
    void value(json& value, const json& variable) const
    {
        const std::string type = variable.value("type", "");
        if (type == "picture" || type == "clip" || type == "sound") {
            path(value);
        } else if (type == "style") {
            style(value);
        } else if (type == "list" && value.is_array()) {
            for (json& element : value) {
                list_element(element, variable);
            }
        }
    }

    void list_element(json& element, const json& list) const
    {
        if (list.contains("items")) {
            value(element, list.at("items"));
        }
        const json fields = list.value("fields", json::object());
        for (const auto& [name, field] : fields.items()) {
            if (element.is_object() && element.contains(name)) {
                value(element[name], field);
            }
        }
    }

    const fs::path& folder_;
};

} // namespace

void resolve_storyboard_files(json& storyboard, const fs::path& folder)
{
    const Resolver resolver(folder);
    resolver.storyboard(storyboard, schema("storyboard"));
    if (storyboard.is_object() && storyboard.contains("captions") && storyboard["captions"].is_string()) {
        resolver.path(storyboard["captions"]); // the one file that may stand for an object
    }
}

void resolve_own_files(json& campaign, const fs::path& folder)
{
    if (!campaign.is_object()) {
        return; // the schema will say so
    }
    if (campaign.contains("storyboard")) {
        resolve_storyboard_files(campaign["storyboard"], folder);
    }
    if (campaign.contains("variables") && campaign["variables"].is_object()) {
        const Resolver resolver(folder);
        for (auto& [name, variable] : campaign["variables"].items()) {
            if (variable.is_object()) {
                resolver.variable(variable);
            }
        }
    }
}

} // namespace longtake
