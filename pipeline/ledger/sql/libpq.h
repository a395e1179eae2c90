#pragma once

#include <postgresql/libpq-fe.h>

namespace longtake {

/// The functions of libpq that are used, found when they are first asked for: a program that talks to no PostgreSQL
/// does not load its library. Names and meaning are libpq's (postgresql.org/docs/15/libpq.html).
struct Libpq {
    decltype(&::PQconnectdbParams) connect;
    decltype(&::PQfinish) finish;
    decltype(&::PQstatus) status;
    decltype(&::PQerrorMessage) error_message;
    decltype(&::PQexecParams) exec_params;
    decltype(&::PQresultStatus) result_status;
    decltype(&::PQresultErrorField) result_error_field;
    decltype(&::PQclear) clear;
    decltype(&::PQntuples) tuples;
    decltype(&::PQnfields) fields;
    decltype(&::PQftype) field_type;
    decltype(&::PQgetisnull) is_null;
    decltype(&::PQgetvalue) value;
    decltype(&::PQgetlength) length;
    decltype(&::PQcmdTuples) changed;
    decltype(&::PQsocket) socket;
    decltype(&::PQconsumeInput) consume_input;
    decltype(&::PQnotifies) notifies;
    decltype(&::PQfreemem) free_memory;
    decltype(&::PQparameterStatus) parameter_status;
    decltype(&::PQconninfoParse) parse;
    decltype(&::PQconninfoFree) free_options;
    decltype(&::PQsetNoticeProcessor) set_notice_processor;
};

/// Throws Error(usage) naming the package where the library is not installed.
const Libpq& libpq();

} // namespace longtake
