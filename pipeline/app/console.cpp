#include "pipeline/app/console.h"

#include "pipeline/base/secrets.h"

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <ostream>
#include <utility>

namespace longtake::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto k_redraw = std::chrono::milliseconds(100);
constexpr auto k_json_interval = std::chrono::milliseconds(500);
constexpr auto k_plain_interval = std::chrono::seconds(10);

double seconds_since(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Cuts a line to the terminal's width without cutting a UTF-8 letter.
std::string cut(std::string line, int columns)
{
    const auto limit = static_cast<std::size_t>(std::max(20, columns - 1));
    if (line.size() > limit) {
        std::size_t end = limit;
        while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) {
            --end;
        }
        line.resize(end);
    }
    return line;
}

std::string shown(const std::string& text, Lines lines)
{
    return visible(redact(text), lines);
}

/// Lines after the first are indented, so that no text can look like an entry of its own.
std::string log_entry(const std::string& text)
{
    std::string entry;
    for (const char c : shown(text, Lines::several)) {
        entry += c == '\n' ? std::string("\n    ") : std::string(1, c);
    }
    return entry;
}

} // namespace

double Console::Item::fps() const
{
    const double seconds = seconds_since(started);
    return seconds > 0.2 ? static_cast<double>(done - done_at_start) / seconds : 0;
}

double Console::Item::eta() const
{
    return fps() > 0 ? static_cast<double>(total - done) / fps() : 0;
}

Console::Console(std::ostream& out, std::ostream& err) : out_(out), err_(err) {}

Console::~Console()
{
    settle();
}

void Console::configure(const ConsoleSettings& settings)
{
    settings_ = settings;
    if (!settings_.log_file.empty()) {
        try {
            log_ = std::make_shared<spdlog::logger>(
                "longtake", std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings_.log_file.string()));
            log_->flush_on(spdlog::level::info);
            log_->set_error_handler([this](const std::string& why) {
                if (!std::exchange(log_fails_, true)) {
                    say("warning: --log-file: " + why);
                }
            });
        } catch (const spdlog::spdlog_ex& error) {
            throw Error(Errc::usage, "--log-file '" + settings_.log_file.string() + "': " + error.what());
        }
    }
}

void Console::log(const std::string& line)
{
    if (log_) {
        log_->info(log_entry(line));
    }
}

void Console::wipe()
{
    if (line_shown_) {
        err_ << "\r\033[K";
        line_shown_ = false;
    }
}

void Console::settle()
{
    const std::lock_guard lock(mutex_);
    wipe();
    err_.flush();
    flush_out();
}

int Console::finish(int status)
{
    settle();
    if (unwritten_.empty()) {
        return status;
    }
    const Error error(Errc::storage, "cannot write results to standard output: " + unwritten_);
    complain(std::string("longtake: ") + error.what());
    return status == 0 ? exit_status(error.code()) : status;
}

/// The reason is in errno only as long as nothing else is done.
void Console::flush_out()
{
    errno = 0;
    out_.flush();
    if (!out_ && unwritten_.empty()) {
        unwritten_ = errno != 0 ? std::strerror(errno) : "the stream is closed";
    }
}

/// Writes to stdout. Once that has failed nothing more is written: what follows a gap is worth nothing.
void Console::put(const std::string& text)
{
    if (unwritten_.empty()) {
        errno = 0;
        out_ << text << '\n';
        if (!out_ && errno != 0) {
            unwritten_ = std::strerror(errno);
        }
        flush_out();
    }
}

void Console::say(const std::string& text, Lines lines)
{
    err_.clear(); // it may be writable again
    wipe();
    err_ << shown(text, lines) << '\n';
    err_.flush();
}

void Console::print(const std::string& line)
{
    const std::lock_guard lock(mutex_);
    if (!settings_.json) {
        wipe();
        put(shown(line, Lines::one));
    }
}

void Console::print_lines(const std::string& text)
{
    const std::lock_guard lock(mutex_);
    if (!settings_.json) {
        wipe();
        put(shown(text, Lines::several));
    }
}

void Console::json_line(const nlohmann::json& line)
{
    if (settings_.json) {
        put(shown(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), Lines::one));
    }
}

void Console::result(nlohmann::json result, bool ok)
{
    const std::lock_guard lock(mutex_);
    nlohmann::json line = {{"event", "result"}, {"ok", ok}};
    line.update(result);
    json_line(line);
}

void Console::note(const std::string& line)
{
    const std::lock_guard lock(mutex_);
    log(line);
    if (!settings_.quiet) {
        say(line);
    }
}

void Console::complain(const std::string& line)
{
    const std::lock_guard lock(mutex_);
    log(line);
    say(line, Lines::several);
}

void Console::warn(const std::string& line)
{
    note("warning: " + line);
}

void Console::fail(const Error& error)
{
    const std::lock_guard lock(mutex_);
    log(std::string("error: ") + error.what());
    say(std::string("longtake: ") + error.what(), Lines::several);
    json_line({{"event", "result"},
               {"ok", false},
               {"code", word(error.code())},
               {"exit", exit_status(error.code())},
               {"message", error.what()}});
}

/// What is most worth knowing first: on a narrow terminal the rest is cut off.
std::string Console::live_line() const
{
    std::string stage;
    std::vector<std::string> parts;
    std::int64_t done = 0;
    std::int64_t total = 0;
    double fps = 0;
    double eta = 0;
    for (const auto& [name, item] : items_) {
        const std::size_t space = name.find(' ');
        stage = name.substr(0, space);
        if (!item.words.empty()) {
            return fmt::format("{}: {}", stage, item.counted());
        }
        done += item.done;
        total += item.total;
        parts.push_back(name.substr(space + 1));
        fps += item.fps();
        eta = std::max(eta, item.eta());
    }
    return fmt::format("{} {} % | {:.0f} fps | ETA {} | {}", stage, total > 0 ? 100 * done / total : 0, fps,
                       clock_text(std::ceil(eta)), join(parts));
}

void Console::draw()
{
    if (Clock::now() - drawn_ < k_redraw || items_.empty()) {
        return;
    }
    drawn_ = Clock::now();
    err_ << "\r\033[K" << cut(shown(live_line(), Lines::one), settings_.columns());
    err_.flush();
    line_shown_ = true;
}

/// "2 of 4 rows, 3.1 films a minute, ETA 1:20.0"
std::string Console::Item::counted() const
{
    const std::string rest = done < total && eta() > 0 ? ", ETA " + clock_text(std::ceil(eta())) : std::string();
    return fmt::format("{} of {} {}{}", done, total, words, rest);
}

void Console::show_progress(const Event& event, Item& item)
{
    const auto now = Clock::now();
    if (item.total == 0) {
        item.started = now;
        item.told = now;
        item.done_at_start = event.done;
    }
    item.done = event.done;
    item.total = event.total;
    item.words = event.text;
    if (settings_.json && (now - item.told >= k_json_interval || item.done == item.total)) {
        item.told = now;
        json_line({{"event", "progress"},
                   {"stage", event.stage},
                   {"what", event.what},
                   {"done", event.done},
                   {"total", event.total},
                   {"fps", std::round(item.fps() * 10) / 10},
                   {"eta", std::round(item.eta() * 10) / 10}});
    }
    if (settings_.quiet || settings_.json) {
        return;
    }
    if (settings_.live) {
        draw();
    } else if (now - item.told >= k_plain_interval) {
        item.told = now;
        say(item.words.empty() ? fmt::format("{}: {}: {}/{} frames, {:.0f} fps, ETA {}", event.stage, event.what,
                                             event.done, event.total, item.fps(), clock_text(std::ceil(item.eta())))
                               : fmt::format("{}: {}", event.stage, item.counted()));
    }
}

void Console::show_other(const Event& event)
{
    log(fmt::format("{} {} {} {}", word(event.kind), event.stage, event.what, event.text));
    if (settings_.json) {
        json_line({{"event", word(event.kind)}, {"stage", event.stage}, {"what", event.what}, {"text", event.text}});
    }
    if (settings_.quiet || settings_.json) {
        return;
    }
    const std::string about = event.what.empty() ? event.stage : event.stage + ": " + event.what;
    switch (event.kind) {
    case Event::Kind::warning: say(fmt::format("warning: {}: {}", about, event.text)); break;
    case Event::Kind::note: // the plan's are called as `plan` calls them
        say(fmt::format("{}: {}", event.stage == "plan" ? "note" : about, event.text));
        break;
    case Event::Kind::finished:
        if (event.stage != "prepare" || settings_.verbose) {
            say(about + ": done");
        }
        break;
    case Event::Kind::reused:
        if (settings_.verbose) {
            say(about + ": already there");
        }
        break;
    default: break;
    }
}

void Console::show(const Event& event)
{
    const std::lock_guard lock(mutex_);
    const std::string key = event.stage + " " + event.what;
    if (event.kind == Event::Kind::progress) {
        show_progress(event, items_[key]);
        return;
    }
    if (event.kind == Event::Kind::finished || event.kind == Event::Kind::reused) {
        items_.erase(key);
    }
    show_other(event);
}

} // namespace longtake::app
