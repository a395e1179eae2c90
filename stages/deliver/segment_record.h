#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace longtake::stages {

/// A segment that is kept: a media file any player opens.
struct StoredSegment {
    std::filesystem::path file;
    std::int64_t frames = 0;
    std::vector<std::string> frame_hashes; ///< of the coded pictures, in decode order
    std::int64_t bytes = 0;                ///< of the file
};

/// What is written down beside a segment's file (`longtake/segment/1`, see docs/formats.md).
struct SegmentRecord {
    StoredSegment segment;
    std::string sha256; ///< of its file
};

/// What looking for a segment comes to: a whole one, a fault of one that is there, or neither.
struct SegmentLook {
    std::optional<StoredSegment> segment;
    std::string fault; ///< in words, with the name of the file
};

/// Whether it is a SHA-256 in lower-case hex.
bool is_segment_key(std::string_view text);

/// Whether a segment's file may have it: short, of small letters and digits after a dot, and not a record's. A name
/// made with it stays in its folder.
bool is_media_extension(std::string_view extension);

/// Whether a segment's file may be called so.
bool is_media_name(std::string_view name, const std::string& key);

/// Where the files of a key are in a store.
std::filesystem::path segment_folder(const std::filesystem::path& store, const std::string& key);

/// The file of a key's record.
std::filesystem::path record_path(const std::filesystem::path& store, const std::string& key);

/// Whether a file in a segment_folder() has the name of a record.
bool is_record(const std::filesystem::path& file);

/// Whether it is a folder that segment_folder() could be.
bool is_segment_folder(const std::filesystem::path& folder);

/// Links lead elsewhere: nothing is read or removed behind them.
bool is_own_folder(const std::filesystem::path& folder);
bool is_own_file(const std::filesystem::path& file);

/// Empty for what is no plain file or cannot be read.
std::optional<std::string> text_if_readable(const std::filesystem::path& file);

/// JSON with a SHA-256 of itself.
std::string text_of(const SegmentRecord& record, const std::string& key);

/// Holds a segment against its record: reads the whole file. One whose record is not, to the last digit, what text_of()
/// wrote for that key has a fault, too.
SegmentLook look_at_segment(const std::filesystem::path& store, const std::string& key);

} // namespace longtake::stages
