#include "pipeline/app/watch/run_view.h"

#include "pipeline/base/error.h"
#include "pipeline/flow/record/report_page.h"

#include <algorithm>

namespace longtake::app {
namespace {

using nlohmann::json;

constexpr std::size_t k_log_lines = 400;
constexpr std::size_t k_most_steps = 5000;
constexpr std::size_t k_most_items = 512;
constexpr int k_deepest = 24; ///< of what stands in an event; ours have six

/// Of a file that anybody may have written: what lies deeper than any event of ours is left out.
json parsed(const std::string& line)
{
    return json::parse(
        line, [](int depth, json::parse_event_t /*event*/, json& /*value*/) { return depth <= k_deepest; }, false);
}

std::string words_of(const json& event, const char* member)
{
    const auto found = event.find(member);
    return found != event.end() && found->is_string() ? found->get<std::string>() : "";
}

double number_of(const json& event, const char* member)
{
    const auto found = event.find(member);
    return found != event.end() && found->is_number() ? found->get<double>() : 0;
}

std::string key_of(const json& event)
{
    return words_of(event, "stage") + " " + words_of(event, "what");
}

json list_of(const json& event, const char* member)
{
    const auto found = event.find(member);
    return found != event.end() && found->is_array() ? *found : json::array();
}

} // namespace

json empty_view(const std::string& folder)
{
    return {{"folder", folder},
            {"kind", "film"},
            {"state", "none"},
            {"run", ""},
            {"started", 0},
            {"at", 0},
            {"control", "own"},
            {"ask", nullptr},
            {"items", json::object()},
            {"log", json::array()},
            {"record", empty_report()},
            {"rows", json::array()},
            {"again", nullptr},
            {"steers", true},
            {"said", nullptr}};
}

void RunView::hear(const std::string& line)
{
    const json event = parsed(line);
    if (!event.is_object()) {
        return;
    }
    const std::string word = words_of(event, "event");
    if (word == "begin") {
        begin(event);
    } else if (word == "plan") {
        change_.set({"record", "shots"}, list_of(event, "shots"));
        change_.set({"record", "plan"}, event.value("plan", json()));
    } else if (word == "progress" || word == "started") {
        progress(event);
    } else if (word == "finished" || word == "reused") {
        finish(event);
    } else if (word == "rows") {
        rows(event);
    } else if (word == "row") {
        row(event);
    } else if (word == "end") {
        end(event);
    } else {
        go_on(word, event);
    }
    change_.set({"at"}, number_of(event, "at"));
}

void RunView::begin(const json& event)
{
    const json before = change_.whole();
    json fresh = empty_view(before.at("folder"));
    for (const char* kept : {"again", "steers"}) {
        fresh[kept] = before.at(kept);
    }
    fresh["kind"] = words_of(event, "kind");
    fresh["state"] = "running";
    fresh["run"] = words_of(event, "run");
    fresh["started"] = number_of(event, "started");
    fresh["control"] = words_of(event, "control");
    fresh["record"]["title"] = words_of(event, "title");
    fresh["record"]["command"] = words_of(event, "command");
    fresh["record"]["started"] = number_of(event, "started");
    change_.set(json::array(), std::move(fresh));
}

void RunView::progress(const json& event)
{
    const std::string key = key_of(event);
    const json& items = change_.whole().at("items");
    const bool known = items.contains(key);
    if (!known && items.size() >= k_most_items) {
        return;
    }
    json item = known ? items.at(key) : json{{"began", number_of(event, "at")}, {"from", number_of(event, "done")}};
    for (const char* words : {"stage", "what", "text"}) {
        item[words] = words_of(event, words);
    }
    for (const char* number : {"done", "total", "at"}) {
        item[number] = number_of(event, number);
    }
    change_.set({"items", key}, std::move(item));
}

void RunView::finish(const json& event)
{
    const std::string key = key_of(event);
    const double at = number_of(event, "at");
    const json& items = change_.whole().at("items");
    const double began = items.contains(key) ? items.at(key).at("began").get<double>() : at;
    const bool reused = words_of(event, "event") == "reused";
    change_.cut({"items", key});
    change_.add({"record", "steps"},
                {{"stage", words_of(event, "stage")},
                 {"what", words_of(event, "what")},
                 {"began", began},
                 {"seconds", at - began},
                 {"reused", reused}},
                k_most_steps);
    if (!reused) {
        log(event);
    }
}

void RunView::end(const json& event)
{
    change_.set({"state"}, "ended");
    change_.set({"ask"}, nullptr);
    change_.set({"items"}, json::object());
    change_.set({"record", "outcome"}, words_of(event, "outcome"));
    change_.set({"record", "message"}, words_of(event, "message"));
    change_.set({"record", "seconds"}, number_of(event, "at"));
    log(event);
}

void RunView::rows(const json& event)
{
    json rows = list_of(event, "rows");
    for (json& row : rows) {
        if (!row.is_object()) {
            row = json::object();
        }
        row["state"] = "waiting";
        row["share"] = 0;
        row["films"] = json::array();
    }
    change_.set({"rows"}, std::move(rows));
    change_.set({"record", "plan"}, {{"takes", json::array()},
                                     {"notes", json::array()},
                                     {"count", number_of(event, "takes")},
                                     {"cost", {{"amount", event.value("cost", json())}}}});
}

/// Where they can be had, in place of where they lie.
json RunView::films_of_row(std::size_t index, const json& files)
{
    json films = json::array();
    for (const json& file : files) {
        const std::filesystem::path film = file.is_object() ? words_of(file, "file") : "";
        const std::string number = std::to_string(index) + "." + std::to_string(films.size());
        shelf_.put_film(number, film);
        films.push_back({{"preset", words_of(file, "preset")},
                         {"name", film.filename().string()},
                         {"url", "files/" + number},
                         {"there", shelf_.has(film)}});
    }
    return films;
}

void RunView::row(const json& event)
{
    const double place = std::max(0.0, number_of(event, "row"));
    const auto index = static_cast<std::size_t>(place);
    if (place >= static_cast<double>(change_.whole().at("rows").size())) {
        return;
    }
    json row = change_.whole().at("rows").at(index);
    for (const char* words : {"state", "message"}) {
        row[words] = words_of(event, words);
    }
    for (const char* count : {"share", "took", "paid"}) {
        row[count] = number_of(event, count);
    }
    if (event.contains("files")) {
        row["films"] = films_of_row(index, list_of(event, "files"));
        row["notes"] = list_of(event, "notes");
        const std::filesystem::path poster = words_of(event, "poster");
        const std::string number = std::to_string(index) + ".poster";
        shelf_.put_film(number, poster);
        row["poster"] = shelf_.has(poster) ? json("files/" + number) : json();
    }
    change_.set({"rows", index}, std::move(row));
}

/// What says how the run stands, and what is said for people.
void RunView::go_on(const std::string& word, const json& event)
{
    const bool paused = word == "paused";
    if (paused || word == "resumed" || word == "approved" || word == "refused") {
        change_.set({"state"}, paused ? "paused" : "running");
        if (word == "approved" || word == "refused") {
            change_.set({"ask"}, nullptr);
        }
    } else if (word == "waiting") {
        json ask = json::object();
        for (const char* count : {"takes", "fresh", "films", "spent"}) {
            ask[count] = number_of(event, count);
        }
        ask["rehearsal"] = event.contains("rehearsal") && event.at("rehearsal") == true;
        ask["provider"] = words_of(event, "provider");
        ask["priced_on"] = words_of(event, "priced_on");
        ask["cost"] = event.contains("cost") && event.at("cost").is_number() ? event.at("cost") : json();
        change_.set({"ask"}, std::move(ask));
        change_.set({"state"}, "waiting");
    }
    log(event);
}

void RunView::log(const json& event)
{
    json line = {{"at", number_of(event, "at")}};
    for (const char* words : {"event", "stage", "what", "text"}) {
        line[words] = words_of(event, words);
    }
    if (words_of(event, "event") == "end") {
        line["text"] =
            words_of(event, "outcome") + (words_of(event, "message").empty() ? "" : ": " + words_of(event, "message"));
    }
    change_.add({"log"}, std::move(line), k_log_lines);
}

} // namespace longtake::app
