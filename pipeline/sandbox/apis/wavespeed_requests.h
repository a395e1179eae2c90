#pragma once

#include "pipeline/sandbox/apis/fields.h"
#include "pipeline/sandbox/service_state.h"

#include <functional>

namespace longtake::sandbox {

/// Reads a body as WaveSpeedAI's model of a slug takes it. Throws Refusal.
class WaveSpeedRequests {
public:
    /// The file that was uploaded to an address; throws Refusal naming the field.
    using Media = std::function<std::filesystem::path(const std::string& url, const std::string& field)>;

    WaveSpeedRequests(ServiceState& service, Account account, Media media)
        : service_(service), account_(std::move(account)), media_(std::move(media))
    {
    }

    Order read(const std::string& slug, const nlohmann::json& body);

private:
    Picture picture(const std::string& value, const std::string& field);
    std::vector<const Route*> routes(const std::string& slug) const;
    static std::string kind_word(const std::string& kind);
    void read_several(Fields& fields, Order& order);
    void read_effect(Fields& fields, Order& order);
    void read_lip_sync(Fields& fields, Order& order);
    void read_length(Fields& fields, Order& order);
    void read_generation(Fields& fields, Order& order, const std::vector<const Route*>& rows);
    static void read_hdr(Fields& fields, const Order& order);
    void read_keyframes(Fields& fields, const Order& order, const Route& route);
    void read_references(Fields& fields, Order& order, const Route& route);
    void check_seconds(const std::filesystem::path& file, const std::string& name, const Order& order) const;
    static std::vector<std::string> addresses(Fields& fields, const std::string& name, std::size_t most);
    void read_extension(Fields& fields, Order& order, const std::vector<const Route*>& rows);
    void read_edit(Fields& fields, Order& order, const std::vector<const Route*>& rows);
    static const Route& matching(Fields& fields, const std::vector<const Route*>& rows);
    void read_end(Fields& fields, Order& order, const Route& route);
    static void read_voices(Fields& fields, Order& order);
    static void read_parts(Fields& fields, Order& order);
    static void read_platform(Fields& fields);
    const ProviderFacts& facts() const { return service_.catalog.provider(account_.surface); }
    const Model& model_of(const Order& order) const { return service_.catalog.models.at(order.model); }

    ServiceState& service_;
    const Account account_;
    const Media media_;
};

} // namespace longtake::sandbox
