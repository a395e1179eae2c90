#include "pipeline/app/sandbox/sandbox.h"

#include "pipeline/app/sandbox/access.h"
#include "pipeline/app/sandbox/fault_replies.h"
#include "pipeline/app/sandbox/page.h"
#include "pipeline/app/sandbox/server.h"
#include "pipeline/app/sandbox/surfaces.h"
#include "pipeline/av/version.h"
#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <random>

namespace longtake::sandbox {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Pictures and films, gone with the sandbox.
class Folder {
public:
    Folder()
    {
        std::random_device random;
        path_ = fs::temp_directory_path() / fmt::format("longtake-sandbox-{:08x}{:08x}", random(), random());
        fs::create_directories(path_);
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
    return settings;
}

Reply not_found()
{
    return json_reply({{"message", "nothing here; services live under /kling, /newapi, /dmxapi, /wavespeed, /302ai"}},
                      404);
}

} // namespace

struct Sandbox::Impl {
    explicit Impl(Settings settings) : studio(completed(std::move(settings)), folder.path())
    {
        surfaces["kling"] = make_kling(studio);
        surfaces["newapi"] = make_newapi(studio);
        surfaces["dmxapi"] = make_dmxapi(studio);
        surfaces["wavespeed"] = make_wavespeed(studio);
        surfaces["302ai"] = make_302ai(studio);
        ready.lock();
        server = std::make_unique<Server>(studio.settings.port, studio.settings.threads,
                                          [this](const Call& call) { return answer(call); });
        studio.root = "http://127.0.0.1:" + std::to_string(server->port());
        ready.unlock();
    }

    Reply answer(const Call& call)
    {
        {
            const std::lock_guard wait(ready);
        } // a request may come before we know our own port
        try {
            Reply reply = route(call);
            reply.headers["Date"] = http_date(studio.now()); // clients set their tokens by it
            return reply;
        } catch (const std::exception& error) {
            return json_reply({{"message", std::string("the sandbox itself failed: ") + error.what()}}, 500);
        }
    }

    Reply route(const Call& call)
    {
        if (call.path == "/") {
            Reply page;
            page.type = "text/html; charset=utf-8";
            page.body = page_html(studio.state());
            return page;
        }
        if (call.path.starts_with("/sandbox/")) {
            return control(call);
        }
        studio.count("", "");
        if (call.method == "POST" && call.size > studio.settings.max_request.value_or(call.size)) {
            return page_reply(413, "Request Entity Too Large");
        }
        if (call.method == "GET" && call.path.starts_with("/files/")) {
            return studio.file(call);
        }
        const std::string name = call.path.substr(1, call.path.find('/', 1) - 1);
        const auto surface = surfaces.find(name);
        if (surface == surfaces.end()) {
            studio.note_refusal("", call, 404, "no such service");
            return not_found();
        }
        Call own = call;
        own.path.erase(0, 1 + name.size());
        return surface->second->answer(own);
    }

    Reply control(const Call& call)
    {
        if (call.method == "GET" && call.path == "/sandbox/state") {
            return json_reply(studio.state());
        }
        if (call.method == "POST" && call.path == "/sandbox/reset") {
            studio.reset();
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
            studio.order_fault(body["fault"]);
            return json_reply({{"faults", studio.faults.ordered()}});
        } catch (const Error& error) {
            return json_reply({{"message", error.what()}}, 400);
        }
    }

    Folder folder;
    Studio studio;
    std::map<std::string, std::unique_ptr<Surface>> surfaces;
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
    return impl_->studio.root + "/" + provider;
}

std::map<std::string, std::string> Sandbox::keys() const
{
    return {{"KLING_ACCESS_KEY", impl_->studio.settings.access_key},
            {"KLING_SECRET_KEY", impl_->studio.settings.secret_key},
            {"KLING_API_KEY", api_key("kling")},
            {"NEWAPI_API_KEY", api_key("newapi")},
            {"DMXAPI_API_KEY", api_key("dmxapi")},
            {"WAVESPEED_API_KEY", api_key("wavespeed")},
            {"AI302_API_KEY", api_key("302ai")}};
}

std::map<std::string, std::string> Sandbox::environment() const
{
    auto variables = keys();
    for (const auto& [provider, surface] : impl_->surfaces) {
        variables[impl_->studio.catalog.provider(provider).base_url_variable()] = base_url(provider);
    }
    return variables;
}

nlohmann::json Sandbox::state() const
{
    return impl_->studio.state();
}

void Sandbox::order_fault(const std::string& fault)
{
    impl_->studio.order_fault(fault);
}

void Sandbox::reset()
{
    impl_->studio.reset();
}

} // namespace longtake::sandbox
