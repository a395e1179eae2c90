#include "pipeline/providers/dialects/answer.h"

#include "pipeline/base/secrets.h"
#include "pipeline/base/text.h"
#include "pipeline/http/date.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <ctime>
#include <iterator>

namespace longtake::remote {
namespace {

using nlohmann::json;

constexpr std::size_t k_longest_message = 500;
constexpr std::int64_t k_keeps_files = 30 * 24 * 3600; ///< seconds

constexpr Classification k_money{Reaction::stop, Errc::budget};
constexpr Classification k_key{Reaction::stop, Errc::credentials};
constexpr Classification k_later{Reaction::back_off, Errc::pending};
constexpr Classification k_unclear{Reaction::unclear, Errc::pending};

constexpr std::string_view k_done_words[] = {"succeed", "succeeded", "success", "completed", "成功", "完成", "已完成"};
constexpr std::string_view k_failed_parts[] = {"fail",   "error",  "abort",   "reject",    "cancel",
                                               "delete", "expire", "timeout", "timed out", "timed_out",
                                               "失败",   "取消",   "过期"};
constexpr std::string_view k_running_words[] = {"",        "submitted", "processing", "queued",      "pending",
                                                "running", "created",   "not_start",  "in_progress", "starting",
                                                "处理中",  "排队中",    "生成中",     "已提交"};

/// What some replies say where a reason should stand.
constexpr std::string_view k_empty_words[] = {"", "succeed", "succeeded", "success", "ok", "null", "none"};

/// Where services put why a task failed.
constexpr const char* k_reason_members[] = {"task_status_msg", "fail_reason", "error_message", "reason", "error",
                                            "message",         "msg"};
constexpr int k_deepest_reason = 8;

/// Our own id, and that it is there already: how a service refuses a submit that it has accepted before. No source
/// tells its words, so any that say so count.
constexpr std::string_view k_id_words[] = {"external", "task", "任务"};
constexpr std::string_view k_twice_words[] = {
    "duplicat", "already used", "already been used", "already in use", "unique", "repeat", "conflict", "重复", "已存在",
    "已经存在", "唯一"};
constexpr std::string_view k_invalid_parameter = "1201"; ///< Kling's code that such a refusal most likely has

constexpr std::string_view k_not_found_words[] = {"not found",    "not exist", "not_exist", "doesn't exist", "no such",
                                                  "unknown task", "不存在",    "未找到",    "找不到"};
/// Another account's task, or one that this key may not see.
constexpr std::string_view k_not_yours_words[] = {"permission", "belong",        "another user", "another account",
                                                  "not owner",  "not the owner", "无权",         "没有权限",
                                                  "不属于"};

constexpr const char* k_too_large = "the service refuses requests of this size; a smaller picture helps (`longtake "
                                    "prepare --max-side`, or \"fit\"), or another gateway";

/// How services say that they did not like the content: trying again costs and changes nothing.
constexpr std::string_view k_content_words[] = {"risk control", "content safety", "sensitive",
                                                "policy",       "moderation",     "nsfw"};

std::string lower(std::string_view text)
{
    std::string copy(text);
    std::transform(copy.begin(), copy.end(), copy.begin(), [](unsigned char c) { return std::tolower(c); });
    return copy;
}

template <class Words>
bool has_any(const std::string& text, const Words& words)
{
    return std::any_of(std::begin(words), std::end(words),
                       [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

template <class Words>
bool is_any(const std::string& text, const Words& words)
{
    return std::find(std::begin(words), std::end(words), text) != std::end(words);
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view k_blanks = " \t\r\n\v\f";
    const auto first = text.find_first_not_of(k_blanks);
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(k_blanks) - first + 1);
}

/// On one line, not too long, never cut inside a UTF-8 character.
std::string one_line(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    if (text.size() > k_longest_message) {
        std::size_t end = k_longest_message;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
            --end;
        }
        text = text.substr(0, end) + "...";
    }
    return text;
}

std::string status_text(int status)
{
    if (status >= 300 && status < 400) {
        return "the service answered with a redirect; check the base URL";
    }
    return "the service gave no reason that can be read";
}

/// `text` with what else is known of the answer behind it in brackets.
std::string with_facts(const std::string& text, const ApiError& complaint, int status)
{
    std::vector<std::string> facts;
    if (!complaint.code.empty()) {
        facts.push_back("code " + complaint.code);
    }
    if (status != 0) {
        facts.push_back("HTTP " + std::to_string(status));
    }
    if (!complaint.request_id.empty()) {
        facts.push_back("request " + complaint.request_id);
    }
    const std::string line = one_line(redact(text));
    return facts.empty() ? line : one_line(redact(line + " (" + join(facts) + ")"));
}

bool is_about_content(const std::string& message)
{
    return has_any(lower(message), k_content_words);
}

bool says_duplicate(const ApiError& complaint)
{
    const std::string words = lower(complaint.message);
    const bool there = words.find("exist") != std::string::npos && !has_any(words, k_not_found_words);
    return (there || has_any(words, k_twice_words)) &&
           (complaint.code == k_invalid_parameter || has_any(words, k_id_words));
}

/// The reason that lies nearest, in the order of k_reason_members.
std::string reason_below(const json& value, int depth)
{
    if (depth == 0 || !value.is_structured()) {
        return {};
    }
    if (value.is_object()) {
        for (const char* name : k_reason_members) {
            const auto found = value.find(name);
            if (found != value.end() && found->is_string() && is_telling(found->get_ref<const std::string&>())) {
                return *found;
            }
        }
    }
    for (const json& inner : value) {
        if (std::string reason = reason_below(inner, depth - 1); !reason.empty()) {
            return reason;
        }
    }
    return {};
}

/// The verdict a code or wording gives, if one does.
std::optional<Classification> said(const ApiError& complaint, int status, const Classifications& codes,
                                   const std::vector<MessageRule>& wordings)
{
    if (const auto found = codes.find(complaint.code); found != codes.end()) {
        return found->second;
    }
    const std::string family = complaint.code.size() == 4 ? complaint.code.substr(0, 1) + "xxx" : "";
    if (const auto found = codes.find(family); found != codes.end()) {
        return found->second;
    }
    const std::string words = lower(complaint.message);
    for (const MessageRule& wording : wordings) {
        if ((status < 500 || wording.any_status) && words.find(wording.part) != std::string::npos) {
            return wording.verdict;
        }
    }
    return std::nullopt;
}

/// What status and words tell about a task that is paid for, where no code does.
Classification verdict_while_polling(const Answer& answer, const ApiError& complaint)
{
    const std::string words = lower(complaint.message);
    if (answer.status == 403 && has_any(words, k_not_yours_words)) {
        return {Reaction::missing};
    }
    if (answer.status == 401 || answer.status == 402 || answer.status == 403) {
        return verdict_of_status(answer.status);
    }
    const bool not_found = answer.status == 404 || (answer.status < 500 && has_any(words, k_not_found_words));
    return not_found && answer.readable() ? Classification{Reaction::missing} : k_unclear;
}

} // namespace

const std::vector<MessageRule> k_common_wordings = {
    {"balance not enough", k_money},
    {"account balance", k_money},
    {"insufficient balance", k_money},
    {"balance is insufficient", k_money},
    {"insufficient credit", k_money},
    {"insufficient quota", k_money},
    {"quota is not enough", k_money},
    {"not enough credit", k_money},
    {"top up", k_money},
    {"in arrears", k_money},
    {"余额不足", k_money},
    {"额度不足", k_money},
    {"parallel task", {Reaction::wait_for_slot, Errc::pending}},
    {"too many requests", k_later},
    {"rate limit", k_later},
    {"requests too fast", k_later},
    {"no available channel", k_later, true},
    {"无可用渠道", k_later, true},
};

Answer answer_of(const http::Outcome& outcome)
{
    Answer answer;
    if (const auto* failure = std::get_if<http::Failure>(&outcome)) {
        answer.failure = *failure;
        answer.body = json(json::value_t::discarded);
        return answer;
    }
    const auto& response = std::get<http::Response>(outcome);
    const std::string_view body = trimmed(response.body);
    answer.status = response.status;
    answer.body = json::parse(response.body, nullptr, false);
    answer.empty = body.empty();
    answer.page = body.starts_with('<') || body.starts_with("\xef\xbb\xbf<");
    if (answer.body.is_discarded()) {
        answer.text = response.body;
    }
    answer.date = response.header("date");
    answer.retry_after = http::retry_after(response, std::time(nullptr));
    return answer;
}

Classification verdict_of_status(int status)
{
    switch (status) {
    case 401:
    case 403: return k_key;
    case 402: return k_money;
    case 404: return {Reaction::missing};
    case 408:
    case 409: return k_unclear; // in conflict with what may be the same submit
    case 429: return k_later;
    default: return status >= 300 && status < 500 ? Classification{Reaction::give_up} : k_unclear;
    }
}

Classification judge(const ApiError& complaint, int status, const Classifications& codes,
                     const std::vector<MessageRule>& wordings)
{
    return said(complaint, status, codes, wordings).value_or(verdict_of_status(status));
}

std::string reason_of(const ApiError& complaint, int status)
{
    return with_facts(is_telling(complaint.message) ? complaint.message : status_text(status), complaint, status);
}

std::string reason_of(const Answer& answer, const ApiError& complaint)
{
    std::string text = is_telling(complaint.message) ? complaint.message : std::string();
    if (answer.status == 413) {
        text = k_too_large + (text.empty() ? text : "; it says: " + text);
    }
    if (text.empty() && answer.page && answer.status < 300) {
        text = "the service answered with a web page instead of data";
        text += answer.hint.empty() ? "; check the base URL" : "";
    }
    if (text.empty()) {
        text = status_text(answer.status);
    }
    return with_facts(answer.hint.empty() ? text : answer.hint + "; it answered: " + text, complaint, answer.status);
}

std::string reason_of(const http::Failure& failure)
{
    return one_line(redact(failure.reason));
}

Submission submission_of(const Answer& answer, const ApiError& complaint, const Classifications& codes,
                         const std::vector<MessageRule>& wordings)
{
    if (answer.failure) {
        return submission_of(*answer.failure);
    }
    std::string reason = reason_of(answer, complaint);
    if (answer.astray) {
        return Declined{Declined::Then::give_up, Errc::usage, std::move(reason)};
    }
    const Classification verdict = judge(complaint, answer.status, codes, wordings);
    const auto declined = [&](Declined::Then then, Errc code) {
        return Declined{then, code, std::move(reason), true, answer.retry_after};
    };
    switch (verdict.means) {
    case Reaction::stop: return declined(Declined::Then::stop, verdict.code);
    case Reaction::back_off: return declined(Declined::Then::back_off, Errc::pending);
    case Reaction::wait_for_slot: return declined(Declined::Then::wait_for_slot, Errc::pending);
    default: break;
    }
    if (says_duplicate(complaint)) {
        return Duplicate{std::move(reason)};
    }
    if (verdict.means == Reaction::unclear) {
        return Unclear{std::move(reason)};
    }
    return declined(Declined::Then::give_up, verdict.code);
}

Submission submission_of(const http::Failure& failure)
{
    const std::string reason = reason_of(failure);
    if (failure.sent) {
        return Unclear{reason};
    }
    return Declined{Declined::Then::back_off, failure.cancelled ? Errc::interrupted : Errc::pending, reason, false};
}

JobState state_of(const Answer& answer, const ApiError& complaint, const Classifications& codes,
                  const std::vector<MessageRule>& wordings)
{
    if (answer.failure) {
        return Unreachable{reason_of(*answer.failure)};
    }
    if (answer.empty && (answer.status == 202 || answer.status == 204)) {
        return Running{}; // "not yet"
    }
    const Classification verdict =
        said(complaint, answer.status, codes, wordings).value_or(verdict_while_polling(answer, complaint));
    const std::string reason = reason_of(answer, complaint);
    switch (verdict.means) {
    case Reaction::give_up:
    case Reaction::missing: return Missing{reason};
    case Reaction::stop: return Barred{reason, verdict.code};
    default: return Unreachable{reason, answer.retry_after};
    }
}

Phase phase_of(std::string_view word)
{
    const std::string text = lower(trimmed(word));
    if (is_any(text, k_done_words)) {
        return Phase::done;
    }
    return has_any(text, k_failed_parts) ? Phase::failed : Phase::running;
}

Running running(std::string_view word)
{
    const std::string text(trimmed(word));
    return is_any(lower(text), k_running_words) ? Running{} : Running{0, one_line(redact(text))};
}

Missing names_no_footage(const std::string& who)
{
    return {who + " calls the take finished, but names no footage"};
}

bool is_telling(std::string_view message)
{
    std::string_view text = trimmed(message);
    while (text.ends_with('.') || text.ends_with('!')) {
        text.remove_suffix(1);
    }
    return !is_any(lower(text), k_empty_words);
}

std::string failure_reason(const json& task, std::initializer_list<const char*> pointers)
{
    for (const char* pointer : pointers) {
        if (std::string text = text_of(member(task, pointer)); is_telling(text)) {
            return text;
        }
    }
    return reason_below(task, k_deepest_reason);
}

std::string address_in(const json& value, std::initializer_list<const char*> pointers)
{
    for (const char* pointer : pointers) {
        const std::string text = text_of(member(value, pointer));
        if (text.find("://") != std::string::npos) {
            return std::string(trimmed(text));
        }
    }
    return {};
}

Refused failed_task(const std::string& message, const ApiError& envelope, std::optional<double> charged)
{
    ApiError complaint = envelope;
    complaint.code.clear(); // the envelope's "0" is about the question, not about the task
    complaint.message = is_telling(message) ? message : "the service failed the take and gave no reason";
    Refused refused;
    refused.reason = reason_of(complaint, 0);
    refused.charged = charged;
    refused.worth_retrying = !is_about_content(message);
    return refused;
}

const json& member(const json& json_value, const char* pointer)
{
    static const json k_null;
    const json::json_pointer path(pointer);
    return json_value.contains(path) ? json_value.at(path) : k_null;
}

std::string text_of(const json& value)
{
    if (value.is_string()) {
        return value.get<std::string>();
    }
    return value.is_number() || value.is_boolean() ? value.dump() : std::string();
}

std::optional<double> number_of(const json& value)
{
    if (value.is_number()) {
        return value.get<double>();
    }
    const std::string text = text_of(value);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return !text.empty() && error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                                     : std::nullopt;
}

std::string first_text(const json& value, std::initializer_list<const char*> pointers)
{
    for (const char* pointer : pointers) {
        if (std::string text = text_of(member(value, pointer)); !text.empty()) {
            return text;
        }
    }
    return {};
}

std::int64_t expiry_of(const json& created_ms)
{
    const auto created = number_of(created_ms);
    return created && *created > 0 ? static_cast<std::int64_t>(*created / 1000) + k_keeps_files : 0;
}

} // namespace longtake::remote
