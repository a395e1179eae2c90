#include "pipeline/sandbox/sandbox.h"

#include "pipeline/av/version.h"
#include "pipeline/base/error.h"
#include "pipeline/sandbox/apis/access.h"
#include "pipeline/sandbox/apis/fake_api.h"
#include "pipeline/sandbox/fault_replies.h"
#include "pipeline/sandbox/page.h"
#include "pipeline/sandbox/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace longtake::sandbox {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Pictures and films, gone with the sandbox.
class Folder {
public:
    Folder()
    {
        std::string name = fs::temp_directory_path() / "longtake-sandbox-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) { // with mode 0700
            throw Error(Errc::storage, "cannot make the sandbox's folder '" + name + "': " + std::strerror(errno) +
                                           "; set TMPDIR to a folder that can be written");
        }
        path_ = name;
    }
    ~Folder()
    {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

Settings completed(Settings settings)
{
    av::quiet_log(); // of the encoders
    if (settings.preset_dirs.empty()) {
        settings.preset_dirs = {LONGTAKE_PRESETS_DIR};
    }
    return with_keys(std::move(settings));
}

/// "127.0.0.1", "localhost" or "[::1]", with a port or without. Another name may be one that a web page's owner lets
/// point here, so that a browser lets the page read what the sandbox says (DNS rebinding).
bool is_this_machine(std::string_view host)
{
    for (const std::string_view name : {"127.0.0.1", "localhost", "[::1]"}) {
        if (host.starts_with(name)) {
            const std::string_view port = host.substr(name.size());
            return port.empty() || (port.size() > 1 && port.front() == ':' &&
                                    port.find_first_not_of("0123456789", 1) == std::string_view::npos);
        }
    }
    return false;
}

/// Programs say nothing of where they were sent from; browsers do, and only our own page may use the sandbox.
bool is_own_page(const Call& call)
{
    return (call.origin.empty() || call.origin == "http://" + call.host) &&
           (call.fetch_site.empty() || call.fetch_site == "same-origin" || call.fetch_site == "none");
}

Reply not_found()
{
    return json_reply({{"message", "nothing here; services live under /kling, /newapi, /dmxapi, /wavespeed, /302ai"}},
                      404);
}

} // namespace

struct Sandbox::Impl {
    explicit Impl(Settings settings) : service(completed(std::move(settings)), folder.path())
    {
        surfaces["kling"] = make_kling(service);
        surfaces["newapi"] = make_newapi(service);
        surfaces["dmxapi"] = make_dmxapi(service);
        surfaces["wavespeed"] = make_wavespeed(service);
        surfaces["302ai"] = make_302ai(service);
        ready.lock();
        const Settings& own = service.settings;
        server = std::make_unique<Server>(own.port, Server::Limits{own.threads, own.waiting, own.head_seconds},
                                          [this](const Call& call) { return answer(call); });
        service.root = "http://127.0.0.1:" + std::to_string(server->port());
        ready.unlock();
    }

    Reply answer(const Call& call)
    {
        {
            const std::lock_guard wait(ready);
        } // a request may come before we know our own port
        try {
            Reply reply = route(call);
            reply.headers["Date"] = http_date(service.now()); // clients set their tokens by it
            return reply;
        } catch (const std::exception& error) {
            return json_reply({{"message", std::string("the sandbox itself failed: ") + error.what()}}, 500);
        }
    }

    Reply route(const Call& call)
    {
        if (!is_this_machine(call.host)) {
            return text_reply(403, "refused: the Host header names another machine; say http://127.0.0.1:PORT\n");
        }
        if (!is_own_page(call)) {
            return text_reply(403, "refused: the request comes from another web page than the sandbox's own\n");
        }
        if (call.path == "/") {
            return page();
        }
        if (call.path.starts_with("/sandbox/")) {
            return control(call);
        }
        service.count("", "");
        if (call.method == "POST" && call.size > service.settings.max_request.value_or(call.size)) {
            return page_reply(413, "Request Entity Too Large");
        }
        if (call.method == "GET" && call.path.starts_with("/files/")) {
            return service.file(call);
        }
        const std::string name = call.path.substr(1, call.path.find('/', 1) - 1);
        const auto surface = surfaces.find(name);
        if (surface == surfaces.end()) {
            service.note_refusal("", call, 404, "no such service");
            return not_found();
        }
        Call own = call;
        own.path.erase(0, 1 + name.size());
        return surface->second->answer(std::move(own));
    }

    Reply page() const
    {
        Reply reply;
        reply.type = "text/html; charset=utf-8";
        reply.body = page_html(service.state(), services());
        reply.headers = {{"Cache-Control", "no-store"}, {"X-Frame-Options", "DENY"}}; // it shows keys
        return reply;
    }

    /// By service: its address and the keys it takes, under the names of their environment variables.
    std::map<std::string, std::map<std::string, std::string>> services() const
    {
        std::map<std::string, std::map<std::string, std::string>> rows;
        for (const auto& [name, surface] : surfaces) {
            const std::string variable = service.catalog.provider(name).base_url_variable();
            const std::string prefix = variable.substr(9, variable.rfind("_BASE_URL") - 9) + "_"; // after LONGTAKE_
            rows[name][variable] = service.root + "/" + name;
            for (const auto& [key_name, key] : keys()) {
                if (key_name.starts_with(prefix)) {
                    rows[name][key_name] = key;
                }
            }
        }
        return rows;
    }

    std::map<std::string, std::string> keys() const
    {
        const Settings& settings = service.settings;
        return {{"KLING_ACCESS_KEY", settings.access_key},
                {"KLING_SECRET_KEY", settings.secret_key},
                {"KLING_API_KEY", settings.api_keys.at("kling")},
                {"NEWAPI_API_KEY", settings.api_keys.at("newapi")},
                {"DMXAPI_API_KEY", settings.api_keys.at("dmxapi")},
                {"WAVESPEED_API_KEY", settings.api_keys.at("wavespeed")},
                {"AI302_API_KEY", settings.api_keys.at("302ai")}};
    }

    Reply control(const Call& call)
    {
        if (call.method == "GET" && call.path == "/sandbox/state") {
            return json_reply(service.state());
        }
        if (call.method == "POST" && call.path == "/sandbox/reset") {
            service.reset();
            return json_reply(json::object());
        }
        if (call.method == "POST" && call.path == "/sandbox/faults") {
            return take_fault(call);
        }
        return not_found();
    }

    Reply take_fault(const Call& call)
    {
        const json body = json::parse(call.body, nullptr, false);
        if (!body.is_object() || !body.contains("fault") || !body["fault"].is_string()) {
            return json_reply({{"message", R"(say {"fault":"NAME[:WHICH]"})"}}, 400);
        }
        try {
            service.order_fault(body["fault"]);
            return json_reply({{"faults", service.faults.ordered()}});
        } catch (const Error& error) {
            return json_reply({{"message", error.what()}}, 400);
        }
    }

    Folder folder;
    ServiceState service;
    std::map<std::string, std::unique_ptr<FakeApi>> surfaces;
    std::mutex ready;
    std::unique_ptr<Server> server; // last: no request once the rest goes
};

Sandbox::Sandbox(Settings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}

Sandbox::~Sandbox() = default;

int Sandbox::port() const noexcept
{
    return impl_->server->port();
}

std::string Sandbox::base_url(const std::string& provider) const
{
    return impl_->service.root + "/" + provider;
}

std::map<std::string, std::string> Sandbox::keys() const
{
    return impl_->keys();
}

std::map<std::string, std::string> Sandbox::environment() const
{
    std::map<std::string, std::string> variables;
    for (const auto& [provider, service] : impl_->services()) {
        variables.insert(service.begin(), service.end());
    }
    return variables;
}

nlohmann::json Sandbox::state() const
{
    return impl_->service.state();
}

void Sandbox::order_fault(const std::string& fault)
{
    impl_->service.order_fault(fault);
}

void Sandbox::forgive()
{
    impl_->service.forgive();
}

void Sandbox::reset()
{
    impl_->service.reset();
}

} // namespace longtake::sandbox
