#pragma once

#include "pipeline/providers/dialects/remote.h"
#include "pipeline/providers/dialects/request_shape.h"

#include <map>
#include <mutex>
#include <variant>

namespace longtake::remote {

/// The dialect, which others relay.
namespace wavespeed {

struct Quote;
struct Schema;

/// How its envelope words a no.
ApiError complaint_of(const nlohmann::json& body);

/// Whether it answered what was asked.
bool is_well(const Answer& answer);

/// The answer with the status its code tells: its codes are HTTP's, and count for more than the status it came with.
Answer with_own_status(Answer answer);

/// The request without what is made of files.
nlohmann::json body_of(const TakeRequest& request, const Route& route);

Submission submission_of(const Answer& answer);

/// `id`: of the prediction that was asked about.
JobState state_of(const Answer& answer, const std::string& id);

} // namespace wavespeed

/// WaveSpeedAI: one address a model, with parameter names of its own; both are the catalog's routes. Pictures and
/// films are uploaded first, each once in a process.
class WavespeedProvider final : public RemoteProvider {
public:
    explicit WavespeedProvider(const ProviderSettings& settings);

    nlohmann::json shape(const TakeRequest& request) const override;
    Submission submit(const TakeRequest& request, std::stop_token stop) override;
    JobState poll(const Job& job, std::stop_token stop) override;

    /// What the service tells for nothing, at addresses of its own where no take is made (see wavespeed_online.h). All
    /// throw Error(credentials) for a refused key, Error(pending) where no answer comes, Error(interrupted), and
    /// Error(provider) for an answer that does not tell.
    /// The account's balance in USD.
    double balance(const std::stop_token& stop);
    /// Its own price for a model with these inputs; partial inputs are priced at their least.
    wavespeed::Quote quote(const std::string& slug, const nlohmann::json& inputs, const std::stop_token& stop);
    /// What each of its models takes, by slug.
    std::map<std::string, wavespeed::Schema> schemas(const std::stop_token& stop);

protected:
    std::string credential() const override { return key_; }
    std::string authorization() override { return "Bearer " + key_; }
    std::string probe_path() const override { return "/api/v3/predictions/0/result"; }
    bool sends_cfg(const TakeRequest& request) const override;

private:
    /// A file to upload, and what it is known by.
    struct File {
        std::filesystem::path path;
        std::string sha256;
        std::string type;
    };
    /// The member of the request, the files whose addresses it takes, and whether it is a list.
    struct Input {
        std::string name;
        std::vector<File> files;
        bool list = false;
    };

    /// Throws Error(usage) where there is none.
    const Route& route_for(const TakeRequest& request) const;
    const Route* find_route(const TakeRequest& request) const;
    static std::vector<Input> inputs_for(const TakeRequest& request, const Route& route);
    static std::vector<Input> references_for(const TakeRequest& request, const Route& route);
    static File file_of(const Still& still);
    static File file_of(const std::filesystem::path& path);

    /// The uploaded file's address, or why there is none.
    std::variant<std::string, Submission> uploaded(const File& file, const std::stop_token& stop);
    std::variant<std::string, Submission> upload(const File& file, const std::stop_token& stop);
    std::variant<std::string, Submission> upload_the_old_way(const File& file, const std::stop_token& stop);

    std::string key_;
    std::mutex mutex_;
    std::map<std::string, std::string> uploads_; ///< by content
};

} // namespace longtake::remote
