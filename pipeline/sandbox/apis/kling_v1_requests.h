#pragma once

#include "pipeline/sandbox/apis/fields.h"
#include "pipeline/sandbox/service_state.h"

namespace longtake::sandbox {

/// How an extension names its parent.
enum class ExtendBy {
    video,          ///< `video_id` alone (official)
    video_and_task, ///< `task_id` and `video_id` (DMXAPI)
    either,         ///< `video_id`, and `task_id` if one likes; `prompt` required (New-API operators)
};

/// Reads the body of `POST /v1/videos/<kind>` as Kling's legacy API takes it. Throws Refusal.
class OfficialRequests {
public:
    OfficialRequests(ServiceState& service, Account account, ExtendBy extend_by)
        : service_(service), account_(std::move(account)), extend_by_(extend_by)
    {
    }

    Order read(const std::string& kind, const nlohmann::json& body);

private:
    Order text2video(Fields& fields);
    Order image2video(Fields& fields);
    Order multi_image2video(Fields& fields);
    Order omni_video(Fields& fields);
    void read_omni_images(Fields& fields, Order& order);
    Order video_extend(Fields& fields);
    Order lip_sync(Fields& fields);
    Order effects(Fields& fields);

    void read_generation(Fields& fields, Order& order, const std::string& what);
    void read_prompts(Fields& fields, Order& order, const Model& model, bool needed);
    void read_sound(Fields& fields, Order& order, const Model& model);
    bool read_multi_shot(Fields& fields, Order& order);
    void read_elements(Fields& fields, const Order& order);
    void read_camera(Fields& fields, Order& order, const Model& model, const std::string& what);
    bool read_brush(Fields& fields, Order& order, const Model& model);
    void read_frames(Fields& fields, Order& order, const Model& model);
    void read_common(Fields& fields, Order& order);
    static void read_callback(Fields& fields);
    Picture picture(const std::string& value, const std::string& field);
    std::vector<Picture> picture_list(Fields& fields, const std::string& name);
    const Model& model_of(const std::string& name) const;
    TaskView parent(const std::string& video_id) const;

    ServiceState& service_;
    Account account_;
    ExtendBy extend_by_;
};

/// A picture given as a URL or as base64 without a prefix. Throws Refusal(1201).
Picture picture_from(ServiceState& service, const std::string& value, const std::string& field,
                     std::int64_t max_bytes = 10'000'000);

/// Whether a model is asked for through `omni-video`.
bool is_omni(const std::string& model);

/// The whole seconds in a text. Throws Refusal(1201) naming `field`.
double whole_seconds(const std::string& text, const std::string& field);

/// Whether `seconds` is a length this model makes.
bool has_length(const Model& model, double seconds);

} // namespace longtake::sandbox
