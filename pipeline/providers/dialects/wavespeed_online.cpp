// What WaveSpeed tells for nothing. No run needs any of it, and none of it goes by a submit's way.
#include "pipeline/providers/dialects/wavespeed_online.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake::remote {
namespace {

using nlohmann::json;

constexpr const char* k_balance = "/api/v3/balance";
constexpr const char* k_price = "/api/v3/model/price";
constexpr const char* k_models = "/api/v3/models";
constexpr auto k_models_timeout = std::chrono::minutes(2); ///< the list of all its models is megabytes long

Classification verdict_online(const Answer& answer)
{
    return judge(wavespeed::complaint_of(answer.body), wavespeed::with_own_status(answer).status, {},
                 k_common_wordings);
}

/// What an answer that is of no use comes to.
Error online_error(const Answer& answer, const std::string& asked)
{
    const std::string who = "asking wavespeed for " + asked + ": ";
    if (answer.failure) {
        return {answer.failure->cancelled ? Errc::interrupted : Errc::pending, who + reason_of(*answer.failure)};
    }
    if (wavespeed::is_well(answer)) {
        return {Errc::provider, who + "its answer has none"};
    }
    return {verdict_online(answer).code, who + reason_of(answer, wavespeed::complaint_of(answer.body))};
}

std::set<std::string> names_in(const json& list)
{
    std::set<std::string> names;
    for (const json& name : list.is_array() ? list : json::array()) {
        names.insert(text_of(name));
    }
    return names;
}

/// The first of a model's schemas that describes a request is the one of its takes; others describe looks.
wavespeed::Schema schema_of(const json& model)
{
    const json& schemas = member(model, "/api_schema/api_schemas");
    for (const json& one : schemas.is_array() ? schemas : json::array()) {
        const json& properties = member(one, "/request_schema/properties");
        if (!properties.is_object() || properties.empty()) {
            continue;
        }
        wavespeed::Schema schema;
        for (const auto& [name, property] : properties.items()) {
            schema.known.insert(name);
        }
        schema.required = names_in(member(one, "/request_schema/required"));
        return schema;
    }
    return {};
}

using Names = std::vector<std::string>;

void add_always(wavespeed::Members& members, const Names& names)
{
    members.always.insert(names.begin(), names.end());
    members.may.insert(names.begin(), names.end());
}

bool is_one_of(const Names& kinds, const std::string& kind)
{
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

/// The names of what is made of files.
void add_files(wavespeed::Members& members, const Route& route)
{
    static const std::map<std::string, Names> k_inputs = {
        {"image", {"image"}},        {"effect", {"image"}}, {"multi", {"images"}},
        {"edit", {"video"}},         {"extend", {"video"}}, {"lip_sync_audio", {"video", "audio"}},
        {"lip_sync_text", {"video"}}};
    if (const auto inputs = k_inputs.find(route.kind); inputs != k_inputs.end()) {
        add_always(members, inputs->second);
    }
    for (const auto& [name, most] : route.references) {
        members.may.insert(name);
    }
    for (const std::string& name : {route.keyframes, route.end_frame}) {
        if (!name.empty()) {
            members.may.insert(name);
        }
    }
    if (route.needs_end_frame) {
        add_always(members, {route.end_frame});
    }
}

/// The members of a generation from words, which excludes effects and lip-sync.
void add_generation(wavespeed::Members& members, const Route& route, const Model& model)
{
    const bool parts = model.multi_shot && is_one_of({"image", "text", "reference"}, route.kind);
    members.may.insert("prompt");
    if (parts) {
        members.may.insert({"shot_type", "multi_prompt"});
    }
    if (!parts && route.prompt_required.value_or(true)) { // a take of several shots has none
        add_always(members, {"prompt"});
    }
    if (!route.no_length) {
        add_always(members, {"duration"});
    }
    if (is_one_of({"text", "multi", "reference"}, route.kind)) {
        add_always(members, {"aspect_ratio"});
    }
    if (!route.guidance.empty()) {
        add_always(members, {route.guidance});
    }
    if (route.sound) {
        add_always(members, {"sound"});
    }
    if (route.voices) {
        members.may.insert("voice_list");
    }
    if (model.negative_prompt) {
        members.may.insert("negative_prompt");
    }
    for (const auto& [name, value] : route.hdr.items()) {
        members.may.insert(name);
    }
}

/// Adds what is not there yet: several routes lead to one slug.
void add_line(Names& lines, const std::string& line)
{
    if (!is_one_of(lines, line)) {
        lines.push_back(line);
    }
}

void compare_route(const Route& route, const wavespeed::Members& ours, const wavespeed::Schema& theirs, Names& lines)
{
    for (const std::string& name : ours.may) {
        if (!theirs.known.contains(name)) {
            add_line(lines, route.slug + " does not know " + name);
        }
    }
    for (const std::string& name : theirs.required) {
        if (!ours.always.contains(name)) {
            add_line(lines, fmt::format("{} requires {}, which is not {}sent", route.slug, name,
                                        ours.may.contains(name) ? "always " : ""));
        }
    }
}

} // namespace

wavespeed::Members wavespeed::members_of(const Route& route, const Model* model)
{
    Members members;
    for (const auto& [name, value] : route.fields.items()) {
        add_always(members, {name});
    }
    add_files(members, route);
    if (route.kind == "lip_sync_text") {
        add_always(members, {"text", "voice_id", "voice_language", "voice_speed"});
    } else if (route.kind == "effect") {
        add_always(members, {"effect_scene"});
    } else if (model != nullptr && route.kind != "lip_sync_audio") {
        add_generation(members, route, *model);
    }
    return members;
}

std::vector<std::string> wavespeed::differences(const ModelCatalog& catalog, const ProviderFacts& facts,
                                                const std::map<std::string, Schema>& theirs)
{
    Names lines;
    for (const Route& route : facts.routes) {
        const auto described = theirs.find(route.slug);
        if (described == theirs.end()) {
            add_line(lines, "there is no " + route.slug);
        } else if (described->second.known.empty()) {
            add_line(lines, route.slug + " does not say what it takes");
        } else {
            const auto model = catalog.models.find(route.model);
            const Model* known = model == catalog.models.end() ? nullptr : &model->second;
            compare_route(route, members_of(route, known), described->second, lines);
        }
    }
    return lines;
}

double WavespeedProvider::balance(const std::stop_token& stop)
{
    const Answer answer = get(k_balance, stop);
    const auto balance = number_of(member(answer.body, "/data/balance"));
    if (!wavespeed::is_well(answer) || !balance) {
        throw online_error(answer, "the balance");
    }
    return *balance;
}

wavespeed::Quote WavespeedProvider::quote(const std::string& slug, const json& inputs, const std::stop_token& stop)
{
    http::Request request;
    request.method = "POST";
    request.url = base() + k_price;
    request.headers = {{"Content-Type", "application/json"}};
    request.body = json{{"model_id", slug}, {"inputs", inputs}}.dump();
    const Answer answer = exchange(std::move(request), stop);
    wavespeed::Quote quote;
    if (!wavespeed::is_well(answer)) {
        if (answer.failure || verdict_online(answer).means == Reaction::stop) { // nor would any other be priced
            throw online_error(answer, "prices");
        }
        quote.why_not = reason_of(answer, wavespeed::complaint_of(answer.body));
        return quote;
    }
    quote.price = number_of(member(answer.body, "/data/price"));
    quote.discounted = number_of(member(answer.body, "/data/discounted_price"));
    if (const std::string currency = text_of(member(answer.body, "/data/currency")); !currency.empty()) {
        quote.currency = currency;
    }
    if (!quote.price && !quote.discounted) {
        quote.why_not = "its answer has no price";
    }
    return quote;
}

std::map<std::string, wavespeed::Schema> WavespeedProvider::schemas(const std::stop_token& stop)
{
    http::Request request;
    request.url = base() + k_models;
    request.timeout = k_models_timeout;
    const Answer answer = exchange(std::move(request), stop);
    const json& models = member(answer.body, "/data");
    if (!wavespeed::is_well(answer) || !models.is_array()) {
        throw online_error(answer, "its models");
    }
    std::map<std::string, wavespeed::Schema> found;
    for (const json& model : models) {
        if (std::string slug = text_of(member(model, "/model_id")); !slug.empty()) {
            found.emplace(std::move(slug), schema_of(model));
        }
    }
    return found;
}

} // namespace longtake::remote
