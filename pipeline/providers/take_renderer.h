#pragma once

#include "pipeline/model/framing.h"
#include "pipeline/model/plan.h"
#include "pipeline/model/still.h"

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

namespace longtake {
struct TakeRequest;
}

namespace longtake::local {

/// Three planes of 8-bit 4:2:0, BT.709 limited range, chroma sited left; memory owned by the caller.
struct YuvView {
    std::array<std::uint8_t*, 3> plane{};
    std::array<int, 3> stride{}; ///< bytes
    Size size;                   ///< of the luma plane, even
};

/// Where a camera stands on its way, handed from one take to its extension.
/// `progress` 0 is the move's start and 1 its planned end; `speed` is progress a second.
struct MoveState {
    double progress = 0;
    double speed = 0;
};

void to_json(nlohmann::json& json, const MoveState& state);
void from_json(const nlohmann::json& json, MoveState& state);

/// One take to render. A morph takes no notice of `camera`, `start` and `move_seconds`.
struct TakeSpec {
    std::filesystem::path image{};                    ///< the conformed picture
    std::optional<std::filesystem::path> end_image{}; ///< morph towards it; the last frame shows it whole
    std::optional<CameraMove> camera{};               ///< empty: what `drift` says, at the speed of all such moves
    Size size{};
    Rate rate{};
    std::int64_t frames = 0;
    MoveState start{};                    ///< of the parent take's end, for an extension
    std::optional<double> move_seconds{}; ///< planned length of the move over all takes; empty: this take's
    bool comes_to_rest = true;            ///< the move ends with it; false when an extension follows
    Drift drift = Drift::in;
    Focus focus{};                      ///< what a drift aims at; its place is one of `image`
    std::optional<PicturePart> inset{}; ///< where on `image` the picture stands that a drift moves; empty: all
    bool from_rest = true;              ///< the move picks up speed; false: it has it, as the film moves already
    bool to_rest = true;                ///< the move slows down where it ends
    bool strangers = false;             ///< `end_image` is of another scene: dissolve into it instead
};

/// Where an extension of a take has to go on: the state one frame after its last. Reads no picture.
MoveState end_state(const TakeSpec& spec);

/// Whether two pictures show different scenes, so that no morph leads from one to the other. Takes a third of a second.
/// Throws Error(input) if one cannot be decoded.
bool are_strangers(const std::filesystem::path& image, const std::filesystem::path& end_image, Size size);

/// What a request for a take is rendered from. Throws Error(usage) where it has no picture, Error(input) for one that
/// cannot be decoded.
TakeSpec take_spec(const TakeRequest& request);

/// How much a picture is enlarged beyond what covers the output, where a move of so many seconds shows it closest.
double closest(const std::optional<CameraMove>& camera, Drift drift, Size size, double seconds);

/// Renders the local provider's takes: a smooth camera move over a picture, or a morph between two.
/// Deterministic: the same spec gives the same pixels. `render` may be called for any frame in any order,
/// from several threads.
class TakeRenderer {
public:
    /// Reads and prepares the pictures. Throws Error(input) if one cannot be decoded.
    explicit TakeRenderer(TakeSpec spec);
    ~TakeRenderer();
    TakeRenderer(TakeRenderer&&) noexcept;
    TakeRenderer& operator=(TakeRenderer&&) noexcept;

    /// Renders frame `index` (0 .. frames-1) into `out`.
    void render(std::int64_t index, const YuvView& out) const;

    /// end_state() of its spec.
    MoveState end() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::local
