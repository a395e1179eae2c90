#include "pipeline/flow/live/control_file.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"

#include <sys/stat.h>

#include <utility>

namespace longtake {
namespace {

using nlohmann::json;

constexpr const char* k_control_schema = "longtake/control/1";
constexpr off_t k_largest_control = 4096; ///< bytes

} // namespace

void to_json(json& json, const Control& control)
{
    json = {{"schema", k_control_schema},
            {"run", control.run},
            {"paused", control.paused},
            {"approved", control.approved},
            {"cancelled", control.cancelled}};
}

void from_json(const json& json, Control& control)
{
    if (json.at("schema") != k_control_schema) {
        throw Error(Errc::input, "is no " + std::string(k_control_schema));
    }
    json.at("run").get_to(control.run);
    json.at("paused").get_to(control.paused);
    json.at("approved").get_to(control.approved);
    json.at("cancelled").get_to(control.cancelled);
}

void write_control(const std::filesystem::path& folder, const Control& control)
{
    write_atomic(folder / k_control_file, json(control).dump() + "\n");
}

std::optional<Control> read_control(const std::filesystem::path& folder)
{
    try {
        return json::parse(read_text(folder / k_control_file)).get<Control>();
    } catch (const json::exception&) {
    } catch (const Error&) {
    }
    return std::nullopt;
}

ControlFile::ControlFile(std::filesystem::path folder, std::string run) : folder_(std::move(folder))
{
    control_.run = std::move(run);
}

const Control& ControlFile::look()
{
    struct stat found {};
    if (::lstat((folder_ / k_control_file).c_str(), &found) != 0 || !S_ISREG(found.st_mode) ||
        found.st_size > k_largest_control) {
        return control_;
    }
    json now = {found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
    if (now != seen_) {
        seen_ = std::move(now);
        if (const auto wanted = read_control(folder_); wanted && wanted->run == control_.run) {
            control_ = *wanted;
        }
    }
    return control_;
}

} // namespace longtake
