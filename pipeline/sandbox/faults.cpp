#include "pipeline/sandbox/faults.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/sandbox/apis/call.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace longtake::sandbox {
namespace {

using E = Fault::Effect;

const std::vector<Fault> k_fault_rows = {
    {"drop-before-accept", E::drop_before, 0, "close the connection without an answer; nothing is created"},
    {"drop-after-accept", E::drop_after, 0, "create and bill the task, then close the connection without an answer"},
    {"timeout-after-accept", E::silent_after, 0, "create and bill the task, then stay silent"},
    {"html-reply", E::html_after, 0, "create and bill the task, then answer 200 with a web page"},
    {"html-before-accept", E::html_before, 0, "answer 502 with a web page, as proxies do; nothing is created"},
    {"key-echo", E::key_echo, 0, "refuse with 1201 and a text that repeats the Authorization header"},
    {"retry-after", E::retry_after, 0, "refuse with 429 and Retry-After: 2; nothing is created"},
    {"retry-after-date", E::retry_after_date, 0, "the same with a date 2 s ahead in Retry-After"},
    {"slow-submit", E::slow_submit, 0, "create the task, and answer 2 s later"},
    {"fail-task", E::fail, 0, "the task fails: risk control; charged"},
    {"fail-task-free", E::fail_free, 0, "the task fails on an internal fault; the charge is given back"},
    {"fail-unsaid", E::fail_unsaid, 0, "the task fails and is charged, and no answer says whether it was"},
    {"odd-failure", E::odd_failure, 0, "the task fails with the undocumented state \"aborted\" (302ai: -1); charged"},
    {"stuck", E::stuck, 0, "the task never ends"},
    {"slow-poll", E::slow_poll, 0, "each look at the task takes 2 s"},
    {"poll-429", E::poll_http, 429, "the first two looks at the task get 429"},
    {"poll-500", E::poll_http, 500, "the first two looks at the task get 500"},
    {"poll-502", E::poll_http, 502, "the first two looks at the task get 502"},
    {"poll-503", E::poll_http, 503, "the first two looks at the task get 503"},
    {"poll-404", E::poll_http, 404, "the first two looks at the task get 404"},
    {"poll-drop", E::poll_drop, 0, "the first two looks at the task get no answer"},
    {"poll-html", E::poll_html, 0, "the first two looks at the task get a web page, with 200"},
    {"poll-202", E::poll_empty, 202, "the first two looks at the task get 202 without a body"},
    {"poll-204", E::poll_empty, 204, "the first two looks at the task get 204 without a body"},
    {"poll-retry-after", E::poll_retry_after, 0, "the first two looks at the task get 429 with Retry-After: 1"},
    {"poll-missing", E::poll_missing, 0, "the first two looks find no such task, as on a copy that lags"},
    {"search-missing", E::search_missing, 0, "the first two looks by the client's own id find no such task"},
    {"gone", E::gone, 0, "every look finds no such task, though it is made and billed"},
    {"odd-word", E::odd_word, 0, "while it runs, the state is \"gpu_warming\", which nobody documented (302ai: 7)"},
    {"address-early", E::address_early, 0, "the footage's address is given while the state is still \"gpu_warming\""},
    {"no-address", E::no_address, 0, "the task is finished, but its answer names no footage"},
    {"withheld", E::withheld, 0, "finished, but kept back as unfit (wavespeed: has_nsfw_contents); else as no-address"},
    {"padded-url", E::padded_url, 0, "the footage's address has blanks and line breaks around it"},
    {"gateway-file", E::gateway_file, 0, "newapi: the address is the gateway's own and wants the gateway's key"},
    {"gateway-only", E::gateway_only, 0, "newapi: no address is named; the gateway's own one serves the footage"},
    {"expired-url", E::expired_url, 0, "the first address of the file is stale (403); the next look gives a fresh one"},
    {"truncated-file", E::truncated_file, 0, "the file ends half way, every time"},
    {"broken-download", E::broken_file, 0, "the first download breaks off half way; it can be resumed"},
    {"corrupt-file", E::corrupt_file, 0, "the file's right length, with noise in its middle"},
    {"damaged", E::corrupt_file, 0, "the same as corrupt-file"},
    {"html-file", E::html_file, 0, "a web page in place of the file"},
    {"huge-file", E::huge_file, 0, "a file that says it has 2 GB"},
    {"redirect-private", E::redirect_private, 0, "the file's address leads to http://10.0.0.1/"},
    {"redirect-loopback", E::redirect_loopback, 0, "the file's address leads to another port of 127.0.0.1"},
    {"slow-file", E::slow_file, 0, "the first byte of the file takes 2 s"},
    {"short-file", E::short_file, 0, "the film is 1 s long, whatever was asked for"},
    {"typeless-file", E::typeless_file, 0, "the file comes as text/plain"},
    {"page-first", E::page_first, 0, "the first download is a web page with 200, later ones are the file"},
    {"silent-film", E::silent_film, 0, "the film has no sound, whatever was asked for and is charged"},
    {"playlist-file", E::playlist_file, 0, "the file is an HLS playlist that names a relative file"},
    {"concat-file", E::concat_file, 0, "the file is an ffconcat script that names a relative file"},
};

std::vector<Fault> fault_table()
{
    std::vector<Fault> rows = k_fault_rows;
    for (const int status : {429, 500, 502, 503, 504}) {
        const std::string number = std::to_string(status);
        rows.push_back({"http-" + number + "-before-accept", E::http_before, status,
                        "answer " + number + " with a text; nothing is created"});
        if (status >= 500) {
            rows.push_back({"http-" + number + "-after-accept", E::http_after, status,
                            "create and bill the task, then answer " + number + " with a text"});
        }
    }
    rows.push_back({"code:N", E::code_before, 0, "answer with business code N (1000 to 5002); nothing is created"});
    rows.push_back({"code-after-accept:N", E::code_after, 0, "create and bill the task, then answer business code N"});
    return rows;
}

std::optional<int> whole_number(std::string_view text)
{
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// Splits at the first colon; the second part is empty without one.
std::pair<std::string, std::string> cut(const std::string& text)
{
    const auto colon = text.find(':');
    return colon == std::string::npos ? std::pair(text, std::string())
                                      : std::pair(text.substr(0, colon), text.substr(colon + 1));
}

Fault coded(const Fault& row, const std::string& number)
{
    const auto code = whole_number(number);
    if (!code || business_code(*code) == nullptr) {
        throw Error(Errc::usage, "fault '" + row.name + "': '" + number + "' is no business code (1000 to 5002)");
    }
    Fault fault = row;
    fault.number = *code;
    fault.name = cut(row.name).first + ":" + number;
    return fault;
}

const Fault& row_of(const std::string& name)
{
    std::vector<std::string> names;
    for (const Fault& row : known_faults()) {
        if (cut(row.name).first == name) {
            return row;
        }
        names.push_back(row.name);
    }
    throw Error(Errc::usage, unknown_name("fault", name, names) + "; see `longtake sandbox --help`");
}

} // namespace

const std::vector<Fault>& known_faults()
{
    static const std::vector<Fault> rows = fault_table();
    return rows;
}

const Fault* FaultSet::find(Fault::Effect effect) const
{
    const auto found =
        std::find_if(faults_.begin(), faults_.end(), [effect](const Fault& fault) { return fault.effect == effect; });
    return found == faults_.end() ? nullptr : &*found;
}

std::string FaultSet::names() const
{
    std::vector<std::string> names;
    for (const Fault& fault : faults_) {
        names.push_back(fault.name);
    }
    return join(names);
}

void FaultBook::order(const std::string& text, int submits_so_far)
{
    auto [name, which] = cut(text);
    Fault fault = row_of(name);
    if (fault.name.ends_with(":N")) {
        const auto [code, rest] = cut(which);
        fault = coded(fault, code);
        which = rest;
    }
    Order order{fault, submits_so_far + 1, submits_so_far + 1, 1, text};
    const auto dash = which.find('-');
    const auto first = whole_number(std::string_view(which).substr(0, dash));
    const auto last = dash == std::string::npos ? first : whole_number(std::string_view(which).substr(dash + 1));
    if (which == "*") {
        order.from = 1;
        order.to = std::numeric_limits<int>::max();
    } else if (which.starts_with("every/") && whole_number(which.substr(6)).value_or(0) > 0) {
        order.every = *whole_number(which.substr(6));
        order.from = order.every;
        order.to = std::numeric_limits<int>::max();
    } else if (!which.empty()) {
        if (!first || !last || *first < 1 || *last < *first) {
            throw Error(Errc::usage, "fault '" + text + "': which submit? Say N, N-M, every/K or *, counted from 1");
        }
        order.from = *first;
        order.to = *last;
    }
    const std::lock_guard lock(mutex_);
    orders_.push_back(order);
}

FaultSet FaultBook::of(int number) const
{
    const std::lock_guard lock(mutex_);
    FaultSet set;
    for (const Order& order : orders_) {
        if (number >= order.from && number <= order.to && (number - order.from) % order.every == 0) {
            set.add(order.fault);
        }
    }
    return set;
}

std::vector<std::string> FaultBook::ordered() const
{
    const std::lock_guard lock(mutex_);
    std::vector<std::string> texts;
    for (const Order& order : orders_) {
        texts.push_back(order.text);
    }
    return texts;
}

void FaultBook::clear()
{
    const std::lock_guard lock(mutex_);
    orders_.clear();
}

} // namespace longtake::sandbox
