#include "pipeline/app/clip_film.h"

#include "pipeline/flow/explain.h"

#include "pipeline/app/clip_list.h"
#include "pipeline/app/temporary_workdir.h"
#include "pipeline/base/text.h"
#include "pipeline/model/schema/schema.h"

#include <fmt/format.h>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// --audio as the storyboard's "audio". Without a word, joined clips keep their levels, and a platform's preset sets
/// its own.
json audio_of(const ClipOptions& options, bool platform)
{
    json audio = json::object();
    const std::string how = options.audio.value_or(platform ? "" : "keep");
    const std::optional<double> loudness = decimal_number(how);
    if (how == "keep") {
        audio["loudness"] = "keep";
    } else if (how == "none") {
        audio["clips"] = false;
    } else if (loudness) {
        audio["loudness"] = *loudness;
    } else if (!how.empty()) {
        throw Error(Errc::usage, "--audio '" + how + "': must be keep, none, or a loudness in LUFS such as -14");
    }
    if (options.music) {
        audio["music"] = fs::absolute(*options.music).string();
    }
    return audio;
}

/// What the options say, over what is there.
void apply(const ClipOptions& options, bool platform, json& board)
{
    json& defaults = board["defaults"];
    if (!defaults.contains("fit")) { // clips are joined as they are: nothing of them is cut off unasked
        defaults["fit"] = "blur";
    }
    const Timing timing = parse_timing(options.timing);
    if (options.transition) {
        const Transition transition = parse_transition(*options.transition);
        board["defaults"]["transition"] = {{"type", word(transition.type)}};
        if (transition.type != TransitionType::cut) {
            board["defaults"]["transition"]["seconds"] = transition.seconds;
            board["defaults"]["transition"]["timing"] = word(timing);
        }
    }
    if (options.lenient) {
        board["defaults"]["lenient"] = true;
    }
    if (options.fields != "keep") {
        board["defaults"]["fields"] = options.fields;
    }
    if (options.size) {
        board["size"] = *options.size;
    }
    if (options.fps) {
        board["fps"] = *options.fps;
    }
    board["audio"].update(audio_of(options, platform));
}

/// The timeline that is written beside a film is JSON, which holds no other text.
void need_utf8(const fs::path& clip)
{
    try {
        (void)json(clip.string()).dump();
    } catch (const json::exception&) {
        throw Error(Errc::input, "clip " + json(clip.string()).dump(-1, ' ', false, json::error_handler_t::replace) +
                                     ": its name is not UTF-8; rename it");
    }
}

json board_of(const std::vector<NamedClip>& clips, const std::string& title, const ClipOptions& options, bool platform)
{
    json board = {{"schema", "longtake/storyboard/1"}, {"title", title}, {"shots", json::array()}};
    const std::vector<std::string> ids = ids_of(clips);
    for (std::size_t i = 0; i < clips.size(); ++i) {
        const fs::path& file = clips[i].file;
        need_utf8(file);
        json shot = {{"id", ids[i]}, {"clip", fs::absolute(file).string()}};
        if (clips[i].in) {
            shot["in"] = *clips[i].in;
        }
        if (clips[i].out) {
            shot["out"] = *clips[i].out;
        }
        if (const std::string name = file.stem().string(); name != ids[i]) {
            shot["title"] = name;
        }
        board["shots"].push_back(std::move(shot));
    }
    apply(options, platform, board);
    return board;
}

std::string line_of(const Span& span, const Rate& rate)
{
    const std::string head = fmt::format("{:>8} {:>9.3f} s  {:<6} {:>6} frames  {}", span.at, rate.seconds(span.at),
                                         word(span.kind), span.frames, span.shot);
    return span.kind == Span::Kind::copy
               ? fmt::format("{}: {} from frame {}", head, span.file.filename().string(), span.source)
               : fmt::format("{}: {}", head, span.reason);
}

double copied_share(const stages::SplicePlan& splice)
{
    return splice.frames() > 0 ? static_cast<double>(splice.copied()) / static_cast<double>(splice.frames()) : 0;
}

/// What is encoded on its own and kept for the next time.
std::vector<stages::Piece> segments_of(const ExplainedOutput& output)
{
    std::vector<stages::Piece> segments = output.pieces;
    std::erase_if(segments, [](const stages::Piece& piece) { return piece.copy != nullptr; });
    return segments;
}

std::string segments_text(const ExplainedOutput& output)
{
    if (!output.whole_because.empty()) {
        return "encoded in one go: " + output.whole_because;
    }
    const auto segments = segments_of(output);
    if (segments.empty()) {
        return "nothing is encoded";
    }
    std::string lengths;
    for (const stages::Piece& segment : segments) {
        lengths += (lengths.empty() ? "" : ", ") + std::to_string(segment.frames);
    }
    return fmt::format("encoded in {} segments of {} frames", segments.size(), lengths);
}

void print_output(const ExplainedOutput& output, Console& console)
{
    const stages::SplicePlan& splice = output.splice;
    console.print(fmt::format("{:>8} {:>11}  {:<6} {:>13}  shot", "frame", "time", "how", "length"));
    for (const Span& span : splice.planned) {
        console.print(line_of(span, output.rate));
    }
    for (const stages::JoinPlan& join : splice.joins) {
        console.print(fmt::format("join at {} into {}: {}", join.at, join.shot, word(join.mode)));
    }
    console.print(fmt::format("{} frames, {} at {} fps, {:.1f} % copied", splice.frames(), output.size.text(),
                              output.rate.text(), 100 * copied_share(splice)));
    console.print(fmt::format("{} by {}, {}", output.video.codec, output.video.encoder, output.video.pixel_format));
    console.print(segments_text(output));
}

json segments_json(const ExplainedOutput& output)
{
    json segments = json::array();
    for (const stages::Piece& segment : segments_of(output)) {
        segments.push_back({{"at", segment.at}, {"frames", segment.frames}});
    }
    return segments;
}

json output_json(const ExplainedOutput& output)
{
    const stages::SplicePlan& splice = output.splice;
    return {
        {"preset", output.preset},     {"stretches", splice.spans()},       {"joins", splice.joins},
        {"size", output.size.text()},  {"fps", output.rate.text()},         {"copied_share", copied_share(splice)},
        {"codec", output.video.codec}, {"encoder", output.video.encoder},   {"pixel_format", output.video.pixel_format},
        {"frames", splice.frames()},   {"segments", segments_json(output)}, {"whole_because", output.whole_because}};
}

int explain(const Storyboard& board, const FilmSetup& setup, Session& session)
{
    const Explained film = explain_film(board, setup.options, setup.account, setup.observer);
    json outputs = json::array();
    for (const ExplainedOutput& output : film.outputs) {
        if (film.outputs.size() > 1) {
            session.console.print(output.preset + ":");
        }
        print_output(output, session.console);
        outputs.push_back(output_json(output));
    }
    for (const stages::Seam& seam : film.seams) {
        session.console.print(text(seam));
    }
    for (const std::string& note : film.plan.notes) {
        session.console.note("note: " + note);
    }
    json result = outputs.front(); // scripts of one output need not look into a list
    result.erase("preset");
    result["outputs"] = outputs;
    result["notes"] = film.plan.notes;
    result["seams"] = film.seams;
    session.console.result(result);
    return 0;
}

} // namespace

void add_clip_options(CLI::App& command, ClipOptions& options)
{
    command.add_option("--transition", options.transition,
                       "TYPE[:SECONDS] between clips: cut (default), dissolve, fade_black, wipe_left, slide_left, ...; "
                       "what a storyboard's shot says itself wins");
    command
        .add_option("--timing", options.timing,
                    "hold (mix into the next clip's held first frame: only the tail is encoded, the length stays), "
                    "overlap (both move), or auto (overlap for clips)")
        ->capture_default_str();
    command.add_option("--size", options.size, "WxH (default: the majority of the clips)")->type_name("WxH");
    command.add_option("--fps", options.fps, "Frame rate (default: the majority of the clips)")->type_name("N");
    command
        .add_option("--audio", options.audio,
                    "keep: levels as they are (default without -p); none: the clips are silent; or a loudness in LUFS")
        ->type_name("HOW");
    command.add_option("--music", options.music, "Music under the film")->type_name("FILE");
    command.add_flag("--no-copy", options.no_copy, "Encode every frame, also those that could be copied");
    command
        .add_option("--check", options.check,
                    "What is decoded of copied frames to check them, besides comparing their bytes: joins or all")
        ->check(CLI::IsMember({"joins", "all"}))
        ->capture_default_str();
    command.add_flag("--lenient", options.lenient,
                     "Show what decoders show of clips that are damaged or cut off, with a note");
    command
        .add_option(
            "--fields", options.fields,
            "Interlaced clips: keep (a picture for each two fields) or double (one for each, at twice the rate)")
        ->check(CLI::IsMember({"keep", "double"}))
        ->capture_default_str();
    command.add_flag("--doctor", options.doctor,
                     "Measure every join: repeated frames, steps of colour, motion, sharpness and loudness, clicks");
    command.add_flag("--dedupe", options.dedupe, "Drop frames that a join repeats");
    command.add_flag("--match-colour", options.match_colour,
                     "Grade the end of a clip over to the one that goes on from it");
    command.add_flag("--smooth", options.smooth, "A short motion-compensated morph over cuts that jump");
    command.add_flag("--explain", options.explain, "Say which frames would be copied, which encoded and why");
}

int make_from_clips(const std::vector<NamedClip>& clips, const std::string& title, const ClipOptions& options,
                    const MakeOptions& make, Session& session)
{
    const json board = board_of(clips, title, options, !make.presets.empty());
    return make_from_board(storyboard_from_json(board, fs::current_path(), "command line"), options, make, session);
}

Storyboard board_of_clips(const fs::path& file, const ClipOptions& options, bool presets)
{
    json board = read_json(file, Pipes::allowed);
    if (board.is_object()) {
        const bool loudness =
            board.contains("audio") && board["audio"].is_object() && board["audio"].contains("loudness");
        apply(options, presets || loudness || board.contains("deliver"), board);
    }
    const fs::path absolute = fs::absolute(file).lexically_normal();
    Storyboard storyboard = storyboard_from_json(board, absolute.parent_path(), file.string());
    for (const Shot& shot : storyboard.shots) {
        if (!shot.clip) {
            throw Error(Errc::usage,
                        fmt::format("{}: shot '{}' is not a clip; `longtake run` makes films with other shots",
                                    file.string(), shot.id));
        }
    }
    storyboard.file = absolute;
    return storyboard;
}

int make_from_board(const Storyboard& board, const ClipOptions& options, const MakeOptions& make, Session& session)
{
    const TemporaryWorkdir workdir;
    FilmSetup setup = film_setup(make, workdir.get(), board, session);
    setup.options.copy = !options.no_copy;
    setup.options.native = false; // a finished film has its words where they are: presets say how it is reframed
    setup.options.chapters = options.chapters;
    setup.options.ephemeral = true;
    setup.options.measure_joins = options.doctor;
    setup.options.join_fixes = {options.dedupe, options.match_colour, options.smooth};
    setup.options.verify_all = options.check == "all";
    if (options.explain) {
        return explain(board, setup, session);
    }
    return report(make_film(board, setup.options, setup.account, setup.observer), session);
}

} // namespace longtake::app
