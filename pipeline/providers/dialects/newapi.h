#pragma once

#include "pipeline/providers/dialects/remote.h"

namespace longtake::remote {

/// Gateways of the New-API kind. The vanilla one rebuilds the body from the members it knows and wraps what it learns
/// in a task of its own; others pass Kling's calls and replies through. Every reply tells itself which it is; what may
/// be asked for beyond the vanilla one's members is said by `providers.newapi.shape`. What a gateway charges is its
/// operator's secret.
class NewapiProvider final : public RemoteProvider {
public:
    explicit NewapiProvider(const ProviderSettings& settings);

    Submission submit(const TakeRequest& request, std::stop_token stop) override;
    Job adopt(const TakeRequest& request, const std::string& task) const override;
    JobState poll(const Job& job, std::stop_token stop) override;

protected:
    std::string credential() const override { return key_; }
    std::string authorization() override { return "Bearer " + key_; }
    std::string probe_path() const override { return "/kling/v1/videos/text2video/0"; }
    bool sends_cfg(const TakeRequest& request) const override;

private:
    Ready footage_at(const std::string& url, const std::string& task) const;
    JobState state_of_task(const nlohmann::json& task, const ApiError& envelope, const std::string& id) const;
    void check_passed_on(const TakeRequest& request) const;

    std::string key_;
    bool passes_through_ = false;
};

} // namespace longtake::remote
