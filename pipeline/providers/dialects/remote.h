#pragma once

#include "pipeline/http/client.h"
#include "pipeline/providers/catalog.h"
#include "pipeline/providers/dialects/answer.h"
#include "pipeline/providers/dialects/base_url.h"

#include <atomic>
#include <string>
#include <vector>

namespace longtake::remote {

/// What the dialects share: a service's address, its key, one exchange with it, and fetching its footage. The key goes
/// to that address and nowhere else.
class RemoteProvider : public Provider {
public:
    /// `calls`: see base_url_of(). Throws Error(usage) without a usable address.
    RemoteProvider(std::string name, const ProviderSettings& settings, const std::vector<CallPath>& calls);

    std::string name() const override { return name_; }
    std::string account() const override;
    bool rehearsal() const override { return rehearsal_; }
    nlohmann::json shape(const TakeRequest& request) const override;
    void download(const Ready& footage, const std::filesystem::path& file, const Progress& progress,
                  std::stop_token stop) override;

protected:
    const ProviderFacts& facts() const { return settings_.facts; }
    const std::string& base() const { return base_.address; }

    /// The first of the provider's variables that is set. Throws Error(credentials) naming them all if none is; offline
    /// it is empty.
    std::string key() const;

    /// One variable's key without surrounding blanks; empty if it is not set, and offline. It is remembered as a
    /// secret. Throws Error(credentials) for one with letters that no key has.
    std::string key(const std::string& variable) const;

    /// What the service knows the account by: the key, or the public half of a pair.
    virtual std::string credential() const = 0;

    /// The Authorization header's value.
    virtual std::string authorization() = 0;

    /// The same for one path after the base address, where a service wants it in different forms.
    virtual std::string authorization_for(const std::string& /*path*/) { return authorization(); }

    /// Whether another authorization makes it worth saying the same again, after an answer that said no to this one.
    virtual bool renew(const Answer& /*answer*/) { return false; }

    /// A look at a task that does not exist, after the base address: whoever speaks the dialect answers it with data.
    virtual std::string probe_path() const = 0;

    /// Whether `cfg_scale` is part of what is sent.
    virtual bool sends_cfg(const TakeRequest& request) const = 0;

    /// `path` is the part after the base address.
    Answer get(const std::string& path, const std::stop_token& stop);

    /// A submit: once, on a connection of its own.
    Answer submit_json(const std::string& path, const nlohmann::json& body, const std::stop_token& stop);
    Answer submit_parts(const std::string& path, std::vector<http::Part> parts, const std::stop_token& stop);

    /// With the key, to the base address. A submit goes by submit_json() or submit_parts(): what is sent here may be
    /// sent again.
    Answer exchange(http::Request request, const std::stop_token& stop);

    http::Client& client() { return client_; }
    const ProviderSettings& settings() const { return settings_; }

private:
    bool is_no_service(const std::stop_token& stop);

    const std::string name_;
    const ProviderSettings settings_;
    const BaseUrl base_;
    const bool rehearsal_;
    std::atomic<bool> answers_ = false; ///< something that speaks the dialect has answered at the base address
    http::Client client_;
};

} // namespace longtake::remote
