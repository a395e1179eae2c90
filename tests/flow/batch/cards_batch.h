#pragma once

#include "pipeline/flow/batch/batch.h"

#include "pipeline/base/files.h"
#include "tests/support/photos.h"
#include "tests/support/temp_dir.h"

#include <string>
#include <vector>

namespace longtake::test {

/// A campaign of one picture that all films begin with and a card of their own, each film a second long and small.
class CardsBatch {
public:
    CardsBatch()
    {
        write_atomic(dir_.path() / "card.json", campaign("local"));
        write_atomic(dir_.path() / "paid.json", campaign("kling"));
        source = {open_template({}, (dir_.path() / "card.json").string()), {"16:9"}, dir_.path()};
        options.output = dir_.path() / "out";
        options.film.presets = {"preview/360p"};
        options.repeat_command = "longtake batch rows.csv";
        account.catalog = load_models({presets()});
        account.preset_dirs = {presets()};
    }

    static std::filesystem::path presets() { return std::filesystem::path(LONGTAKE_SOURCE_DIR) / "presets"; }

    void use(const std::string& file) { source.source = open_template({}, (dir_.path() / file).string()); }

    std::vector<TableRow> table(const std::string& csv) const
    {
        write_atomic(dir_.path() / "rows.csv", csv);
        return read_table(dir_.path() / "rows.csv", {});
    }

    BatchResult make(const std::string& csv) const
    {
        return make_batch(source, table(csv), options, account, observer);
    }

    std::string written(const char* name) const { return read_text(options.output / name); }

    BatchSource source;
    BatchOptions options;
    Account account;
    Observer observer;

private:
    static std::string campaign(const std::string& provider)
    {
        return R"({
  "schema": "longtake/campaign/1", "description": "cards",
  "variables": { "headline": { "type": "text", "description": "what it says", "max_letters": 12 },
                 "colour": { "type": "colour", "description": "behind it", "default": "#204060" },
                 "seconds": { "type": "number", "description": "how long", "default": 0.5, "min": 0.2 } },
  "storyboard": {
    "schema": "longtake/storyboard/1", "provider": ")" +
               provider + R"(", "size": "320x180", "fps": 24,
    "shots": [ { "id": "intro", "image": ")" +
               photo("coffee.png").string() + R"(", "prompt": "steam", "seconds": 0.5 },
               { "id": "card", "card": { "text": "${headline}", "background": "${colour}" }, "seconds": "${seconds}" } ] }
})";
    }

    TempDir dir_;
};

} // namespace longtake::test
