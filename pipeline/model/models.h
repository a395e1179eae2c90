#pragma once

#include "pipeline/model/preset.h"
#include "pipeline/model/still.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// What a take is heard to do; each costs more than the one before.
enum class Sound { silent, on, voices };

/// What one generation model can do and costs (`presets/models/*.json`, `longtake/models/1`). Facts, not code.
struct Model {
    /// The lengths a take may have, seconds.
    struct Durations {
        std::vector<double> slots; ///< fixed slots, ascending; or
        std::optional<double> min; ///< a range, in steps of `step`
        std::optional<double> max;
        double step = 1; ///< 0: any length
        /// By kind ("image", "text"), the only lengths of a take that neither arrives at an end image nor is made from
        /// references; absent: any of the above.
        std::map<std::string, std::vector<double>> plain;

        /// Whether those bind a take of so many seconds.
        bool allows(const std::string& kind, double seconds, bool arrives) const;
    };
    /// Where a feature may be used; absent = not at all.
    struct Where {
        std::vector<std::string> modes; ///< empty: every mode
        std::vector<double> durations;  ///< empty: every duration
        std::vector<std::string> kinds; ///< "image", "text"; empty: both
        bool silent_only = false;       ///< not together with sound

        /// An empty `kind` asks about any.
        bool allows(const std::string& mode, double seconds, const std::string& kind = {}) const;
    };
    struct Extend {
        double sure_seconds = 4;   ///< the least one call adds
        double billed_seconds = 5; ///< what one call is priced as
        double max_total = 180;    ///< the longest a chain may grow
        /// What one call may be asked to add, and is sure to; empty: it is not asked, the two above hold.
        std::optional<Durations> lengths = std::nullopt;
    };
    /// When its vendor ends it, and what takes its place.
    struct Retirement {
        std::string on; ///< YYYY-MM-DD
        std::string successor;
    };
    /// Files a take may be made from, named in its prompt.
    struct References {
        int pictures = 0;
        int with_film = 0; ///< pictures beside a film
        int films = 0;
        int sounds = 0;
        int files = 0;          ///< in all
        double min_seconds = 0; ///< of a film or sound, as the next
        double max_seconds = 0;
    };
    /// A film changed by words, which keeps its length.
    struct Edit {
        int pictures = 0; ///< references beside it
        double min_seconds = 0;
        double max_seconds = 0;
    };
    struct Effects {
        Where where;
        std::vector<int> pictures; ///< how many an effect may be played on: 1, 2 or both
    };

    std::string name;               ///< canonical: "kling-v1-6"
    std::vector<std::string> modes; ///< "std", "pro", "4k"
    Durations durations;
    std::map<std::string, Size> size; ///< per mode, at 16:9
    std::map<std::string, Rate> fps;  ///< per kind: "image", "text"
    bool text_to_video = false;
    bool image_to_video = false;
    std::optional<Where> end_frame;
    std::optional<Where> camera;           ///< camera_control
    std::vector<std::string> camera_types; ///< empty: all
    std::optional<Where> motion_brush;
    std::optional<Extend> extend;
    std::optional<Where> multi_image; ///< takes from reference pictures
    std::optional<Where> multi_shot;  ///< takes that show several shots
    std::optional<Where> voices;      ///< named voices
    std::optional<Effects> effects;
    int keyframes = 0; ///< the most pictures in order between the first and the last
    std::optional<References> references;
    std::optional<Edit> edit;
    std::optional<Where> hdr;               ///< ten bits, BT.2020
    std::vector<std::string> aspect_ratios; ///< of takes that begin with no picture
    std::optional<Retirement> retirement;
    bool cfg_scale = false;
    bool negative_prompt = true;
    bool sound = false;                        ///< can make sound when asked
    bool sound_always = false;                 ///< makes sound without being asked; `price` includes it
    std::vector<std::string> sound_modes;      ///< empty: every mode
    int max_prompt = 2500;                     ///< characters
    std::map<std::string, double> price;       ///< USD a second, per mode
    std::map<std::string, double> price_sound; ///< USD a second with sound, per mode
    std::map<std::string, double> price_voice; ///< USD a second with a named voice, per mode
    std::map<std::string, double> price_film;  ///< USD a second made from a film, per mode
    bool counts_film = false; ///< the film's own seconds are charged too, and at least as many as come out
    nlohmann::json facts;     ///< the whole entry, with `source` and `checked`

    /// Whether it makes takes of this kind ("image", "text", "multi", "reference", "edit" or "effect").
    bool makes(const std::string& kind) const;

    /// The mode whose footage has so many lines ("1080p", "4k"), at 16:9; empty if it has none.
    std::string mode_of(const std::string& resolution) const;

    /// USD a second by the vendor's public list; empty if the list does not say.
    std::optional<double> list_price(const std::string& mode, Sound wanted = Sound::silent,
                                     bool from_film = false) const;
};

/// One of a provider's own addresses for a model: WaveSpeed's slugs, 302.AI's operations, DMXAPI's names. Providers
/// that take the canonical name in the body have none.
struct Route {
    std::string model; ///< canonical; empty: any
    std::string
        kind; ///< "image", "text", "multi", "reference", "edit", "effect", "extend", "lip_sync_audio", "lip_sync_text"
    std::string mode;              ///< empty: any
    std::optional<double> seconds; ///< empty: any
    std::string slug;              ///< the provider's own name
    std::string dialect;   ///< "wavespeed" where it relays that service, "json" for a body of that kind; empty: its own
    std::string end_frame; ///< name of its end frame parameter; empty: it takes none
    bool needs_end_frame = false;
    std::string guidance;                          ///< name of its cfg_scale parameter; empty: it takes none
    bool sound = false;                            ///< takes `sound`
    bool sound_always = false;                     ///< sounds without being asked
    bool voices = false;                           ///< takes voice ids
    std::optional<bool> prompt_required;           ///< empty: as the provider
    bool no_length = false;                        ///< its takes are as long as what goes in
    std::vector<std::string> aspect_ratios;        ///< empty: as the model
    std::string keyframes;                         ///< name of its parameter for pictures between; empty: it takes none
    std::map<std::string, int> references;         ///< names of its parameters for references, and the most each takes
    nlohmann::json hdr = nlohmann::json::object(); ///< members that ask for HDR; empty: it makes none
    std::optional<double> price;                   ///< USD a second; empty: as the model
    nlohmann::json fields = nlohmann::json::object(); ///< further members of the request, as they stand

    std::vector<std::string> lacks; ///< what the surface has and this address does not, by the feature's key
    std::string query;              ///< what its tasks are asked after by, where that is a name of its own (DMXAPI)
};

/// What a provider's lip-sync takes.
struct LipSyncLimits {
    double min_seconds = 2;
    double max_seconds = 10;            ///< of a film made in one take
    std::optional<double> max_extended; ///< of an extended one; empty: it takes none
    int max_side = 1920;                ///< pixels of the film
    std::int64_t max_audio_bytes = 5'000'000;
    std::vector<std::string> audio; ///< file extensions: "mp3"
};

/// Which models a provider sells, under which names, and what a picture must be.
struct ProviderFacts {
    std::string name; ///< "kling", "local", ...
    std::string default_model;
    std::vector<std::string> models;          ///< canonical names; empty: every known model
    std::map<std::string, std::string> slugs; ///< own name -> canonical
    std::vector<std::string> keys;            ///< environment variables it reads
    bool paid = true;
    std::string base_url;                   ///< the part before the dialect's own path; empty: the user has to say
    bool extend = false;                    ///< the surface has an extend call
    std::vector<std::string> extend_models; ///< canonical names it extends; empty: every model that can
    std::vector<std::string> extend_modes;  ///< modes it extends; empty: all
    bool end_frame = true;
    bool camera = false;
    bool motion_brush = false;
    bool sound = false;
    bool multi_image = false;
    bool multi_shot = false;
    bool voices = false;
    std::vector<std::string> references; ///< what it takes as such: "picture", "film", "sound"; empty: nothing
    bool edit = false;                   ///< changes films by words
    std::vector<int> effects;            ///< how many pictures its effects take; empty: it has none
    std::optional<LipSyncLimits> lip_sync;
    bool watermark = false;
    std::optional<Model::Where> callback;       ///< where it passes a callback address on
    std::map<std::string, std::string> why_not; ///< why it lacks a feature, by the feature's key; said to the user
    bool prompt_required = false;               ///< refuses a picture without a prompt
    bool list_price = false;                    ///< charges the vendor's public list, `Model::price`
    int concurrency = 3;
    ImageRules image;
    /// Own prices, before the list: model -> mode -> USD a second, where a mode with sound is named "pro sound" and
    /// with a named voice "pro voice", made from a film "pro film"; "lip_sync" -> "per_5s" -> USD for each 5 s begun;
    /// "effect" -> scene or "any" -> USD.
    std::map<std::string, std::map<std::string, double>> price;
    std::vector<Route> routes;
    std::string source;
    std::string checked;
    nlohmann::json facts; ///< the whole entry

    /// The route for a take, or null; an absent end frame never takes a route that needs one.
    const Route* route(const std::string& model, const std::string& kind, const std::string& mode, double seconds,
                       bool with_end_frame = false) const;

    /// The aspect ratios a take of a model may be asked for, where it begins with no picture.
    const std::vector<std::string>& aspect_ratios(const Model& model, const std::string& kind,
                                                  const std::string& mode) const;

    bool sells(const std::string& model) const;

    /// The environment variable that points a client elsewhere, "LONGTAKE_KLING_BASE_URL"; empty for one without keys.
    /// Named as the keys are, since a variable's name cannot start with a digit.
    std::string base_url_variable() const;

    bool extends(const std::string& model, const std::string& mode) const;

    /// USD for speech laid on so many seconds of film; 0 if it is free; empty if unknown.
    std::optional<double> lip_sync_price(double seconds) const;

    /// USD for a take of an effect; 0 if it is free; empty if unknown.
    std::optional<double> effect_price(const std::string& scene) const;
};

/// All capabilities and prices.
struct ModelCatalog {
    std::map<std::string, Model> models;
    std::map<std::string, ProviderFacts> providers;
    std::string priced_on; ///< date of the price list, YYYY-MM-DD

    /// Throws Error(usage) with the nearest name.
    const ProviderFacts& provider(const std::string& name) const;

    /// The model a provider means by `name` (canonical or its own slug; empty: its default).
    /// Throws Error(usage) naming the nearest model, or one the provider has.
    const Model& model(const std::string& provider, const std::string& name) const;

    /// USD a second: the provider's own price, else the list it charges by; 0 if it is free; empty if unknown.
    std::optional<double> price(const ProviderFacts& provider, const Model& model, const std::string& mode,
                                Sound wanted = Sound::silent, bool from_film = false) const;
};

/// The name a mode has among prices: "pro", "pro sound", "pro voice", "pro film".
std::string priced_mode(const Model& model, const std::string& mode, Sound sound, bool from_film = false);

/// Lays the user's own prices (`providers.<name>.prices`: model -> mode -> USD a second) over a provider's.
/// `origin` names them in messages. Throws Error(usage).
void set_prices(ProviderFacts& provider, const nlohmann::json& prices, const std::string& origin);

/// Lays what a provider's shape changes over its facts (`shapes` in its data: newapi's "passthrough"). An empty shape
/// changes nothing. Throws Error(usage) naming the shapes it has.
void set_shape(ProviderFacts& provider, const std::string& shape);

/// Reads `<dir>/models/*.json` from the first directory that has them, checked against the schema.
ModelCatalog load_models(const PresetDirs& dirs);

} // namespace longtake
