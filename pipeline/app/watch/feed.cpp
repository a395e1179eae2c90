#include "pipeline/app/watch/feed.h"

#include "pipeline/base/random_name.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace longtake::app {
namespace {

using nlohmann::json;

constexpr std::size_t k_most_messages = 512;
constexpr std::size_t k_most_bytes = 8 << 20; ///< of their text

/// Makes the objects on the way.
json& place(json& whole, const json& path)
{
    json* at = &whole;
    for (const json& key : path) {
        at = key.is_number() ? &at->at(key.get<std::size_t>()) : &(*at)[key.get_ref<const std::string&>()];
    }
    return *at;
}

} // namespace

void Feed::Change::set(const json& path, json value)
{
    json& there = place(feed_.whole_, path);
    if (there != value) {
        steps_.push_back({"set", path, value});
        there = std::move(value);
    }
}

void Feed::Change::cut(const json& path)
{
    json parent = path;
    const std::string key = parent.back();
    parent.erase(parent.size() - 1);
    if (place(feed_.whole_, parent).erase(key) > 0) {
        steps_.push_back({"cut", path});
    }
}

void Feed::Change::add(const json& path, json value, std::size_t most)
{
    json& list = place(feed_.whole_, path);
    steps_.push_back({"add", path, value, most});
    list.push_back(std::move(value));
    if (list.size() > most) {
        list.erase(list.begin());
    }
}

Feed::Feed(json whole) : name_(random_name()), whole_(std::move(whole)) {}

std::string Feed::event(std::uint64_t number, const char* kind, const json& data) const
{
    return fmt::format("id: {}-{}\nevent: {}\ndata: {}\n\n", name_, number, kind,
                       data.dump(-1, ' ', false, json::error_handler_t::replace));
}

void Feed::change(const std::function<void(Change&)>& work)
{
    {
        const std::lock_guard lock(mutex_);
        Change change(*this);
        work(change);
        if (change.steps_.empty()) {
            return;
        }
        messages_.push_back({++last_, std::make_shared<std::string>(event(last_, "change", change.steps_))});
        bytes_ += messages_.back().text->size();
        while (messages_.size() > k_most_messages || (messages_.size() > 1 && bytes_ > k_most_bytes)) {
            bytes_ -= messages_.front().text->size();
            messages_.pop_front();
        }
    }
    changed_.notify_all();
}

const std::string& Feed::whole_text()
{
    if (whole_number_ != last_) {
        whole_number_ = last_;
        whole_text_ = event(last_, "whole", whole_);
    }
    return whole_text_;
}

void Feed::close()
{
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    changed_.notify_all();
}

Feed::Viewer::Viewer(Feed& feed, const std::string& last) : feed_(feed)
{
    const std::string own = feed.name_ + "-";
    if (last.starts_with(own)) {
        std::from_chars(last.data() + own.size(), last.data() + last.size(), seen_);
    }
}

std::string Feed::Viewer::next(std::chrono::milliseconds patience)
{
    std::vector<std::shared_ptr<const std::string>> news;
    {
        std::unique_lock lock(feed_.mutex_);
        feed_.changed_.wait_for(lock, patience, [&] { return feed_.closed_ || seen_ != feed_.last_; });
        if (feed_.closed_) {
            return {};
        }
        if (seen_ == feed_.last_) {
            return ": nothing new\n\n";
        }
        const std::uint64_t oldest = feed_.messages_.empty() ? feed_.last_ + 1 : feed_.messages_.front().number;
        if (seen_ == 0 || seen_ + 1 < oldest || seen_ > feed_.last_) {
            seen_ = feed_.last_;
            return feed_.whole_text();
        }
        for (const Message& message : feed_.messages_) {
            if (message.number > seen_) {
                news.push_back(message.text);
            }
        }
        seen_ = feed_.last_;
    }
    std::string text;
    for (const auto& message : news) {
        text += *message;
    }
    return text;
}

} // namespace longtake::app
