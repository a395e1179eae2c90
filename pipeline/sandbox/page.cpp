#include "pipeline/sandbox/page.h"

#include "pipeline/sandbox/faults.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ctime>
#include <vector>

namespace longtake::sandbox {
namespace {

using nlohmann::json;

constexpr const char* k_page_head = R"html(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>longtake sandbox</title><link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; --ink: #1d1c1a; --faint: #77736c; --line: #e2ded6; --paper: #faf8f4; --card: #fff;
  --good: #2c7a4b; --bad: #b3372b; --busy: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --ink: #ece8e1; --faint: #98938a; --line: #37342f; --paper: #191816;
  --card: #211f1c; --good: #6cc48d; --bad: #f08a7d; --busy: #e0b055; } }
body { font: 14px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto;
  max-width: 76rem; padding: 1.5rem; }
h1 { font-size: 1.35rem; margin: 0; } h2 { font-size: 1rem; margin: 0 0 .5rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0;
  overflow-x: auto; }
header { display: flex; flex-wrap: wrap; gap: 1rem 2rem; align-items: baseline; }
.figures b { font-size: 1.15rem; } .figures span { margin-right: 1.5rem; color: var(--faint); }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 500; color: var(--faint); }
th, td { padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
td.text { white-space: normal; min-width: 14rem; } td.number { text-align: right; font-variant-numeric: tabular-nums; }
tr:last-child td { border-bottom: 0; } code { font: 12.5px ui-monospace, monospace; }
.done { color: var(--good); } .failed, .bad { color: var(--bad); } .working, .queued { color: var(--busy); }
.faint, .empty { color: var(--faint); } a { color: inherit; } form { display: flex; gap: .5rem; margin: .5rem 0; }
input { flex: 1; max-width: 26rem; padding: .3rem .5rem; font: inherit; } button { padding: .3rem .8rem; font: inherit; }
</style></head><body>
)html";

constexpr const char* k_page_script = R"html(<script>
const post = (path, body) => fetch(path, { method: 'POST', body: JSON.stringify(body) })
async function refresh() {
  try {
    const text = await (await fetch('/')).text()
    const fresh = new DOMParser().parseFromString(text, 'text/html').querySelector('main')
    document.querySelector('main').replaceWith(fresh)
  } catch { document.querySelector('#alive').textContent = 'the sandbox has ended' }
}
document.querySelector('form').onsubmit = async event => {
  event.preventDefault()
  const answer = await (await post('/sandbox/faults', { fault: event.target.fault.value })).json()
  document.querySelector('#said').textContent = answer.message ?? 'ordered'
  refresh()
}
document.querySelector('#reset').onclick = async () => { await post('/sandbox/reset', {}); refresh() }
setInterval(() => { if (!document.hidden) refresh() }, 1000)
</script></body></html>
)html";

std::string escaped(const std::string& text)
{
    std::string html;
    for (const char letter : text) {
        switch (letter) {
        case '&': html += "&amp;"; break;
        case '<': html += "&lt;"; break;
        case '>': html += "&gt;"; break;
        case '"': html += "&quot;"; break;
        default: html += letter;
        }
    }
    return html;
}

std::string time_of_day(const json& row, const char* name)
{
    const std::time_t seconds = row.at(name).get<std::int64_t>() / 1000;
    std::tm local{};
    localtime_r(&seconds, &local);
    char text[16];
    std::strftime(text, sizeof text, "%H:%M:%S", &local);
    return text;
}

struct Column {
    const char* title;
    const char* style; ///< class of its cells
};

/// A section with a table; cells are HTML already.
std::string table(const std::string& title, const std::vector<Column>& columns,
                  const std::vector<std::vector<std::string>>& rows, const char* nothing)
{
    std::string html = fmt::format("<section><h2>{}</h2>", title);
    if (rows.empty()) {
        return html + fmt::format("<p class=\"empty\">{}</p></section>", nothing);
    }
    html += "<table><tr>";
    for (const Column& column : columns) {
        html += fmt::format("<th>{}</th>", column.title);
    }
    html += "</tr>";
    for (const auto& row : rows) {
        html += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i) {
            html += fmt::format("<td class=\"{}\">{}</td>", columns[i].style, row[i]);
        }
        html += "</tr>";
    }
    return html + "</table></section>\n";
}

std::string word_of(const json& row, const char* name)
{
    return escaped(row.at(name).get<std::string>());
}

std::string phase_cell(const json& task)
{
    const std::string phase = word_of(task, "phase");
    const std::string url = word_of(task, "url");
    return url.empty() ? fmt::format("<span class=\"{0}\">{0}</span>", phase)
                       : fmt::format("<a class=\"done\" href=\"{}\">{}</a>", url, phase);
}

std::string tasks_section(const json& state)
{
    std::vector<std::vector<std::string>> rows;
    for (auto task = state.at("tasks").rbegin(); task != state.at("tasks").rend(); ++task) {
        rows.push_back({std::to_string(task->at("submit").get<int>()), time_of_day(*task, "accepted"),
                        word_of(*task, "surface"), word_of(*task, "kind"),
                        word_of(*task, "model") + " <span class=\"faint\">" + word_of(*task, "mode") + "</span>",
                        fmt::format("{:.2f}", task->at("seconds").get<double>()), word_of(*task, "size"),
                        phase_cell(*task), "<code>" + word_of(*task, "own_id") + "</code>", word_of(*task, "prompt"),
                        "<span class=\"bad\">" + word_of(*task, "faults") + "</span>"});
    }
    return table("Tasks",
                 {{"#", "number"},
                  {"at", ""},
                  {"service", ""},
                  {"kind", ""},
                  {"model", ""},
                  {"s", "number"},
                  {"size", ""},
                  {"status", ""},
                  {"client's id", ""},
                  {"prompt", "text"},
                  {"faults", ""}},
                 rows, "None yet. Point a client here and submit something.");
}

std::string bills_section(const json& state)
{
    std::vector<std::vector<std::string>> rows;
    for (auto bill = state.at("bills").rbegin(); bill != state.at("bills").rend(); ++bill) {
        const double amount = bill->at("amount").get<double>();
        rows.push_back({std::to_string(bill->at("submit").get<int>()), time_of_day(*bill, "at"),
                        word_of(*bill, "surface"), word_of(*bill, "kind"),
                        "<code>" + word_of(*bill, "task") + "</code>", fmt::format("{:.3f}", amount),
                        bill->at("returned").get<bool>() ? "<span class=\"faint\">given back</span>" : ""});
    }
    return table(
        "Bills",
        {{"#", "number"}, {"at", ""}, {"service", ""}, {"kind", ""}, {"task", ""}, {"USD", "number"}, {"", ""}}, rows,
        "Nothing billed.");
}

std::string notes_section(const json& notes, const char* title, const char* nothing)
{
    std::vector<std::vector<std::string>> rows;
    for (auto note = notes.rbegin(); note != notes.rend(); ++note) {
        const int code = note->value("code", 0);
        rows.push_back({time_of_day(*note, "at"), escaped(note->value("surface", "")),
                        code == 0 ? "" : std::to_string(code), "<code>" + word_of(*note, "request") + "</code>",
                        escaped(note->value("reason", ""))});
    }
    return table(title, {{"at", ""}, {"service", ""}, {"code", "number"}, {"request", ""}, {"reason", "text"}}, rows,
                 nothing);
}

std::string services_section(const std::map<std::string, std::map<std::string, std::string>>& services)
{
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, variables] : services) {
        for (const auto& [variable, value] : variables) {
            rows.push_back(
                {escaped(name), "<code>" + escaped(variable) + "</code>", "<code>" + escaped(value) + "</code>"});
        }
    }
    return table("Addresses and keys, new at each start", {{"service", ""}, {"variable", ""}, {"value", ""}}, rows, "");
}

std::string faults_section(const json& state)
{
    std::string html = "<section><h2>Faults ordered</h2><p>";
    for (const json& fault : state.at("faults")) {
        html += "<code class=\"bad\">" + escaped(fault.get<std::string>()) + "</code> ";
    }
    return html + (state.at("faults").empty() ? "<span class=\"empty\">None.</span>" : "") + "</p></section>\n";
}

std::string known_faults_html()
{
    std::string html =
        "<section><h2>Order a fault</h2><form><input name=\"fault\" list=\"faults\" "
        "placeholder=\"drop-after-accept:2\"><button>Order</button>"
        "<button type=\"button\" id=\"reset\">Forget everything</button></form>"
        "<p class=\"faint\" id=\"said\">NAME[:WHICH]: which submit, counted from 1: N, N-M, every/K or *; "
        "without it the next one.</p><datalist id=\"faults\">";
    std::string list;
    for (const Fault& fault : known_faults()) {
        html += fmt::format("<option value=\"{}\">", escaped(fault.name));
        list += fmt::format("<tr><td><code>{}</code></td><td class=\"text\">{}</td></tr>", escaped(fault.name),
                            escaped(fault.says));
    }
    return html + "</datalist><details><summary>All of them</summary><table>" + list + "</table></details></section>\n";
}

} // namespace

std::string page_html(const json& state, const std::map<std::string, std::map<std::string, std::string>>& services)
{
    const auto figure = [](const char* name, const std::string& value) {
        return fmt::format("<span><b>{}</b> {}</span>", value, name);
    };
    std::string html = k_page_head;
    html += "<main><header><h1>longtake sandbox</h1><div class=\"figures\" id=\"alive\">";
    html += figure("requests", std::to_string(state.at("requests_total").get<int>()));
    html += figure("submits", std::to_string(state.at("submits").get<int>()));
    html += figure("tasks", std::to_string(state.at("tasks").size()));
    html += figure("USD billed", fmt::format("{:.2f}", state.at("total").at("amount").get<double>()));
    html += figure("refused", std::to_string(state.at("refused").size()));
    html += "</div></header>\n";
    if (!state.at("leaks").empty()) {
        html += notes_section(state.at("leaks"), "<span class=\"bad\">Credentials sent where none belong</span>", "");
    }
    html += tasks_section(state) + bills_section(state) + faults_section(state);
    html += notes_section(state.at("refused"), "Refused requests", "None.");
    return html + "</main>\n" + services_section(services) + known_faults_html() + k_page_script;
}

} // namespace longtake::sandbox
