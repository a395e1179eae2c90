#pragma once

#include "pipeline/base/store.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace longtake::http {

/// A bucket of any server that speaks S3, found as AWS users have it: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
/// AWS_SESSION_TOKEN, AWS_REGION (or AWS_DEFAULT_REGION; "us-east-1"), AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL (AWS's
/// own). Requests are signed (Signature Version 4) with the content's hash, which the server checks what it gets
/// against; files of 64 MB and more go in parts. No conditional write is relied on: Swift's S3 answers 501 to one.
/// `place`: "s3://BUCKET/PREFIX". Throws Error(usage) for one that is none, Error(credentials) where a key is missing.
std::shared_ptr<Store> open_s3_store(const std::string& place,
                                     const std::function<std::optional<std::string>(const std::string&)>& variable);

} // namespace longtake::http
