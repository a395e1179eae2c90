#include "pipeline/providers/answer.h"

#include "pipeline/base/secrets.h"
#include "pipeline/base/text.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace longtake::remote {
namespace {

using nlohmann::json;

constexpr std::size_t k_longest_message = 500;
constexpr std::int64_t k_keeps_files = 30 * 24 * 3600; ///< seconds

constexpr Verdict k_money{Means::stop, Errc::budget};
constexpr Verdict k_key{Means::stop, Errc::credentials};
constexpr Verdict k_later{Means::back_off, Errc::pending};
constexpr Verdict k_unclear{Means::unclear, Errc::pending};

const std::map<std::string_view, Phase> k_phases = {
    {"succeed", Phase::done},   {"succeeded", Phase::done}, {"success", Phase::done},     {"completed", Phase::done},
    {"failed", Phase::failed},  {"failure", Phase::failed}, {"cancelled", Phase::failed}, {"canceled", Phase::failed},
    {"timeout", Phase::failed}, {"expired", Phase::failed},
};

/// How services say that they did not like the content: trying again costs and changes nothing.
constexpr std::string_view k_content_words[] = {"risk control", "content safety", "sensitive",
                                                "policy",       "moderation",     "nsfw"};

std::string lower(std::string_view text)
{
    std::string copy(text);
    std::transform(copy.begin(), copy.end(), copy.begin(), [](unsigned char c) { return std::tolower(c); });
    return copy;
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

bool is_about_content(const std::string& message)
{
    const std::string words = lower(message);
    return std::any_of(std::begin(k_content_words), std::end(k_content_words),
                       [&](std::string_view part) { return words.find(part) != std::string::npos; });
}

/// The verdict a code or wording gives, if one does.
std::optional<Verdict> said(const Complaint& complaint, int status, const Verdicts& codes,
                            const std::vector<Wording>& wordings)
{
    if (const auto found = codes.find(complaint.code); found != codes.end()) {
        return found->second;
    }
    const std::string family = complaint.code.size() == 4 ? complaint.code.substr(0, 1) + "xxx" : "";
    if (const auto found = codes.find(family); found != codes.end()) {
        return found->second;
    }
    const std::string words = lower(complaint.message);
    for (const Wording& wording : wordings) {
        if ((status < 500 || wording.any_status) && words.find(wording.part) != std::string::npos) {
            return wording.verdict;
        }
    }
    return std::nullopt;
}

/// What a status alone tells about a task that is paid for.
Verdict verdict_while_polling(const Answer& answer)
{
    if (answer.status == 401 || answer.status == 402 || answer.status == 403) {
        return verdict_of_status(answer.status);
    }
    return answer.status == 404 && answer.readable() ? Verdict{Means::missing} : k_unclear;
}

} // namespace

const std::vector<Wording> k_common_wordings = {
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
    {"parallel task", {Means::wait_for_slot, Errc::pending}},
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
    answer.status = response.status;
    answer.body = json::parse(response.body, nullptr, false);
    answer.date = response.header("date");
    return answer;
}

Verdict verdict_of_status(int status)
{
    switch (status) {
    case 401:
    case 403: return k_key;
    case 402: return k_money;
    case 404: return {Means::missing};
    case 408: return k_unclear;
    case 429: return k_later;
    default: return status >= 300 && status < 500 ? Verdict{Means::give_up} : k_unclear;
    }
}

Verdict judge(const Complaint& complaint, int status, const Verdicts& codes, const std::vector<Wording>& wordings)
{
    return said(complaint, status, codes, wordings).value_or(verdict_of_status(status));
}

std::string reason_of(const Complaint& complaint, int status)
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
    std::string text = complaint.message.empty() ? status_text(status) : complaint.message;
    if (!facts.empty()) {
        text = one_line(redact(text)) + " (" + join(facts) + ")";
    }
    return one_line(redact(text));
}

std::string reason_of(const http::Failure& failure)
{
    return one_line(redact(failure.reason));
}

Submission submission_of(const Verdict& verdict, std::string reason)
{
    switch (verdict.means) {
    case Means::stop: return Declined{Declined::Then::stop, verdict.code, std::move(reason)};
    case Means::back_off: return Declined{Declined::Then::back_off, Errc::pending, std::move(reason)};
    case Means::wait_for_slot: return Declined{Declined::Then::wait_for_slot, Errc::pending, std::move(reason)};
    case Means::unclear: return Unclear{std::move(reason)};
    default: return Declined{Declined::Then::give_up, verdict.code, std::move(reason)};
    }
}

Submission submission_of(const http::Failure& failure)
{
    const std::string reason = reason_of(failure);
    if (failure.sent) {
        return Unclear{reason};
    }
    return Declined{Declined::Then::back_off, failure.cancelled ? Errc::interrupted : Errc::pending, reason, false};
}

JobState state_of(const Answer& answer, const Complaint& complaint, const Verdicts& codes,
                  const std::vector<Wording>& wordings)
{
    if (answer.failure) {
        return Unreachable{reason_of(*answer.failure)};
    }
    const Verdict verdict = said(complaint, answer.status, codes, wordings).value_or(verdict_while_polling(answer));
    const std::string reason = reason_of(complaint, answer.status);
    switch (verdict.means) {
    case Means::give_up:
    case Means::missing: return Missing{reason};
    case Means::stop: return Barred{reason, verdict.code};
    default: return Unreachable{reason};
    }
}

Phase phase_of(std::string_view word)
{
    const auto found = k_phases.find(lower(word));
    return found == k_phases.end() ? Phase::running : found->second;
}

Refused failed_task(const std::string& message, const Complaint& envelope, std::optional<double> charged)
{
    Complaint complaint = envelope;
    complaint.code.clear(); // the envelope's "0" is about the question, not about the task
    complaint.message = message.empty() ? "the service failed the take and gave no reason" : message;
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
