#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace longtake {

/// What a caller could do about a failure, not where it happened. Each has one exit status.
enum class Errc {
    internal,    ///< 1: a fault of ours
    usage,       ///< 2: wrong options, storyboard or preset
    input,       ///< 3: an input file is rejected
    credentials, ///< 4: a key is missing or refused
    provider,    ///< 5: the service refused or failed the generation
    budget,      ///< 6: cost cap or missing consent
    pending,     ///< 7: still running or unreachable; run again to resume
    partial,     ///< 8: some shots failed, the rest is done
    storage,     ///< 1: a file cannot be written: a full disk, missing permissions
    unverified,  ///< 9: an output failed its own check
    interrupted, ///< 130: stopped by the user, state saved
};

/// The exit status of `design` for a failure.
int exit_status(Errc code) noexcept;

/// A stable word for `--json` ("usage", "input", ...).
std::string_view word(Errc code) noexcept;

/// A failure that tells its story outermost first:
/// "deliver: shot 'pier': open 'pier-02.mp4': No such file or directory".
class Error : public std::runtime_error {
public:
    Error(Errc code, const std::string& what) : std::runtime_error(what), code_(code) {}

    Errc code() const noexcept { return code_; }

    /// The same failure, seen from one room further out.
    Error within(std::string_view where) const { return {code_, std::string(where) + ": " + what()}; }

private:
    Errc code_;
};

/// Runs `work`; an Error leaving it gains `where` as its outermost context.
template <class Work>
decltype(auto) in_context(std::string_view where, Work&& work)
{
    try {
        return std::forward<Work>(work)();
    } catch (const Error& error) {
        throw error.within(where);
    }
}

} // namespace longtake
