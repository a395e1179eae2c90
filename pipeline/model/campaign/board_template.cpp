#include "pipeline/model/campaign/board_template.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/model/schema/schema.h"

#include <algorithm>
#include <charconv>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// The most elements that a list is given one by one: a slip of the finger asks for no more.
constexpr std::size_t k_most_elements = 1000;

std::string first_part(const std::string& key)
{
    return key.substr(0, key.find('.'));
}

/// Puts "2.title" = value into the elements that a list is given one by one. Throws Error(usage).
void put_element(const Variable& list, const std::string& rest, const json& value, json& elements)
{
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + dot, number);
    if (error != std::errc() || end != rest.data() + dot || number == 0 || number > k_most_elements ||
        list.plain() != (dot == rest.size())) {
        throw Error(Errc::usage, "elements of '" + list.name + "' are given as " + list.name + ".1" +
                                     (list.plain() ? "" : "." + list.fields.front().name) + " and so on");
    }
    while (elements.size() < number) {
        elements.push_back(list.plain() ? json("") : json::object());
    }
    (list.plain() ? elements[number - 1] : elements[number - 1][rest.substr(dot + 1)]) = value;
}

/// Sorts what was given into values of variables and changes of the storyboard.
class Binder {
public:
    Binder(const Campaign& campaign, const std::vector<std::string>& canvases, std::vector<WrongValue>& wrong)
        : campaign_(campaign), canvases_(canvases), wrong_(wrong)
    {
    }

    void take(const Assignment& given)
    {
        const std::string name = first_part(given.key);
        const auto variable = std::ranges::find(campaign_.variables, name, &Variable::name);
        if (variable == campaign_.variables.end()) {
            take_change(given);
        } else if (name == given.key) {
            bind(*variable, given);
        } else {
            attempt(given.key, [&] {
                need_list(*variable, given.key);
                Assignment& list =
                    lists_.try_emplace(name, Assignment{name, json::array(), given.folder}).first->second;
                put_element(*variable, given.key.substr(name.size() + 1), given.value, list.value);
            });
        }
    }

    /// The values, with the elements of lists put together.
    Values finish()
    {
        for (const auto& [name, list] : lists_) {
            if (!list.value.empty()) { // what stood in it was wrong, and was told of
                bind(campaign_.variable(name), list);
            }
        }
        return std::move(values_);
    }

    const std::vector<Assignment>& changes() const { return changes_; }

private:
    template <class Work>
    void attempt(const std::string& key, Work&& work)
    {
        try {
            work();
        } catch (const Error& error) {
            wrong_.push_back({key, error.what()});
        }
    }

    void take_change(const Assignment& given)
    {
        const json& places = schema("storyboard").at("properties");
        if (given.key.find('.') != std::string::npos || places.contains(given.key)) {
            changes_.push_back(given);
        } else {
            attempt(given.key, [&] { campaign_.variable(given.key); }); // which says that there is none
        }
    }

    static void need_list(const Variable& variable, const std::string& key)
    {
        if (variable.type != Variable::Type::list) {
            throw Error(Errc::usage,
                        key + ": '" + variable.name + "' is a " + word(variable.type) + " and has no elements");
        }
    }

    void bind(const Variable& variable, const Assignment& given)
    {
        attempt(given.key, [&] {
            values_[variable.name] = value_of(variable, given.value, {given.folder, canvases_});
        });
    }

    const Campaign& campaign_;
    const std::vector<std::string>& canvases_;
    std::vector<WrongValue>& wrong_;
    Values values_;
    std::map<std::string, Assignment> lists_;
    std::vector<Assignment> changes_;
};

void change(json& board, const std::vector<Assignment>& changes, std::vector<WrongValue>& wrong)
{
    for (const Assignment& assignment : changes) {
        try {
            assign(board, assignment);
        } catch (const Error& error) {
            wrong.push_back({assignment.key, error.what()});
        }
    }
}

} // namespace

std::vector<std::string> BoardTemplate::deliver() const
{
    const json& board = campaign ? campaign->storyboard : storyboard;
    std::vector<std::string> names;
    const json listed = board.is_object() ? board.value("deliver", json::array()) : json::array();
    for (const json& name : listed) {
        if (name.is_string()) {
            names.push_back(name.get<std::string>());
        }
    }
    return names;
}

BoardTemplate open_template(const PresetDirs& dirs, const std::string& reference)
{
    BoardTemplate source;
    source.origin = reference;
    if (!reference.ends_with(".json") && !fs::exists(reference)) {
        source.campaign = load_campaign(dirs, reference);
        return source;
    }
    const fs::path file = fs::absolute(reference).lexically_normal();
    json board = read_json(reference, Pipes::allowed);
    if (board.is_object() && board.value("schema", json()) == "longtake/campaign/1") {
        source.campaign = campaign_of(dirs, board, file);
        source.campaign->name = reference;
        return source;
    }
    source.storyboard = std::move(board);
    source.folder = file.parent_path();
    source.file = file;
    return source;
}

json board_of(const BoardTemplate& source, const std::vector<Assignment>& given,
              const std::vector<std::string>& canvases, Demo demo, std::vector<WrongValue>& wrong)
{
    if (!source.campaign) {
        json board = source.storyboard;
        change(board, given, wrong);
        return board;
    }
    Binder binder(*source.campaign, canvases, wrong);
    for (const Assignment& assignment : given) {
        binder.take(assignment);
    }
    Values values = binder.finish();
    if (!wrong.empty()) {
        return {};
    }
    if (demo == Demo::examples) {
        values.merge(own_values(*source.campaign, Demo::examples, canvases));
    }
    json board = source.campaign->expanded(std::move(values), canvases);
    change(board, binder.changes(), wrong);
    return board;
}

} // namespace longtake
