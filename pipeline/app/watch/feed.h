#pragma once

#include <nlohmann/json.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace longtake::app {

/// What all viewers of a page see: one JSON document that one thread changes, and its last changes as server-sent
/// events (HTML, "Server-sent events"). Each is made into text once, however many viewers there are. Who was away for
/// longer than the changes are kept gets the whole document again.
class Feed {
public:
    /// Changes that are sent together. A path is an array of keys and indexes.
    class Change {
    public:
        /// Puts a value in place; what is there already is no change.
        void set(const nlohmann::json& path, nlohmann::json value);

        /// Takes a member away.
        void cut(const nlohmann::json& path);

        /// Adds to the end of an array, which keeps its last `most`.
        void add(const nlohmann::json& path, nlohmann::json value, std::size_t most);

        const nlohmann::json& whole() const noexcept { return feed_.whole_; }

    private:
        friend class Feed;
        explicit Change(Feed& feed) : feed_(feed) {}

        Feed& feed_;
        nlohmann::json steps_ = nlohmann::json::array();
    };

    explicit Feed(nlohmann::json whole);

    /// By one thread alone.
    void change(const std::function<void(Change&)>& work);

    /// The document as it is, for the thread that changes it.
    const nlohmann::json& whole() const noexcept { return whole_; }

    /// A viewer. `last`: the id of the event that it saw last; empty, or not of this feed: none.
    class Viewer {
    public:
        Viewer(Feed& feed, const std::string& last);

        /// The text to be sent next, waiting for it; a comment if nothing comes in time, so that both sides know of
        /// each other; empty once the feed is closed.
        std::string next(std::chrono::milliseconds patience);

    private:
        Feed& feed_;
        std::uint64_t seen_ = 0; ///< 0: nothing
    };

    /// Ends all viewers.
    void close();

private:
    struct Message {
        std::uint64_t number;
        std::shared_ptr<const std::string> text;
    };
    std::string event(std::uint64_t number, const char* kind, const nlohmann::json& data) const;
    const std::string& whole_text();

    const std::string name_; ///< random, of this feed's events
    nlohmann::json whole_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Message> messages_;
    std::size_t bytes_ = 0; ///< of all messages
    std::uint64_t last_ = 1;
    std::string whole_text_; ///< of the event `whole_number_`
    std::uint64_t whole_number_ = 0;
    bool closed_ = false;
};

} // namespace longtake::app
