#pragma once

#include "pipeline/providers/dialects/remote.h"

namespace longtake::remote {

/// 302.AI: forms instead of JSON, the length in the path, numbers for states. Its calls are the catalog's routes.
class Ai302Provider final : public RemoteProvider {
public:
    explicit Ai302Provider(const ProviderSettings& settings);

    Submission submit(const TakeRequest& request, std::stop_token stop) override;
    Job adopt(const TakeRequest& request, const std::string& task) const override;
    JobState poll(const Job& job, std::stop_token stop) override;

protected:
    std::string credential() const override { return key_; }
    std::string authorization() override { return "Bearer " + key_; }
    std::string probe_path() const override { return "/klingai/task/0/fetch?geo=global"; }
    bool sends_cfg(const TakeRequest& request) const override;

private:
    /// Throws Error(usage) where there is none.
    const Route& route_for(const TakeRequest& request) const;
    std::vector<http::Part> form_for(const TakeRequest& request, const Route& route) const;

    std::string key_;
};

} // namespace longtake::remote
