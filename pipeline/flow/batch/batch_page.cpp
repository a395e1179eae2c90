#include "pipeline/base/text.h"
#include "pipeline/flow/batch/contact_sheet.h"
#include "pipeline/flow/batch/results.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake {
namespace {

namespace fs = std::filesystem;

std::string escaped(const std::string& text)
{
    std::string html;
    for (const char c : text) {
        html += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : std::string(1, c);
    }
    return html;
}

/// A file as the page refers to it: relative, every byte that means something in an address written out (RFC 3986).
std::string address_of(const fs::path& file, const fs::path& folder)
{
    std::string address;
    for (const char c : file.lexically_proximate(fs::absolute(folder).lexically_normal()).generic_string()) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = std::isalnum(byte) != 0 || std::string_view("-._~/").find(c) != std::string_view::npos;
        address += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
    }
    return address;
}

std::string state_word(const RowState& row)
{
    return row.done() ? "done" : row.outcome.empty() ? "not made" : "failed";
}

std::string film_card(const RowState& row, const fs::path& folder)
{
    std::string films;
    for (const Deliverable& deliverable : row.deliverables) {
        films += fmt::format("<a href=\"{}\">{}</a> ", escaped(address_of(deliverable.file(), folder)),
                             escaped(deliverable.preset.empty() ? "film" : deliverable.preset));
    }
    const fs::path poster = poster_of(row);
    const std::string picture =
        poster.empty() ? "<div class=\"none\">no film</div>"
                       : fmt::format("<img loading=\"lazy\" alt=\"{}\" src=\"{}\">", escaped("A frame of " + row.name),
                                     escaped(address_of(poster, folder)));
    const std::string title = row.deliverables.empty()
                                  ? picture
                                  : fmt::format("<a class=\"poster\" href=\"{}\">{}</a>",
                                                escaped(address_of(row.deliverables.front().file(), folder)), picture);
    std::string about = fmt::format("{} s", clock_text(row.seconds));
    if (row.paid > 0) {
        about += fmt::format(", ${:.2f}", row.paid);
    }
    for (const auto& [variable, value] : row.tags) {
        about += ", " + variable + ": " + value;
    }
    const std::string message =
        row.done() ? std::string()
                   : "<p class=\"why\">" + escaped(row.message.empty() ? "interrupted" : row.message) + "</p>";
    return fmt::format("<li class=\"card\" data-state=\"{0}\">{1}<h2>{2}</h2><p>row {3}: {0}; {4}</p><p>{5}</p>{6}"
                       "<label><input type=\"checkbox\" data-row=\"{2}\"> approved</label></li>\n",
                       state_word(row), title, escaped(row.name), row.number, escaped(about), films, message);
}

constexpr const char* k_style = R"(
:root{color-scheme:light dark;--ground:#f6f5f2;--card:#fff;--ink:#1c1b19;--soft:#6a665f;--line:#dcd8d0;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ground:#161513;--card:#211f1c;--ink:#f1ede5;--soft:#a8a297;--line:#3a3732;--bad:#ff8a80}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.45 system-ui,sans-serif}
header{position:sticky;top:0;z-index:1;background:var(--ground);border-bottom:1px solid var(--line);padding:16px 24px}
h1{font-size:20px;margin:0 0 8px}h2{font-size:15px;margin:10px 0 2px;overflow-wrap:anywhere}p{margin:2px 0;color:var(--soft);overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;gap:8px;align-items:center}button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:999px;padding:4px 14px;cursor:pointer}
button[aria-pressed=true]{background:var(--ink);color:var(--ground)}ul{list-style:none;margin:0;padding:24px;display:grid;gap:20px;grid-template-columns:repeat(auto-fill,minmax(220px,1fr))}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px;content-visibility:auto;contain-intrinsic-size:auto 340px}
.card[hidden]{display:none}img,.none{width:100%;height:220px;object-fit:contain;background:#0002;border-radius:6px;display:block}
.none{display:grid;place-items:center;color:var(--soft)}.why{color:var(--bad)}a{color:inherit}label{display:inline-block;margin-top:6px}
)";

constexpr const char* k_script = R"(
const cards=[...document.querySelectorAll('.card')],buttons=[...document.querySelectorAll('nav button[data-show]')];
const key='approved '+location.pathname,approved=new Set(JSON.parse(localStorage.getItem(key)||'[]'));
const tell=()=>document.getElementById('count').textContent=approved.size+' approved';
buttons.forEach(b=>b.onclick=()=>{buttons.forEach(o=>o.setAttribute('aria-pressed',o===b));
cards.forEach(c=>{const box=c.querySelector('input'),s=b.dataset.show;c.hidden=!(s==='all'||s===c.dataset.state||(s==='open'&&c.dataset.state==='done'&&!box.checked))})});
cards.forEach(c=>{const box=c.querySelector('input'),row=box.dataset.row;box.checked=approved.has(row);
box.onchange=()=>{box.checked?approved.add(row):approved.delete(row);localStorage.setItem(key,JSON.stringify([...approved]));tell()}});
document.getElementById('copy').onclick=()=>navigator.clipboard.writeText([...approved].join('\n'));tell();
)";

} // namespace

std::string batch_page(const BatchResult& result, const fs::path& folder)
{
    const std::size_t done = result.done();
    std::string title = fmt::format("{} of {} films, {:.0f} s", done, result.rows.size(), result.plan.seconds);
    if (result.spent > 0) {
        title += fmt::format(", ${:.2f}", result.spent);
    }
    std::string page =
        fmt::format("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                    "content=\"width=device-width\"><title>{0}</title><style>{1}</style></head><body>\n"
                    "<header><h1>{0}</h1><nav>",
                    title, k_style);
    for (const auto& [show, label] : {std::pair("all", "all"),
                                      {"done", "done"},
                                      {"failed", "failed"},
                                      {"not made", "not made"},
                                      {"open", "to be approved"}}) {
        page += fmt::format("<button data-show=\"{}\" aria-pressed=\"{}\">{}</button>", show,
                            std::string_view(show) == "all", label);
    }
    page += "<span id=\"count\"></span><button id=\"copy\">copy approved</button></nav></header>\n<main><ul>\n";
    for (const RowState& row : result.rows) {
        page += film_card(row, folder);
    }
    return page + "</ul></main><script>" + k_script + "</script></body></html>\n";
}

} // namespace longtake
