#pragma once

#include "pipeline/base/hash.h"
#include "pipeline/model/models.h"
#include "pipeline/providers/catalog.h"
#include "tests/providers/recording_server.h"
#include "tests/support/temp_dir.h"

#include <fstream>
#include <memory>
#include <string>

namespace longtake::test {

/// What a submit or look came to, in a word or two: "accepted tasks/7", "stop budget", "unclear", "duplicate",
/// "missing", "barred budget", "refused retry free".
inline std::string told(const Submission& submission)
{
    if (const auto* accepted = std::get_if<Accepted>(&submission)) {
        return "accepted " + accepted->job.id;
    }
    if (std::holds_alternative<Unclear>(submission)) {
        return "unclear";
    }
    if (std::holds_alternative<Duplicate>(submission)) {
        return "duplicate";
    }
    const auto& declined = std::get<Declined>(submission);
    constexpr const char* k_then[] = {"give_up", "stop", "back_off", "wait_for_slot"};
    return k_then[static_cast<int>(declined.then)] + (" " + std::string(word(declined.code)));
}

inline std::string told(const JobState& state)
{
    if (const auto* running = std::get_if<Running>(&state)) {
        return "running" + (running->word.empty() ? "" : " " + running->word);
    }
    if (const auto* ready = std::get_if<Ready>(&state)) {
        return "ready " + ready->url + (ready->with_key ? " with key" : "");
    }
    if (std::holds_alternative<Unreachable>(state)) {
        return "unreachable";
    }
    if (std::holds_alternative<Missing>(state)) {
        return "missing";
    }
    if (const auto* barred = std::get_if<Barred>(&state)) {
        return "barred " + std::string(word(barred->code));
    }
    const auto& refused = std::get<Refused>(state);
    const std::string paid = !refused.charged ? "untold" : *refused.charged > 0 ? "charged" : "free";
    return (refused.worth_retrying ? "refused retry " : "refused ") + paid;
}

inline std::string told(const Search& search)
{
    if (!search.reached) {
        return "not reached";
    }
    return search.job ? "found " + search.job->id : "absent";
}

template <class... Answers>
std::string reason(const std::variant<Answers...>& answer)
{
    return std::visit(
        [](const auto& what) {
            if constexpr (requires { what.reason; }) {
                return what.reason;
            } else {
                return std::string();
            }
        },
        answer);
}

/// A remote provider as the catalog describes it, talking to a recording server, and requests for it.
class RemoteTakes {
public:
    explicit RemoteTakes(const std::string& provider)
    {
        static const ModelCatalog catalog = load_models({LONGTAKE_SOURCE_DIR "/presets"});
        settings.facts = catalog.provider(provider);
        settings.base_url = server.base();
    }

    /// Every key of the service is set.
    void use_keys()
    {
        for (const std::string& name : settings.facts.keys) {
            settings.keys[name] = "key-of-tests";
        }
    }

    Provider& provider()
    {
        if (!provider_) {
            provider_ = make_provider(settings.facts.name, settings);
        }
        return *provider_;
    }

    Submission submit(const TakeRequest& request) { return provider().submit(request, {}); }
    JobState poll(const std::string& id) { return provider().poll({id}, {}); }
    Search search(const TakeRequest& request) { return provider().search(request, {}); }

    /// A picture whose bytes are `text`.
    Still still(const std::string& text, const std::string& format = "png")
    {
        Still still;
        still.file = file(text + "." + format, text);
        still.sha256 = sha256_of(text);
        still.size = {1280, 720};
        still.format = format;
        return still;
    }

    std::filesystem::path file(const std::string& name, const std::string& bytes)
    {
        const auto path = dir_ / name;
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }

    static TakeRequest text_take(const std::string& prompt = "a paper boat drifts under a stone bridge, slow dolly in")
    {
        TakeRequest request;
        request.shot = "boat";
        request.model = "kling-v1-6";
        request.take.seconds = 5;
        request.take.prompt = prompt;
        request.size = {1280, 720};
        request.own_id = "film7-shot03-take1";
        return request;
    }

    TakeRequest image_take(const std::string& prompt = "the woman turns toward the window")
    {
        TakeRequest request = text_take(prompt);
        request.stills.image = still("start");
        request.settings.mode = "pro";
        return request;
    }

    RecordingServer server;
    ProviderSettings settings;

private:
    TempDir dir_;
    std::unique_ptr<Provider> provider_; ///< gone before the server, whose connections it holds
};

} // namespace longtake::test
