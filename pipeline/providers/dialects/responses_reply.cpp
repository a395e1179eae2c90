#include "pipeline/providers/dialects/responses_reply.h"

#include "pipeline/providers/dialects/kling_v1.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <sstream>

namespace longtake::remote::responses {
namespace {

using nlohmann::json;

/// How the gateway wraps Kling's business codes, 0 among them.
constexpr std::string_view k_wrapped_code = "dmxapi_kling_error_";

/// "任务ID: 8410363" and the like, in either language.
struct Line {
    std::string label; ///< in lower case
    std::string value;
};

std::string trimmed_words(std::string_view text)
{
    constexpr std::string_view k_around = " \t\r*`#-";
    const auto first = text.find_first_not_of(k_around);
    return first == std::string_view::npos
               ? std::string()
               : std::string(text.substr(first, text.find_last_not_of(k_around) - first + 1));
}

Line line_of(const std::string& text)
{
    const auto ascii = text.find(':');
    const auto wide = text.find("：");
    const auto colon = std::min(ascii, wide);
    if (colon == std::string::npos) {
        return {{}, trimmed_words(text)};
    }
    std::string label = trimmed_words(text.substr(0, colon));
    std::transform(label.begin(), label.end(), label.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return {std::move(label), trimmed_words(text.substr(colon + (colon == wide ? std::string_view("：").size() : 1)))};
}

std::vector<std::string> lines_of(const std::string& text)
{
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

bool has_one_of(const std::string& text, std::initializer_list<std::string_view> words)
{
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

bool ends_with_one_of(const std::string& text, std::initializer_list<std::string_view> words)
{
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.ends_with(word); });
}

/// The value of the first label that `fits`, however many stand in one line.
template <class Fits>
std::string labelled(const std::string& text, const Fits& fits)
{
    for (const std::string& whole : lines_of(text)) {
        for (Line line = line_of(whole); !line.label.empty(); line = line_of(line.value)) {
            if (fits(line.label)) {
                return line.value;
            }
        }
    }
    return {};
}

/// The address in a line, up to what cannot be part of one.
std::string link_in(const std::string& line)
{
    constexpr std::string_view k_never = "\"'<>()[]`";
    const auto ends = [&](unsigned char c) {
        return c <= ' ' || c >= 0x7f || k_never.find(static_cast<char>(c)) != std::string_view::npos;
    };
    const std::string link = line.substr(std::min(line.find("http"), line.size()));
    std::string address(link.begin(), std::find_if(link.begin(), link.end(), ends));
    while (address.ends_with('.') || address.ends_with(',') || address.ends_with(';')) {
        address.pop_back();
    }
    return has_one_of(address, {"://"}) ? address : std::string();
}

/// Not every address leads to a film: others lead to a page to look at, or to a picture of it.
bool is_film(const std::string& line, const std::string& address)
{
    const std::string label = line_of(line).label;
    return has_one_of(address, {".mp4", ".mov"}) ||
           (has_one_of(label, {"视频", "video"}) && !has_one_of(label, {"封面", "cover"}));
}

bool is_marked(const std::string& line)
{
    return has_one_of(line, {"水印", "watermark"}) && !has_one_of(line, {"无水印"});
}

/// The last event of a stream that is whole: one that was cut off is no JSON.
json last_event(const std::string& stream)
{
    json last;
    for (const std::string& line : lines_of(stream)) {
        if (!line.starts_with("data:")) {
            continue;
        }
        json event = json::parse(line.substr(5), nullptr, false);
        if (event.is_object()) {
            last = std::move(event);
        }
    }
    return last;
}

/// Whether a text is a stream of events, whole ones in it or not.
bool is_stream(const std::string& text)
{
    return std::string_view(text).starts_with(':') || text.starts_with("data:") || text.starts_with("event:");
}

std::string output_text(const json& response)
{
    for (const json& output : member(response, "/output")) {
        for (const json& content : member(output, "/content")) {
            if (std::string text = text_of(member(content, "/text")); !text.empty()) {
                return text;
            }
        }
    }
    return {};
}

std::string bare_code(std::string code)
{
    return code.starts_with(k_wrapped_code) ? code.substr(k_wrapped_code.size()) : code;
}

ApiError complaint_of(const Reply& reply)
{
    const json& response = reply.response;
    ApiError complaint = kling_v1::complaint_of(reply.envelope);
    if (complaint.code.empty()) {
        complaint.code = bare_code(first_text(response, {"/error/code", "/code"}));
    }
    if (complaint.message.empty()) {
        complaint.message = first_text(response, {"/error/message", "/message", "/error"});
    }
    if (complaint.message.empty() && !reply.envelope.is_object()) {
        complaint.message = reply.text;
    }
    if (complaint.request_id.empty()) {
        complaint.request_id = first_text(response, {"/request_id"});
    }
    return complaint;
}

} // namespace

Reply reply_of(const Answer& answer)
{
    Reply reply;
    reply.response = answer.body.is_object() ? answer.body : last_event(answer.text);
    if (const json inner = member(reply.response, "/response"); inner.is_object()) {
        reply.response = inner;
    }
    reply.status = text_of(member(reply.response, "/status"));
    reply.text = output_text(reply.response);
    if (reply.response.is_null() && !answer.page && !is_stream(answer.text)) {
        reply.text = answer.text;
    }
    reply.envelope = json::parse(reply.text, nullptr, false);
    if (!reply.envelope.is_object()) {
        reply.envelope = reply.text.empty() ? reply.response : json();
    }
    reply.complaint = complaint_of(reply);
    return reply;
}

std::string footage_in(const std::string& text)
{
    std::string marked;
    for (const std::string& line : lines_of(text)) {
        if (std::string film = link_in(line); !film.empty() && is_film(line, film)) {
            if (!is_marked(line)) {
                return film;
            }
            marked = std::move(film);
        }
    }
    return marked;
}

std::optional<double> seconds_in(const std::string& text)
{
    const auto is_length = [](const std::string& label) { return has_one_of(label, {"时长", "duration", "length"}); };
    const std::string value = labelled(text, is_length);
    double seconds = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    return error == std::errc() ? std::optional(seconds) : std::nullopt;
}

std::string task_in(const std::string& text)
{
    return labelled(text, [](const std::string& label) {
        return ends_with_one_of(label, {"任务id", "任务 id", "task id", "task_id", "taskid"});
    });
}

std::string status_in(const std::string& text)
{
    const std::string word = labelled(text, [](const std::string& label) {
        return label == "status" || label == "状态" ||
               ends_with_one_of(label, {"task status", "task_status", "任务状态", "视频状态", "生成状态"});
    });
    return word.find_first_of("0123456789") == 0 ? std::string() : word; // an HTTP status says nothing of the task
}

bool says_task_failed(const std::string& text)
{
    return phase_of(status_in(text)) == Phase::failed ||
           has_one_of(text,
                      {"任务失败", "生成失败", "task failed", "Task failed", "generation failed", "Generation failed"});
}

} // namespace longtake::remote::responses
