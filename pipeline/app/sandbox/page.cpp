#include "pipeline/app/sandbox/page.h"

#include "pipeline/app/sandbox/faults.h"

namespace longtake::sandbox {
namespace {

constexpr const char* k_page_head = R"html(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>longtake sandbox</title>
</head><body><h1>longtake sandbox</h1><pre id="state"></pre>
<script>
setInterval(async () => {
  state.textContent = JSON.stringify(await (await fetch('/sandbox/state')).json(), null, 1)
}, 1000)
</script></body></html>
)html";

} // namespace

std::string page_html()
{
    return k_page_head;
}

} // namespace longtake::sandbox
