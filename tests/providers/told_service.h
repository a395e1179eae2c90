#pragma once

#include "pipeline/base/error.h"
#include "pipeline/ledger/file_hashes.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/providers/generator.h"
#include "tests/support/clips.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace longtake::test {

/// A service that answers as it is told to, and counts. What it has no answer for goes well.
class ToldService : public Provider {
public:
    std::string name() const override { return "service"; }
    nlohmann::json shape(const TakeRequest& request) const override { return {request.shot, request.take.prompt}; }
    Lookup lookup(const TakeRequest& /*request*/) const override { return knows; }
    bool rehearsal() const override { return sandbox; }

    Submission submit(const TakeRequest& request, std::stop_token /*stop*/) override
    {
        const std::lock_guard lock(mutex);
        own_ids.push_back(request.own_id);
        return next(submissions).value_or(Accepted{{"job-" + std::to_string(own_ids.size())}, std::nullopt});
    }
    Search search(const TakeRequest& /*request*/, std::stop_token /*stop*/) override
    {
        ++searches;
        return next(found).value_or(Search{true, std::nullopt, ""});
    }
    JobState poll(const Job& job, std::stop_token /*stop*/) override
    {
        ++polls;
        if (always) {
            return *always;
        }
        return next(states).value_or(Ready{"http://files/" + job.id, {{"video_id", job.id}}, 0.25, 0});
    }
    void download(const Ready& /*footage*/, const std::filesystem::path& file, const Progress& /*progress*/,
                  std::stop_token /*stop*/) override
    {
        ++downloads;
        if (const auto broken = next(failures)) {
            throw Error(*broken);
        }
        std::filesystem::copy_file(next(files).value_or(footage), file,
                                   std::filesystem::copy_options::overwrite_existing);
    }

    template <class T>
    static std::optional<T> next(std::deque<T>& queue)
    {
        if (queue.empty()) {
            return std::nullopt;
        }
        T first = std::move(queue.front());
        queue.pop_front();
        return first;
    }

    Lookup knows = Lookup::none;
    bool sandbox = false;
    std::filesystem::path footage;
    std::deque<Submission> submissions;
    std::deque<Search> found;
    std::deque<JobState> states;
    std::optional<JobState> always; ///< what every look says
    std::deque<Error> failures;     ///< of downloads
    std::deque<std::filesystem::path> files;
    std::vector<std::string> own_ids; ///< of the submits
    std::atomic<int> searches = 0;    // several takes may be under way at once
    std::atomic<int> polls = 0;
    std::atomic<int> downloads = 0;
    std::mutex mutex;
};

/// A camera in front of it, and every run of the program it would be in.
class GeneratorTest : public ::testing::Test {
protected:
    GeneratorTest()
    {
        service_.footage = write_counting_clip(dir_ / "footage.mp4", {.frames = 30, .step = 1});
        budget_.paid = true;
        budget_.consent = [] { return true; };
        budget_.spending = dir_ / "state/spending.db";
        budget_.account = "service";
        settings_.takes = dir_ / "takes";
        settings_.poll = std::chrono::milliseconds(2);
        settings_.backoff = std::chrono::milliseconds(2);
        settings_.missing = std::chrono::milliseconds(20);
        settings_.reconcile = std::chrono::milliseconds(20);
        settings_.note = [this](const std::string& shot, const std::string& text) {
            notes_ += shot + ": " + text + "\n";
        };
    }

    TakeRequest request(const std::string& shot = "cup") const
    {
        TakeRequest request;
        request.shot = shot;
        request.take.seconds = 1;
        request.take.cost = 0.28;
        return request;
    }

    /// One run of the program.
    Take shoot(const TakeRequest& request, std::stop_token stop = {})
    {
        Budget budget(budget_, *ledger_);
        Generator generator(service_, *ledger_, hashes_, budget, settings_);
        return generator.shoot(request, {}, stop);
    }

    Error failure(const TakeRequest& request)
    {
        try {
            shoot(request);
        } catch (const Error& error) {
            return error;
        }
        return {Errc::internal, "it went well"};
    }

    TakeRecord record(const TakeRequest& request) { return ledger_->take(fingerprint(request)).value(); }

    /// Writes a take down as a run that is gone would have left it.
    void as_left_by_a_run(const TakeRecord& take)
    {
        const auto held = ledger_->hold(take.fingerprint, {});
        ledger_->put(take, Payment::unchanged);
    }

    std::string fingerprint(const TakeRequest& request)
    {
        Budget budget(budget_, *ledger_);
        return Generator(service_, *ledger_, hashes_, budget, settings_).fingerprint(request);
    }

    void decide_to_resubmit(const TakeRequest& request) { settings_.decisions.resubmit = {fingerprint(request)}; }

    std::size_t submits() const { return service_.own_ids.size(); }

    TempDir dir_;
    ToldService service_;
    const std::unique_ptr<Ledger> ledger_ = open_ledger(dir_ / "ledger.db", Durability::lasting);
    FileHashes hashes_{dir_ / "ledger.db", Durability::lasting};
    Budget::Settings budget_;
    Generator::Settings settings_;
    std::string notes_;
};

} // namespace longtake::test
