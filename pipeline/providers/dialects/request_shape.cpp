#include "pipeline/providers/dialects/request_shape.h"

#include "pipeline/base/hash.h"

#include <array>
#include <cmath>
#include <map>
#include <regex>

namespace longtake::remote {
namespace {

using nlohmann::json;

void put(json& shape, const char* name, json value)
{
    const bool nothing = value.is_null() || value == false || (value.is_string() && value.get<std::string>().empty()) ||
                         (value.is_structured() && value.empty());
    if (!nothing) {
        shape[name] = std::move(value);
    }
}

json masks_shape(const TakeRequest& request)
{
    json masks = json::array();
    for (std::size_t i = 0; i < request.stills.dynamic_masks.size(); ++i) {
        json points = json::array();
        for (const DynamicMask::Point& point : request.trajectories.at(i).trajectory) {
            points.push_back({point.x, point.y});
        }
        masks.push_back({{"mask", request.stills.dynamic_masks[i].sha256}, {"trajectory", points}});
    }
    return masks;
}

json lip_sync_shape(const LipSync& lip_sync)
{
    if (lip_sync.audio) {
        return {{"audio", sha256_of_file(*lip_sync.audio)}};
    }
    return {
        {"text", lip_sync.text}, {"voice", lip_sync.voice}, {"language", lip_sync.language}, {"speed", lip_sync.speed}};
}

json multi_shot_shape(const TakeRequest& request)
{
    json parts = json::array();
    for (const ShotPart& part : request.multi_shot) {
        parts.push_back({{"prompt", part.prompt}, {"seconds", part.seconds}});
    }
    return parts;
}

json hashes_of(const std::vector<Still>& stills)
{
    json hashes = json::array();
    for (const Still& still : stills) {
        hashes.push_back(still.sha256);
    }
    return hashes;
}

json references_shape(const TakeRequest& request)
{
    json list = json::array();
    auto picture = request.stills.references.begin();
    for (const Reference& reference : request.references) {
        const bool pictured = reference.kind == Reference::Kind::picture;
        list.push_back(
            {word(reference.kind), reference.name, pictured ? (picture++)->sha256 : sha256_of_file(reference.file)});
    }
    return list;
}

void add_pictures(json& shape, const TakeRequest& request, Endpoint call)
{
    if (call == Endpoint::image || call == Endpoint::effect) {
        put(shape, "image", shape_of(request.stills.image));
    }
    if (call == Endpoint::images || call == Endpoint::effect) {
        put(shape, "images", hashes_of(request.stills.images));
    }
    put(shape, "keyframes", hashes_of(request.stills.keyframes));
    put(shape, "references", references_shape(request));
    put(shape, "edit", request.edit ? json(sha256_of_file(*request.edit)) : json());
    if (arrives(request)) {
        put(shape, "end_image", shape_of(request.stills.end_image));
    }
    if (has_masks(request)) {
        put(shape, "static_mask", shape_of(request.stills.static_mask));
        put(shape, "dynamic_masks", masks_shape(request));
    }
}

} // namespace

Endpoint endpoint_of(const TakeRequest& request)
{
    switch (request.take.kind) {
    case PlannedTake::Kind::lip_sync: return Endpoint::lip_sync;
    case PlannedTake::Kind::extend: return Endpoint::extend;
    case PlannedTake::Kind::chain: return Endpoint::image;
    default: break;
    }
    if (request.effect) {
        return Endpoint::effect;
    }
    if (request.edit) {
        return Endpoint::edit;
    }
    if (!request.references.empty()) {
        return Endpoint::reference;
    }
    if (!request.stills.images.empty()) {
        return Endpoint::images;
    }
    return request.stills.image ? Endpoint::image : Endpoint::text;
}

std::string words_for(Endpoint call)
{
    switch (call) {
    case Endpoint::text: return "a take from text";
    case Endpoint::image: return "a take from a picture";
    case Endpoint::images: return "a take from several pictures";
    case Endpoint::reference: return "a take from references";
    case Endpoint::edit: return "a change of a film";
    case Endpoint::extend: return "an extension";
    case Endpoint::lip_sync: return "lip-sync";
    case Endpoint::effect: return "an effect";
    }
    return {};
}

bool arrives(const TakeRequest& request)
{
    const Endpoint call = endpoint_of(request);
    return (call == Endpoint::image || call == Endpoint::extend) && request.take.end_frame &&
           request.stills.end_image.has_value();
}

bool has_masks(const TakeRequest& request)
{
    return request.take.kind == PlannedTake::Kind::open && endpoint_of(request) == Endpoint::image &&
           (request.stills.static_mask || !request.stills.dynamic_masks.empty());
}

int whole_seconds(const TakeRequest& request)
{
    return static_cast<int>(std::lround(request.take.seconds));
}

std::string aspect_ratio_of(const TakeRequest& request)
{
    if (request.settings.aspect_ratio) {
        return *request.settings.aspect_ratio;
    }
    struct Named {
        const char* name;
        double aspect;
    };
    constexpr std::array<Named, 3> k_named = {{{"16:9", 16.0 / 9}, {"1:1", 1}, {"9:16", 9.0 / 16}}};
    const double aspect = request.size.height > 0 ? request.size.aspect() : k_named[0].aspect;
    const Named* nearest = &k_named[0];
    for (const Named& candidate : k_named) {
        if (std::abs(std::log(candidate.aspect / aspect)) < std::abs(std::log(nearest->aspect / aspect))) {
            nearest = &candidate;
        }
    }
    return nearest->name;
}

std::string named_prompt(const TakeRequest& request, const std::function<std::string(Reference::Kind, int)>& name_of)
{
    std::map<std::string, std::string> names;
    std::map<Reference::Kind, int> counts;
    for (const Reference& reference : request.references) {
        names[reference.name] = name_of(reference.kind, ++counts[reference.kind]);
    }
    static const std::regex k_name("@([A-Za-z0-9_-]+)");
    const std::string& prompt = request.take.prompt;
    std::string named;
    auto from = prompt.begin();
    for (std::sregex_iterator match(prompt.begin(), prompt.end(), k_name), end; match != end; ++match) {
        const auto found = names.find((*match)[1]);
        named.append(from, (*match)[0].first);
        named += found == names.end() ? (*match)[0].str() : found->second;
        from = (*match)[0].second;
    }
    return named.append(from, prompt.end());
}

std::string content_type_of(const Still& still)
{
    return "image/" + (still.format.empty() ? "png" : still.format);
}

void require(bool fine, const TakeRequest& request, const std::string& why)
{
    if (!fine) {
        throw Error(Errc::usage, "shot '" + request.shot + "': " + why);
    }
}

json shape_of_take(const TakeRequest& request, bool sends_cfg)
{
    const Endpoint call = endpoint_of(request);
    const ShotSettings& settings = request.settings;
    json shape = {{"model", request.model}, {"mode", settings.mode}, {"kind", word(request.take.kind)}};
    put(shape, "prompt", request.take.prompt);
    put(shape, "negative_prompt", settings.negative_prompt);
    if (call != Endpoint::extend && call != Endpoint::lip_sync) { // neither has a length of its own to ask for
        shape["seconds"] = request.take.seconds;
    }
    if (call == Endpoint::text || call == Endpoint::images || call == Endpoint::reference) {
        shape["aspect_ratio"] = aspect_ratio_of(request);
    }
    if (sends_cfg) {
        shape["cfg_scale"] = settings.cfg_scale;
    }
    if (settings.camera) {
        shape["camera"] = *settings.camera;
    }
    add_pictures(shape, request, call);
    put(shape, "sound", settings.sound);
    put(shape, "voices", settings.voices);
    put(shape, "hdr", settings.hdr);
    put(shape, "watermark", settings.watermark);
    put(shape, "multi_shot", multi_shot_shape(request));
    put(shape, "effect", request.effect ? json(request.effect->scene) : json());
    put(shape, "lip_sync", request.lip_sync ? lip_sync_shape(*request.lip_sync) : json());
    put(shape, "parent", request.parent_fingerprint);
    return shape;
}

} // namespace longtake::remote
