// Joins two clips with half a second of dissolve: join PRESETS A.mp4 B.mp4 FILM.mp4
// PRESETS is the installation's share/longtake/presets. What is done is kept in FILM.longtake beside the film: the same
// call again makes nothing anew.
#include "pipeline/flow/film.h"

#include <iostream>

int main(int argc, char** argv)
{
    if (argc != 5) {
        std::cerr << "usage: join PRESETS A.mp4 B.mp4 FILM.mp4\n";
        return 2;
    }
    const std::filesystem::path film = argv[4];
    auto json = nlohmann::json::parse(R"({
        "schema": "longtake/storyboard/1", "title": "joined",
        "defaults": { "transition": { "type": "dissolve", "seconds": 0.5, "timing": "hold" } },
        "shots": [{ "id": "a" }, { "id": "b" }],
        "audio": { "loudness": "keep" } })");
    json["shots"][0]["clip"] = argv[2];
    json["shots"][1]["clip"] = argv[3];
    try {
        const auto board = longtake::storyboard_from_json(json, std::filesystem::current_path(), "join");
        longtake::Account account;
        account.preset_dirs = {std::filesystem::path(argv[1])};
        account.catalog = longtake::load_models(account.preset_dirs);
        longtake::FilmOptions options;
        options.workdir = longtake::Workdir::beside(film);
        options.output = film;
        const longtake::FilmResult result = longtake::make_film(board, options, account);
        if (!result.failures.empty()) {
            throw result.failures.front().error;
        }
        std::cout << result.deliverables.front().frames << '\n';
    } catch (const longtake::Error& error) {
        std::cerr << "join: " << error.what() << '\n';
        return longtake::exit_status(error.code());
    }
}
