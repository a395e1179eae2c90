#pragma once

#include "pipeline/providers/asked.h"
#include "pipeline/providers/remote.h"

#include <map>
#include <mutex>
#include <variant>

namespace longtake::remote {

/// The dialect, which others relay.
namespace wavespeed {

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
