#include "pipeline/model/span.h"

#include <nlohmann/json.hpp>

namespace longtake {

std::string word(Span::Kind kind)
{
    return kind == Span::Kind::copy ? "copy" : "encode";
}

void to_json(nlohmann::json& json, const Span& span)
{
    json = {{"kind", word(span.kind)}, {"at", span.at}, {"frames", span.frames}, {"shot", span.shot}};
    if (span.kind == Span::Kind::copy) {
        json["file"] = span.file.string();
        json["source"] = span.source;
    } else {
        json["reason"] = span.reason;
    }
}

void from_json(const nlohmann::json& json, Span& span)
{
    span = {};
    span.kind = json.at("kind") == "copy" ? Span::Kind::copy : Span::Kind::encode;
    json.at("at").get_to(span.at);
    json.at("frames").get_to(span.frames);
    json.at("shot").get_to(span.shot);
    span.file = json.value("file", "");
    span.source = json.value("source", std::int64_t{0});
    span.reason = json.value("reason", "");
}

} // namespace longtake
