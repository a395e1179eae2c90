#pragma once

#include "pipeline/providers/remote.h"

namespace longtake::remote {

/// DMXAPI: Kling's legacy calls under a prefix. What it charges is its own, so charges in the reply are not taken for
/// ours.
class DmxapiProvider final : public RemoteProvider {
public:
    explicit DmxapiProvider(const ProviderSettings& settings);

    Submission submit(const TakeRequest& request, std::stop_token stop) override;
    Lookup lookup(const TakeRequest& /*request*/) const override { return Lookup::finds; }
    Search search(const TakeRequest& request, std::stop_token stop) override;
    Job adopt(const TakeRequest& request, const std::string& task) const override;
    JobState poll(const Job& job, std::stop_token stop) override;

protected:
    std::string credential() const override { return key_; }
    std::string authorization() override { return "Bearer " + key_; }
    std::string probe_path() const override { return "/kling/v1/videos/text2video/0"; }
    bool sends_cfg(const TakeRequest& request) const override;

private:
    std::string key_;
};

} // namespace longtake::remote
