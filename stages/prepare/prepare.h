#pragma once

#include "pipeline/image/box.h"
#include "pipeline/model/still.h"
#include "pipeline/model/storyboard.h"

#include <filesystem>
#include <optional>

namespace longtake::stages {

/// A picture to conform.
struct PictureRequest {
    std::filesystem::path file;
    ImageRules rules;                        ///< what the service accepts
    std::optional<double> aspect;            ///< width / height wanted by the plan; empty: keep, within the rules
    Fit fit = Fit::blur;                     ///< when the aspect differs
    Focus focus{};                           ///< what a crop keeps in view
    std::string background;                  ///< "#rrggbb" under alpha and for `pad`, or "edge"; empty: by fit
    bool mask = false;                       ///< no interpolation, no blur: black and white stay black and white
    std::optional<Size> like;                ///< a mask or end frame: exactly this size (that of its picture's still)
    std::optional<std::filesystem::path> of; ///< a mask or end frame: its picture, whose transform it shares
    bool lenient = false;                    ///< what can be decoded of a damaged or cut file is taken, with a warning
};

using image::Box;

/// Where a picture stands on its still: `source` (in the picture as displayed) is shown at `place` (on the still).
struct Placement {
    Size picture;
    Size still;
    Box source;
    Box place;

    friend bool operator==(const Placement&, const Placement&) = default;
};

/// Conforms a picture by the smallest change that satisfies the rules and the aspect, and stores it under its
/// content's hash in `stills`. A picture that already complies passes through byte for byte, unless it carries
/// GPS coordinates: then all its metadata is cut out, the pixels untouched.
/// An alpha channel is flattened and bars are filled with `background`; without one, alpha is flattened on white and
/// bars are white around a picture that had alpha, else black. What could hardly be seen on that (or on its blurred
/// picture) gets another ground; see showing_ground(). "edge" fills bars with the colours of the picture's
/// edges, which run into each other further out. With the fit blur bars show the blurred picture, and so does what is
/// transparent if no colour is given.
/// With the fit automatic a photograph fills the still, and what is no photograph is kept whole: graphics and pictures
/// on a plain ground on the colours of their edges carried on, cut-outs as with the fit pad.
/// A still that has to be encoded is a PNG if the picture is a graphic (flat colours, sharp edges), else a JPEG.
/// Masks are PNG, and black is their ground. A mask without `of` is cut at the middle when the fit is crop; an end
/// frame goes where its picture goes if it has the same shape, so that what both show does not jump.
/// Throws Error(input) with the reason and the remedy, Error(usage) for a bad background colour.
Still prepare(const PictureRequest& request, const std::filesystem::path& stills);

/// A picture as `prepare` makes it, not yet stored: `still` has no file.
struct Conformed {
    Still still;
    std::string bytes;
};

/// `prepare` without storing anything.
Conformed conformed(const PictureRequest& request);

/// Whether the file's first bytes are those of a picture. Throws Error(input) if they cannot be read.
bool is_picture(const std::filesystem::path& file);

/// The geometry `prepare` gives this picture: for what is drawn on it (trajectories). Pixels are decoded only for a
/// crop.
/// Where `prepare` has to shrink a still to meet `max_bytes`, its size differs from `still` by one factor.
Placement placement(const PictureRequest& request);

/// Width and height as displayed (EXIF orientation applied), read from the header alone.
/// Throws Error(input) if it is no picture that can be read.
Size picture_size(const std::filesystem::path& file);

} // namespace longtake::stages
