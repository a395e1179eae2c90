#include "pipeline/interchange/formats.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"

#include <algorithm>

namespace longtake::interchange {

const std::vector<Format>& formats()
{
    static const std::vector<Format> all{
        {"otio", ".otio", [](const Cut& cut) { return to_otio(cut).dump(1) + "\n"; }},
        {"edl", ".edl", to_edl},
        {"fcpxml", ".fcpxml", to_fcpxml},
        {"mlt", ".mlt", to_mlt},
    };
    return all;
}

const Format& format_named(std::string_view name)
{
    const auto found = std::ranges::find(formats(), name, &Format::name);
    if (found == formats().end()) {
        std::vector<std::string> names;
        for (const Format& format : formats()) {
            names.emplace_back(format.name);
        }
        throw Error(Errc::usage, unknown_name("format", name, names));
    }
    return *found;
}

} // namespace longtake::interchange
