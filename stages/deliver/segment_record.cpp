#include "stages/deliver/segment_record.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"

#include <nlohmann/json.hpp>

namespace longtake::stages {
namespace {

using Json = nlohmann::json;

constexpr const char* k_segment_schema = "longtake/segment/1";
constexpr const char* k_seal = "record_sha256"; ///< of the record without it
constexpr std::string_view k_record_extension = ".json";
constexpr std::string_view k_hex_digits = "0123456789abcdef";
constexpr std::string_view k_extension_letters = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t k_key_digits = 64;
constexpr std::size_t k_folder_digits = 2;
constexpr std::size_t k_extension_max = 8; ///< bytes, with the dot

bool is_hex(std::string_view text, std::size_t digits)
{
    return text.size() == digits && text.find_first_not_of(k_hex_digits) == std::string_view::npos;
}

/// Empty unless it is what text_of() wrote for that key.
std::optional<SegmentRecord> record_from(const std::string& text, const std::filesystem::path& folder,
                                         const std::string& key)
{
    try {
        Json json = Json::parse(text);
        const auto seal = json.at(k_seal).get<std::string>();
        json.erase(k_seal);
        const auto file = json.at("file").get<std::string>();
        if (sha256_of(json.dump()) != seal || json.at("schema") != k_segment_schema || json.at("key") != key ||
            !is_media_name(file, key)) {
            return std::nullopt;
        }
        return SegmentRecord{{folder / file, json.at("frames").get<std::int64_t>(),
                              json.at("frame_hashes").get<std::vector<std::string>>(),
                              json.at("bytes").get<std::int64_t>()},
                             json.at("sha256").get<std::string>()};
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

bool has_content(const std::filesystem::path& file, std::int64_t bytes, const std::string& sha256)
{
    try {
        std::error_code code;
        return std::filesystem::file_size(file, code) == static_cast<std::uintmax_t>(bytes) &&
               sha256_of_file(file) == sha256;
    } catch (const Error&) {
        return false;
    }
}

} // namespace

bool is_segment_key(std::string_view text)
{
    return is_hex(text, k_key_digits);
}

bool is_media_extension(std::string_view extension)
{
    return extension.size() > 1 && extension.size() <= k_extension_max && extension.front() == '.' &&
           extension.find_first_not_of(k_extension_letters, 1) == std::string_view::npos &&
           extension != k_record_extension;
}

bool is_media_name(std::string_view name, const std::string& key)
{
    return name.starts_with(key) && is_media_extension(name.substr(key.size()));
}

std::filesystem::path segment_folder(const std::filesystem::path& store, const std::string& key)
{
    return store / key.substr(0, k_folder_digits);
}

std::filesystem::path record_path(const std::filesystem::path& store, const std::string& key)
{
    return segment_folder(store, key) / (key + std::string(k_record_extension));
}

bool is_record(const std::filesystem::path& file)
{
    return file.extension() == k_record_extension && is_segment_key(file.stem().string());
}

bool is_segment_folder(const std::filesystem::path& folder)
{
    return is_hex(folder.filename().string(), k_folder_digits) && is_own_folder(folder);
}

bool is_own_folder(const std::filesystem::path& folder)
{
    std::error_code code;
    return std::filesystem::is_directory(std::filesystem::symlink_status(folder, code));
}

bool is_own_file(const std::filesystem::path& file)
{
    std::error_code code;
    return std::filesystem::is_regular_file(std::filesystem::symlink_status(file, code));
}

std::optional<std::string> text_if_readable(const std::filesystem::path& file)
{
    if (!is_own_file(file)) {
        return std::nullopt;
    }
    try {
        return read_text(file);
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::string text_of(const SegmentRecord& record, const std::string& key)
{
    const StoredSegment& segment = record.segment;
    Json json = {{"schema", k_segment_schema},
                 {"key", key},
                 {"file", segment.file.filename().string()},
                 {"frames", segment.frames},
                 {"bytes", segment.bytes},
                 {"sha256", record.sha256},
                 {"frame_hashes", segment.frame_hashes}};
    json[k_seal] = sha256_of(json.dump());
    return json.dump() + '\n';
}

SegmentLook look_at_segment(const std::filesystem::path& store, const std::string& key)
{
    const std::filesystem::path path = record_path(store, key);
    std::error_code code;
    if (!std::filesystem::exists(std::filesystem::symlink_status(path, code))) {
        return {};
    }
    const auto text = text_if_readable(path);
    const auto record = text ? record_from(*text, path.parent_path(), key) : std::nullopt;
    if (!record) {
        return {{}, "'" + path.string() + "' is not what was written"};
    }
    const StoredSegment& segment = record->segment;
    if (!is_own_file(segment.file)) {
        return {{}, "'" + segment.file.string() + "' is gone"};
    }
    if (!has_content(segment.file, segment.bytes, record->sha256)) {
        return {{}, "'" + segment.file.string() + "' is not what was written"};
    }
    return {segment, {}};
}

} // namespace longtake::stages
