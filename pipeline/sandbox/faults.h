#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace longtake::sandbox {

/// What can be ordered to go wrong.
struct Fault {
    enum class Effect {
        // of the answer to a submit
        drop_before,
        drop_after,
        silent_after,
        http_before, ///< `number`: the HTTP status
        http_after,
        html_before,
        html_after,
        code_before, ///< `number`: the business code
        code_after,
        key_echo,
        retry_after,      ///< 429 with seconds in Retry-After; nothing is made
        retry_after_date, ///< the same with a date
        slow_submit,
        // of the task made by it
        fail,
        fail_free,
        fail_unsaid,
        odd_failure,
        stuck,
        slow_poll,
        poll_http, ///< `number`: the HTTP status
        poll_drop,
        poll_html,
        poll_empty, ///< `number`: the HTTP status
        poll_retry_after,
        poll_missing,
        search_missing,
        gone,
        odd_word,
        address_early,
        no_address,
        withheld,
        padded_url,
        gateway_file,
        gateway_only,
        // of its file
        expired_url,
        truncated_file,
        broken_file,
        corrupt_file,
        html_file,
        huge_file,
        redirect_private,
        redirect_loopback,
        slow_file,
        short_file,
        typeless_file,
        page_first,
        silent_film,
        playlist_file,
        concat_file,
    };
    std::string name;
    Effect effect{};
    int number = 0;
    std::string says;
};

/// Every fault, for --help and the page. `code:N` and `code-after-accept:N` stand for one row a code.
const std::vector<Fault>& known_faults();

/// The faults of one submit and of what comes of it.
class FaultSet {
public:
    void add(const Fault& fault) { faults_.push_back(fault); }

    /// The first fault of this effect; null: none.
    const Fault* find(Fault::Effect effect) const;
    bool has(Fault::Effect effect) const { return find(effect) != nullptr; }

    std::string names() const;

private:
    std::vector<Fault> faults_;
};

/// The list of ordered faults. Safe from several threads.
class FaultBook {
public:
    /// "NAME[:WHICH]"; WHICH is N, N-M, every/K or *, counted in submits from 1; without it the next one is meant.
    /// Throws Error(usage) naming the nearest fault.
    void order(const std::string& text, int submits_so_far);

    /// The faults of submit number `number`.
    FaultSet of(int number) const;

    std::vector<std::string> ordered() const;
    void clear();

private:
    struct Order {
        Fault fault;
        int from = 1;
        int to = 1;
        int every = 1;
        std::string text;
    };
    mutable std::mutex mutex_;
    std::vector<Order> orders_;
};

} // namespace longtake::sandbox
