#pragma once

#include "pipeline/providers/dialects/jwt.h"
#include "pipeline/providers/dialects/remote.h"

#include <optional>

namespace longtake::remote {

/// Kling itself, both generations of its API. The catalog's `api2` names the models asked for through the newer one,
/// with their names in its paths, its `omni` those of omni-video; the others go through the other legacy calls.
class KlingProvider final : public RemoteProvider {
public:
    /// KLING_API_KEY, or KLING_ACCESS_KEY with KLING_SECRET_KEY; KLINGAI_ in place of KLING_ will do. Throws
    /// Error(credentials) without.
    explicit KlingProvider(const ProviderSettings& settings);

    Submission submit(const TakeRequest& request, std::stop_token stop) override;
    /// A lip-sync cannot be found by our id: its call takes none.
    Lookup lookup(const TakeRequest& request) const override;
    Search search(const TakeRequest& request, std::stop_token stop) override;
    Job adopt(const TakeRequest& request, const std::string& task) const override;
    JobState poll(const Job& job, std::stop_token stop) override;

protected:
    std::string credential() const override { return api_key_.empty() ? access_key_ : api_key_; }
    std::string authorization() override;
    bool renew(const Answer& answer) override;
    std::string probe_path() const override { return "/v1/videos/text2video/0"; }
    bool sends_cfg(const TakeRequest& request) const override;

private:
    /// The model's name in the paths of API 2.0; empty: this take goes through a legacy call.
    std::string api2_model(const TakeRequest& request) const;

    /// The last part of a legacy call's path.
    std::string path_for(const TakeRequest& request) const;

    std::string either_key(const std::string& name) const;

    std::string api_key_;
    std::string access_key_; ///< used where there is no API key
    std::optional<TokenSigner> signer_;
};

} // namespace longtake::remote
