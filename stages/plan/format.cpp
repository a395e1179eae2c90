#include "stages/plan/format.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

namespace longtake::stages {
namespace {

constexpr Size k_size{1280, 720};
constexpr Rate k_rate{30, 1};
constexpr double k_variable =
    0.03; ///< by what share the average of a variable rate may miss the one it was meant to be
constexpr Rate k_unpublished_rate{24, 1}; ///< every model since V2 whose rate is published

struct Aspect {
    const char* name;
    double ratio;
};

constexpr std::array<Aspect, 3> k_aspects = {{{"16:9", 16.0 / 9}, {"9:16", 9.0 / 16}, {"1:1", 1.0}}};

/// Votes for values; the first of equals that `better` prefers wins.
template <class Value>
class Poll {
public:
    void vote(const Value& value)
    {
        const auto same = [&](const auto& entry) { return entry.first == value; };
        const auto found = std::find_if(votes_.begin(), votes_.end(), same);
        if (found == votes_.end()) {
            votes_.emplace_back(value, 1);
        } else {
            ++found->second;
        }
    }

    template <class Better>
    std::optional<Value> winner(Better better) const
    {
        const auto less = [&](const auto& a, const auto& b) {
            return a.second != b.second ? a.second < b.second : better(b.first, a.first);
        };
        const auto best = std::max_element(votes_.begin(), votes_.end(), less);
        return best == votes_.end() ? std::nullopt : std::optional(best->first);
    }

private:
    std::vector<std::pair<Value, int>> votes_;
};

bool larger(const Size& a, const Size& b)
{
    return a.width * a.height > b.width * b.height;
}

bool faster(const Rate& a, const Rate& b)
{
    return a.fps() > b.fps();
}

std::string nearest_aspect(const Size& size)
{
    const auto distance = [&](const Aspect& aspect) { return std::abs(std::log(size.aspect() / aspect.ratio)); };
    return std::min_element(k_aspects.begin(), k_aspects.end(),
                            [&](const Aspect& a, const Aspect& b) { return distance(a) < distance(b); })
        ->name;
}

/// One aspect for the film: the one shots ask for.
std::optional<std::string> asked_aspect(const std::vector<ModelChoice>& generated)
{
    const ModelChoice* first = nullptr;
    for (const ModelChoice& choice : generated) {
        const auto& asked = choice.shot.settings.aspect_ratio;
        if (!asked) {
            continue;
        }
        if (first != nullptr && *first->shot.settings.aspect_ratio != *asked) {
            throw Error(Errc::usage,
                        fmt::format("shot '{}' asks for aspect_ratio {} and shot '{}' for {}; "
                                    "a film has one: put it under defaults",
                                    first->shot.id, *first->shot.settings.aspect_ratio, choice.shot.id, *asked));
        }
        first = &choice;
    }
    return first == nullptr ? std::nullopt : first->shot.settings.aspect_ratio;
}

std::string aspect_of(const Storyboard& board, const std::vector<ModelChoice>& generated, const Inputs& facts)
{
    if (const auto asked = asked_aspect(generated)) {
        return *asked;
    }
    if (board.size) {
        const bool any = generated.empty() || !generated.front().provider.paid;
        return any ? exact_aspect(*board.size) : nearest_aspect(*board.size);
    }
    Poll<std::string> poll;
    for (const ModelChoice& choice : generated) {
        const Shot& shot = choice.shot;
        if (const auto& first = shot.image ? shot.image : shot.edit; first || !shot.images.empty()) {
            poll.vote(nearest_aspect(facts_of(facts, first ? *first : shot.images.front()).size));
        }
    }
    return poll.winner([](const auto&, const auto&) { return false; }).value_or(k_aspects.front().name);
}

/// A model's size at 16:9, turned or squared to another aspect: the services keep the number of pixels.
Size at_aspect(const Size& wide, const std::string& aspect)
{
    if (aspect == "9:16") {
        return {wide.height, wide.width};
    }
    if (aspect == "16:9") {
        return wide;
    }
    const double pixels = static_cast<double>(wide.width) * wide.height;
    const double ratio = ratio_of(aspect);
    const auto even = [](double side) { return static_cast<int>(std::lround(side / 2)) * 2; };
    return {even(std::sqrt(pixels * ratio)), even(std::sqrt(pixels / ratio))};
}

Size model_size(const ModelChoice& choice)
{
    const auto& sizes = choice.model.size;
    const auto found = sizes.find(choice.mode);
    return found != sizes.end() ? found->second : sizes.empty() ? k_size : sizes.begin()->second;
}

Size size_of(const Storyboard& board, const std::vector<ModelChoice>& generated, const Inputs& facts,
             const std::string& aspect)
{
    if (board.size) {
        return *board.size;
    }
    Poll<Size> poll;
    for (const ModelChoice& choice : generated) {
        poll.vote(at_aspect(model_size(choice), aspect));
    }
    for (const Shot& shot : board.shots) {
        if (shot.clip && generated.empty()) {
            const Size size = facts_of(facts, *shot.clip).size;
            poll.vote({size.width / 2 * 2, size.height / 2 * 2});
        }
    }
    return poll.winner(larger).value_or(k_size);
}

Rate rate_of(const Storyboard& board, const std::vector<ModelChoice>& generated, const Inputs& facts,
             std::vector<std::string>& notes)
{
    if (board.fps) {
        return *board.fps;
    }
    Poll<Rate> poll;
    std::set<std::string> unpublished;
    for (const ModelChoice& choice : generated) {
        const auto found = choice.model.fps.find(choice.kind());
        poll.vote(found == choice.model.fps.end() ? k_unpublished_rate : found->second);
        if (found == choice.model.fps.end()) {
            unpublished.insert(choice.model.name);
        }
    }
    for (const Shot& shot : board.shots) {
        if (shot.clip && generated.empty() && facts_of(facts, *shot.clip).rate) {
            const InputInfo& clip = facts_of(facts, *shot.clip);
            const Rate rate = clip.rate->usual(k_variable);
            poll.vote(clip.interlaced && shot.settings.each_field ? Rate{2 * rate.num, rate.den} : rate);
        }
    }
    for (const std::string& model : unpublished) {
        notes.push_back(fmt::format("the frame rate of {} is not published: {} is assumed; set fps to choose", model,
                                    k_unpublished_rate.text()));
    }
    return poll.winner(faster).value_or(k_rate);
}

} // namespace

std::string exact_aspect(const Size& size)
{
    const int common = std::gcd(size.width, size.height);
    return fmt::format("{}:{}", size.width / common, size.height / common);
}

double ratio_of(const std::string& aspect_ratio)
{
    const std::size_t colon = aspect_ratio.find(':');
    return std::stod(aspect_ratio.substr(0, colon)) / std::stod(aspect_ratio.substr(colon + 1));
}

const InputInfo& facts_of(const Inputs& facts, const std::filesystem::path& file)
{
    const auto found = facts.find(file);
    if (found == facts.end()) {
        throw Error(Errc::internal, fmt::format("{}: nothing is known about it", file.string()));
    }
    return found->second;
}

Format format_of(const Storyboard& board, const std::vector<ModelChoice>& generated, const Inputs& facts)
{
    Format format;
    format.aspect_ratio = aspect_of(board, generated, facts);
    format.size = size_of(board, generated, facts, format.aspect_ratio);
    format.rate = rate_of(board, generated, facts, format.notes);
    if (generated.empty() && !board.size) {
        format.aspect_ratio = exact_aspect(format.size);
    }
    return format;
}

} // namespace longtake::stages
