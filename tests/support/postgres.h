#pragma once

#include "pipeline/ledger/sql/postgres_database.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace longtake::test {

/// What tests/support/postgres.sh prints when it is asked for this.
inline std::string postgres(const std::string& asked)
{
    const std::string command = std::string(LONGTAKE_SOURCE_DIR) + "/tests/support/postgres.sh " + asked;
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::string said;
    for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) {
        said += static_cast<char>(c);
    }
    return said.substr(0, said.find('\n'));
}

/// The address of a database of a real server, empty for every folder that it is asked for; gone with the process.
inline std::string postgres_of(const std::filesystem::path& folder)
{
    struct Database {
        Database() : name("test_" + std::to_string(::getpid())), url(postgres("url " + name)) {}
        ~Database() { postgres("drop " + name); }
        std::string name;
        std::string url;
        std::filesystem::path folder;
    };
    static Database database;
    if (database.folder != folder) {
        PostgresDatabase(database.url).run("DROP SCHEMA IF EXISTS longtake CASCADE");
        database.folder = folder;
    }
    return database.url;
}

} // namespace longtake::test
