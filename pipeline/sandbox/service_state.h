#pragma once

#include "pipeline/model/models.h"
#include "pipeline/sandbox/apis/call.h"
#include "pipeline/sandbox/faults.h"
#include "pipeline/sandbox/pictures.h"
#include "pipeline/sandbox/render_queue.h"
#include "pipeline/sandbox/sandbox.h"

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <tuple>

namespace longtake::sandbox {

using Clock = std::chrono::system_clock;

/// Who pays at a service: tasks, slots, rate and balance belong to the account of a key.
struct Account {
    std::string surface;
    std::string key; ///< its short hash

    bool operator==(const Account&) const = default;
    bool operator<(const Account& other) const { return std::tie(surface, key) < std::tie(other.surface, other.key); }
};

/// A valid request, whichever dialect it came in.
struct Order {
    /// "image2video", "text2video", "multi-image2video", "omni-video", "reference-to-video", "video-edit",
    /// "video-extend", "lip-sync" or "effects".
    std::string kind;
    std::string model; ///< canonical
    std::string mode = "std";
    double seconds = 5;
    std::string prompt;
    std::string own_id;            ///< external_task_id; may be empty
    std::vector<Picture> pictures; ///< the first is the first frame; none: text to video
    std::optional<Picture> end;
    std::optional<CameraMove> camera;
    std::string aspect = "16:9"; ///< text to video
    Sound sound = Sound::silent;
    bool watermark = false;
    std::filesystem::path film;        ///< uploaded, to be given lips or changed
    std::string parent;                ///< video id of what is extended or given lips
    std::optional<double> adds;        ///< seconds an extension is asked for, answered with the whole; empty: not asked
    std::optional<double> price;       ///< USD, where it is not the model's
    std::optional<std::string> spoils; ///< the task will fail, for this reason
    nlohmann::json extra;              ///< of a surface's own
};

enum class TaskState { queued, working, done, failed };

struct Task {
    std::string id;
    std::string video_id;
    Account account;
    int submit = 0; ///< number of the submit that made it, from 1
    Order order;
    FaultSet faults;
    Footage footage;
    std::string print; ///< its name in the lab
    double price = 0;  ///< USD
    Clock::time_point accepted;
    int looks = 0;
    int searches = 0; ///< those of its looks that named it by the client's own id
    int looks_when_done = 0;
    int fetches = 0;
};

/// A task as one look shows it.
struct TaskView {
    Task task;
    TaskState phase = TaskState::queued;
    std::string word;   ///< a state nobody documented, in place of the phase's own word; empty: none
    std::string reason; ///< of a failure
    std::string url;    ///< of the file; empty: not there yet, or not named
    double charged = 0; ///< USD
    bool says_charge = true;
    bool withheld = false; ///< finished, but kept back as unfit
    std::optional<Task> parent;
    std::string parent_url;
    std::int64_t created = 0; ///< Unix milliseconds, as `updated`
    std::int64_t updated = 0;
};

/// What all the APIs share: tasks, bills, counters, faults, and the renders. Safe from several threads.
class ServiceState {
public:
    ServiceState(Settings settings, std::filesystem::path dir);

    Settings settings;
    ModelCatalog catalog;
    Pictures pictures;
    FaultBook faults;

    /// "http://127.0.0.1:PORT", once it is known.
    std::string root;

    Clock::time_point now() const;

    /// One create call from its arrival to its answer. `read` makes an order of the call or throws Refusal; `created`
    /// and `refused` answer in the surface's own words.
    struct Words {
        std::function<Order()> read;
        std::function<Reply(const TaskView&)> created;
        std::function<Reply(const Refusal&)> refused;
    };
    Reply submit(const std::string& surface, const std::string& kind, const Call& call, const Words& words);

    /// One look at a task: `show` answers, `refused` says no in the surface's words. `id` is the task's or, where
    /// `own_ids`, the client's own.
    std::optional<TaskView> look(const Account& account, const std::string& id, bool own_ids);
    Reply poll(const Account& account, const std::string& id, bool own_ids,
               const std::function<Reply(const std::optional<TaskView>&)>& show,
               const std::function<Reply(const Refusal&)>& refused);

    /// The newest first. `kind` empty: all.
    std::vector<TaskView> list(const Account& account, const std::string& kind);

    /// The done task whose result has this video id, or whose own id it is.
    std::optional<TaskView> result(const Account& account, const std::string& id);

    /// The account's done task whose file has these bytes.
    std::optional<TaskView> result_of_file(const Account& account, const std::filesystem::path& file);

    /// A result file by its signed address.
    Reply file(const Call& call);

    /// A done task's file, for a service that hands it out itself; nullopt: there is none.
    std::optional<Reply> content(const Account& account, const std::string& id);

    void count(const std::string& surface, const std::string& what);
    void note_refusal(const std::string& surface, const Call& call, int code, const std::string& reason);
    void note_leak(const Call& call);

    /// USD the account has spent.
    double spent(const Account& account) const;

    /// For `GET /sandbox/state` and the page.
    nlohmann::json state() const;
    void order_fault(const std::string& text);
    void forgive();
    void reset();

private:
    struct Bill {
        int submit = 0;
        std::string task;
        std::string own_id;
        Account account;
        std::string kind;
        double amount = 0;
        Clock::time_point at;
    };

    Task accept(const Account& account, int number, const Order& order, const FaultSet& faults, Footage footage);
    void check_account(const Account& account, const Order& order, double price);
    void check_rate(const Account& account);
    double price_of(const std::string& surface, const Order& order) const;
    double usd_a_second(const ProviderFacts& seller, const Model& model, const std::string& mode, Sound sound) const;
    Footage footage_of(const Order& order);
    Footage footage_after(const Order& order, const Task& parent) const;
    TaskState phase_of(const Task& task) const;
    TaskView view_of(Task& task, bool counts);
    Task* find(const Account& account, const std::string& id, bool own_ids);
    Task* find_video(const std::string& video_id);
    const Task* find_video(const std::string& video_id) const;
    std::string file_url(const Task& task, double good_for) const;
    std::string signature(const std::string& name, const std::string& expires) const;
    double spent_by(const Account& account) const;
    bool returned(const Bill& bill) const;
    std::string new_id();

    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<Task>> tasks_;
    std::map<std::string, Task*> by_id_;    ///< "surface/id"
    std::map<std::string, Task*> by_video_; ///< video id
    std::vector<Bill> bills_;
    std::map<std::string, std::map<std::string, int>> requests_;
    std::map<Account, std::vector<Clock::time_point>> submit_times_;
    std::vector<nlohmann::json> refused_;
    std::vector<nlohmann::json> leaks_;
    int submits_ = 0;
    int requests_total_ = 0;
    std::int64_t next_id_ = 867'283'741'759'111'000;
    std::string signing_key_;
    RenderQueue renders_; // last: its threads end before what they use
};

} // namespace longtake::sandbox
