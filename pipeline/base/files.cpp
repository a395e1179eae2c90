#include "pipeline/base/files.h"

#include "pipeline/base/error.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

namespace longtake {
namespace {

[[noreturn]] void fail(const std::string& doing, const std::filesystem::path& file)
{
    throw Error(Errc::internal, doing + " '" + file.string() + "': " + std::strerror(errno));
}

void sync_path(const std::filesystem::path& path, int flags)
{
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
    if (descriptor < 0) {
        fail("open", path);
    }
    const int result = ::fsync(descriptor);
    ::close(descriptor);
    if (result != 0) {
        fail("sync", path);
    }
}

std::filesystem::path folder_of(const std::filesystem::path& file)
{
    return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

} // namespace

void commit_file(const std::filesystem::path& part, const std::filesystem::path& file)
{
    sync_path(part, O_RDONLY);
    std::error_code code;
    std::filesystem::rename(part, file, code);
    if (code) {
        throw Error(Errc::internal, "rename '" + part.string() + "' to '" + file.string() + "': " + code.message());
    }
    sync_path(folder_of(file), O_RDONLY | O_DIRECTORY);
}

void write_atomic(const std::filesystem::path& file, std::string_view bytes)
{
    PartFile part(file);
    {
        std::ofstream out(part.part(), std::ios::binary | std::ios::trunc);
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        out.close();
        if (!out) {
            fail("write", part.part());
        }
    }
    part.commit();
}

std::string read_text(const std::filesystem::path& file)
{
    std::error_code code;
    if (std::filesystem::is_directory(file, code)) {
        throw Error(Errc::usage, file.string() + ": is a directory, not a file");
    }
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    if (!in || !(text << in.rdbuf())) {
        if (in && in.peek() == std::ifstream::traits_type::eof()) {
            return {}; // an empty file: streaming nothing sets failbit
        }
        throw Error(Errc::usage, file.string() + ": " + std::strerror(errno));
    }
    return text.str();
}

PartFile::PartFile(std::filesystem::path final_name) : final_(std::move(final_name)), part_(final_)
{
    part_ += ".part";
}

PartFile::PartFile(PartFile&& other) noexcept
    : final_(std::move(other.final_)), part_(std::exchange(other.part_, std::filesystem::path()))
{
}

PartFile::~PartFile()
{
    if (!part_.empty()) {
        std::error_code ignored;
        std::filesystem::remove(part_, ignored);
    }
}

void PartFile::commit()
{
    commit_as(final_);
}

void PartFile::commit_as(const std::filesystem::path& name)
{
    commit_file(part_, name);
    part_.clear();
}

DirectoryLock::DirectoryLock(const std::filesystem::path& directory)
{
    const std::filesystem::path file = directory / "lock";
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0) {
        fail("open", file);
    }
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        ::close(descriptor_);
        throw Error(Errc::pending, "another longtake is working in '" + directory.string() +
                                       "'; wait for it, or give this run its own --workdir");
    }
}

DirectoryLock::~DirectoryLock()
{
    ::close(descriptor_);
}

} // namespace longtake
