#include "pipeline/capi/longtake.h"

#include "pipeline/app/app.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <new>
#include <optional>
#include <ostream>
#include <stop_token>
#include <streambuf>
#include <string>
#include <vector>

struct longtake_stop {
    std::stop_source source;
};

namespace longtake {
namespace {

/// Gives a stream's lines away as they end.
class Lines : public std::streambuf {
public:
    Lines(longtake_stream stream, longtake_said said, void* user, std::mutex& saying)
        : stream_(stream), said_(said), user_(user), saying_(saying)
    {
    }

    /// A last line that has no end.
    void finish()
    {
        if (!line_.empty()) {
            say();
        }
    }

protected:
    int_type overflow(int_type c) override
    {
        if (!traits_type::eq_int_type(c, traits_type::eof())) {
            put(traits_type::to_char_type(c));
        }
        return traits_type::not_eof(c);
    }

    std::streamsize xsputn(const char* text, std::streamsize count) override
    {
        for (std::streamsize i = 0; i < count; ++i) {
            put(text[i]);
        }
        return count;
    }

private:
    void put(char c)
    {
        if (c == '\n') {
            say();
        } else {
            line_ += c;
        }
    }

    void say()
    {
        if (said_ != nullptr) {
            const std::lock_guard lock(saying_);
            said_(stream_, line_.c_str(), user_);
        }
        line_.clear();
    }

    const longtake_stream stream_;
    const longtake_said said_;
    void* const user_;
    std::mutex& saying_;
    std::string line_;
};

/// Where the program would be that was installed with this library: presets lie beside it.
std::filesystem::path program_beside()
{
    Dl_info here{};
    if (::dladdr(reinterpret_cast<const void*>(&longtake_run), &here) == 0 || here.dli_fname == nullptr) {
        return {};
    }
    std::error_code unknown;
    std::filesystem::path folder = std::filesystem::canonical(here.dli_fname, unknown).parent_path();
    while (!folder.empty() && folder != folder.root_path()) { // PREFIX/lib, or PREFIX/lib/x86_64-linux-gnu
        if (std::filesystem::is_directory(folder / "share" / "longtake", unknown)) {
            return folder / "bin" / "longtake";
        }
        folder = folder.parent_path();
    }
    return {};
}

std::optional<std::string> variable_of_process(const std::string& name)
{
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

int run_command(size_t count, const char* const* arguments, longtake_said said, void* user, longtake_stop* stop)
{
    std::vector<const char*> argv = {"longtake"};
    argv.insert(argv.end(), arguments, arguments + count);
    std::mutex saying;
    Lines out_lines(LONGTAKE_OUT, said, user, saying);
    Lines err_lines(LONGTAKE_ERR, said, user, saying);
    std::ostream out(&out_lines);
    std::ostream err(&err_lines);
    app::Environment environment;
    environment.variable = variable_of_process;
    environment.program = program_beside();
    if (stop != nullptr) {
        environment.stop = stop->source.get_token();
    }
    const int status = app::run(static_cast<int>(argv.size()), argv.data(), out, err, environment);
    out_lines.finish();
    err_lines.finish();
    return status;
}

} // namespace
} // namespace longtake

int longtake_api_version(void)
{
    return LONGTAKE_API_VERSION;
}

const char* longtake_version(void)
{
    return LONGTAKE_VERSION;
}

longtake_stop* longtake_stop_new(void)
{
    try {
        return new longtake_stop;
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

void longtake_stop_request(longtake_stop* stop)
{
    stop->source.request_stop();
}

void longtake_stop_free(longtake_stop* stop)
{
    delete stop;
}

int longtake_run(size_t count, const char* const* arguments, longtake_said said, void* user, longtake_stop* stop)
{
    try {
        return longtake::run_command(count, arguments, said, user, stop);
    } catch (...) { // nothing is thrown across C
        return LONGTAKE_FAILED;
    }
}
