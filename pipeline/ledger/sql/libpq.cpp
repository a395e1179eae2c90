#include "pipeline/ledger/sql/libpq.h"

#include "pipeline/base/error.h"

#include <dlfcn.h>

#include <string>

namespace longtake {
namespace {

class Library {
public:
    Library() : handle_(::dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL))
    {
        if (handle_ == nullptr) {
            throw Error(Errc::usage, std::string("a PostgreSQL ledger needs libpq, which cannot be loaded: ") +
                                         ::dlerror() + "; install it (Debian: apt-get install libpq5)");
        }
    }

    template <class Function>
    void find(const char* name, Function& function) const
    {
        void* const found = ::dlsym(handle_, name);
        if (found == nullptr) {
            throw Error(Errc::usage, std::string("libpq.so.5 has no ") + name + "; install PostgreSQL 10's or a newer");
        }
        function = reinterpret_cast<Function>(found); // as dlsym(3) has it
    }

private:
    void* handle_; ///< stays: what is found in it is used until the program ends
};

Libpq load_libpq()
{
    const Library library;
    Libpq all{};
    library.find("PQconnectdbParams", all.connect);
    library.find("PQfinish", all.finish);
    library.find("PQstatus", all.status);
    library.find("PQerrorMessage", all.error_message);
    library.find("PQexecParams", all.exec_params);
    library.find("PQresultStatus", all.result_status);
    library.find("PQresultErrorField", all.result_error_field);
    library.find("PQclear", all.clear);
    library.find("PQntuples", all.tuples);
    library.find("PQnfields", all.fields);
    library.find("PQftype", all.field_type);
    library.find("PQgetisnull", all.is_null);
    library.find("PQgetvalue", all.value);
    library.find("PQgetlength", all.length);
    library.find("PQcmdTuples", all.changed);
    library.find("PQsocket", all.socket);
    library.find("PQconsumeInput", all.consume_input);
    library.find("PQnotifies", all.notifies);
    library.find("PQfreemem", all.free_memory);
    library.find("PQparameterStatus", all.parameter_status);
    library.find("PQconninfoParse", all.parse);
    library.find("PQconninfoFree", all.free_options);
    library.find("PQsetNoticeProcessor", all.set_notice_processor);
    return all;
}

} // namespace

const Libpq& libpq()
{
    static const Libpq functions = load_libpq();
    return functions;
}

} // namespace longtake
