#pragma once

#include "pipeline/model/rate.h"
#include "pipeline/model/storyboard.h"

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

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
    std::optional<CameraMove> camera{};               ///< empty: a gentle push in
    Size size{};
    Rate rate{};
    std::int64_t frames = 0;
    MoveState start{};                    ///< of the parent take's end, for an extension
    std::optional<double> move_seconds{}; ///< planned length of the move over all takes; empty: this take's
    bool comes_to_rest = true;            ///< ease out at the end; false when an extension follows
};

/// Where an extension of a take has to go on: the state one frame after its last. Reads no picture.
MoveState end_state(const TakeSpec& spec);

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
