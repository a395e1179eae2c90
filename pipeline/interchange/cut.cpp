#include "pipeline/interchange/cut.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace longtake::interchange {
namespace {

/// Where a file lies that a run named: takes and stills in the working directory, of a batch's row in the one all rows
/// have together (`rows/NAME` lies in it); others where the run found them.
void locate(std::filesystem::path& file, const std::filesystem::path& folder)
{
    const std::filesystem::path kept = file.parent_path().filename() / file.filename();
    for (const std::filesystem::path& store : {folder, folder / "../.."}) {
        if (std::filesystem::exists(store / kept)) {
            file = store / kept;
            break;
        }
    }
    file = std::filesystem::absolute(file).lexically_normal();
}

bool alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

} // namespace

const Origin* Cut::origin(const Range& range) const
{
    const auto found = origins.find(range.sha256);
    return found == origins.end() ? nullptr : &found->second;
}

Cut cut_of(const RunRecord& record, const std::filesystem::path& folder)
{
    if (!record.timeline) {
        throw Error(Errc::usage, fmt::format("the last run came to no film ({}); run it to its end, then export it",
                                             record.outcome));
    }
    Cut cut{record.title, *record.timeline};
    for (Item& item : cut.timeline.items) {
        for (Range& range : item.ranges) {
            locate(range.file, folder);
        }
    }
    if (cut.timeline.music) {
        locate(cut.timeline.music->file, folder);
    }
    for (Voice& voice : cut.timeline.voices) {
        locate(voice.file, folder);
    }
    for (const TakeSummary& take : record.takes) {
        if (!take.footage.empty()) {
            const auto cost = take.charged ? take.charged : take.estimate;
            const bool service = take.provider != "local"; // whose jobs are descriptions, and no task of anybody
            cut.origins[take.footage] = {take.name,   take.provider, take.model, service ? take.job : "",
                                         take.prompt, cost};
        }
    }
    return cut;
}

std::vector<Piece> pieces_of(const Timeline& timeline)
{
    std::vector<Piece> pieces;
    const std::vector<Item>& items = timeline.items;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::int64_t end = items[i].start + items[i].frames;
        const std::int64_t cut = i + 1 < items.size() ? std::min(items[i + 1].start, end) : end;
        std::int64_t at = items[i].start;
        for (const Range& range : items[i].ranges) {
            const std::int64_t frames = std::min(range.frames, cut - at);
            if (frames <= 0) {
                break;
            }
            pieces.push_back({&items[i], &range, at, range.first, frames});
            if (at == items[i].start && i > 0) {
                pieces.back().way = items[i].transition;
            }
            at += frames;
        }
    }
    return pieces;
}

nlohmann::json metadata_of(const Cut& cut, const Piece& piece)
{
    nlohmann::json data = {{"shot", piece.item->shot},
                           {"kind", piece.range->kind == Range::Kind::still ? "still" : "footage"},
                           {"sound", piece.range->sound}};
    if (const Origin* origin = cut.origin(*piece.range)) {
        data["take"] = origin->take;
        data["provider"] = origin->provider;
        data["model"] = origin->model;
        data["task"] = origin->task;
        data["prompt"] = origin->prompt;
        data["cost"] = origin->cost ? nlohmann::json(*origin->cost) : nlohmann::json(nullptr);
    }
    return data;
}

std::string url_of(const std::filesystem::path& file)
{
    constexpr std::string_view k_plain = "-._~/";
    std::string text = file.is_absolute() ? "file://" : "";
    for (const char c : file.generic_string()) {
        if (alphanumeric(c) || k_plain.find(c) != std::string_view::npos) {
            text += c;
        } else {
            text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return text;
}

std::filesystem::path path_of(std::string_view url)
{
    constexpr std::string_view k_scheme = "file://";
    if (url.starts_with(k_scheme)) {
        url.remove_prefix(k_scheme.size());
        url.remove_prefix(std::min(url.find('/'), url.size())); // a host, as in file://localhost/
    } else if (url.find("://") != std::string_view::npos) {
        return {};
    }
    std::string path;
    for (std::size_t i = 0; i < url.size(); ++i) {
        unsigned byte = 0;
        if (url[i] == '%' && i + 2 < url.size() &&
            std::from_chars(url.data() + i + 1, url.data() + i + 3, byte, 16).ptr == url.data() + i + 3) {
            path += static_cast<char>(byte);
            i += 2;
        } else {
            path += url[i];
        }
    }
    return path;
}

} // namespace longtake::interchange
