#include "pipeline/app/examples.h"

#include <algorithm>
#include <string>
#include <utility>

namespace longtake::app {
namespace {

/// A command and lines somebody would type.
constexpr std::pair<const char*, const char*> k_command_examples[] = {
    {"run", R"(  longtake run storyboard.json -o out                        the film, in every file it asks for
  longtake run --image cat.jpg --seconds 5 -o cat.mp4        a camera move over one picture
  longtake run -p product-spotlight --demo -o out            a campaign with its own examples
  longtake run -p product-spotlight --set product="Slow mug" --set image=mug.jpg -o out
  longtake run storyboard.json --set shots.cup.seconds=8     one value changed
  longtake run storyboard.json --provider kling --sandbox    rehearse a paid service
  longtake run storyboard.json --yes --max-cost 5            pay, and no more than $5)"},
    {"init", R"(  longtake init photos/ --music song.mp3 -o film.json     every picture and clip there, in order
  longtake init a.jpg b.mp4 c.jpg -p reels/1080x1920      these, for one platform)"},
    {"batch", R"(  longtake batch products.csv -s product-spotlight -o out --dry-run   check and price every row
  longtake batch products.csv -s product-spotlight -o out             a film a row; again: what changed
  longtake batch products.csv -s film.json -o out --only 3,7          two rows again
  longtake batch products.csv -s product-spotlight -o out --retry-failed
  longtake batch one.csv -s product-spotlight -o out --matrix "headline=@headlines.txt,cta=Buy|Order")"},
    {"plan", R"(  longtake plan storyboard.json                  every take and its cost
  longtake plan storyboard.json --compare        what every service would ask for it
  longtake plan -p product-spotlight --demo)"},
    {"look", R"(  longtake look storyboard.json                  every shot and join on every canvas
  longtake look storyboard.json --shot cup --canvas 9:16 -o cup.png)"},
    {"preview",
     R"(  longtake preview storyboard.json                    an animatic: shots, joins, texts, music and prompts in their time
  longtake preview storyboard.json --sheet film.pdf   the storyboard on paper, with costs, to send for approval)"},
    {"report", R"(  longtake report storyboard.json --open         the last run of this storyboard
  longtake report out.longtake                   a working directory
  longtake report out/batch.longtake/rows/mug    a row of a batch)"},
    {"export", R"(  longtake export storyboard.json --to fcpxml                for Final Cut Pro and DaVinci Resolve
  longtake export storyboard.json --to edl -o cut.edl        for everything else
  longtake run storyboard.json --timeline cut.otio -o out    and back: the film as it was cut there)"},
    {"validate", R"(  longtake validate storyboard.json
  longtake validate presets/campaign/mine.json)"},
    {"prepare", R"(  longtake prepare cat.heic photos/ -o ready     as the services accept them)"},
    {"stitch", R"(  longtake stitch a.mp4 b.mov -o film.mp4
  longtake stitch a.mp4 b.mp4 -o film.mp4 --transition dissolve:0.5 --timing hold
  longtake stitch clips/*.mp4 -o film.mp4 --explain      what is copied, and what is encoded and why)"},
    {"deliver", R"(  longtake deliver film.mp4 -p youtube/1080p30 -p shorts/1080x1920 -o out)"},
    {"presets", R"(  longtake presets                               every campaign and delivery preset
  longtake presets show product-spotlight        its variables, its shots and how to try it
  longtake presets check                         plan all campaigns as far as their limits go)"},
    {"providers", R"(  longtake providers                             who can generate, and which keys are there
  longtake providers show kling)"},
    {"status", R"(  longtake status storyboard.json                takes, their states and what was paid
  longtake status out                            the rows of a batch)"},
    {"clean", R"(  longtake clean storyboard.json                 drop encoded pieces; takes stay)"},
    {"check", R"(  longtake check film.mp4 -p tiktok/1080x1920 -p reels/1080x1920
  longtake check *.mp4 -p linkedin/1080p --json)"},
    {"probe", R"(  longtake probe film.mp4 --json)"},
    {"sandbox",
     R"(  longtake sandbox --port 8977                   every service on loopback, with a page to look at)"},
    {"doctor", R"(  longtake doctor                                libraries, encoders, fonts, keys)"},
    {"man", R"(  longtake man run | man -l -                    the page of one command
  longtake man --all ~/.local/share/man/man1     all pages)"},
    {"completion", R"(  longtake completion bash > ~/.local/share/bash-completion/completions/longtake
  longtake completion zsh > ~/.zfunc/_longtake
  longtake completion fish > ~/.config/fish/completions/longtake.fish)"},
};

} // namespace

void add_examples(CLI::App& app)
{
    for (CLI::App* command : app.get_subcommands({})) {
        const auto found = std::ranges::find(k_command_examples, command->get_name(),
                                             [](const auto& e) { return std::string(e.first); });
        if (found != std::end(k_command_examples)) {
            command->footer(command->get_footer() + "\nExamples:\n" + found->second);
        }
    }
}

} // namespace longtake::app
