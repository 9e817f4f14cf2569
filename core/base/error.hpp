// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace mapctl {

// What went wrong, in the terms a caller acts on.
enum class ErrorCode {
  internal,        // a defect of ours
  usage,           // wrong command line
  configuration,   // a profile, plan, configuration or entity file is wrong
  not_found,       // a file, table, profile or row that was named does not exist
  already_exists,  // we would have to overwrite something
  invalid_data,    // input that cannot be read as what it claims to be
  unsupported,     // a connector or build that cannot do this
  unreachable,     // a system does not answer
  denied,          // a system refuses us: credentials or privileges
  busy,            // locked by somebody else
  io,              // reading or writing a file failed
  resource_limit,  // memory, disk, quota or a documented bound
  conflict,        // somebody changed it first
  commit_unknown,  // the commit was sent and its answer lost: look before writing again
  cancelled,       // we were asked to stop
};

enum class Retry { never, may_help };

// The one exception type. Copying never throws.
class Error : public std::exception {
 public:
  struct Facts {
    ErrorCode code = ErrorCode::internal;
    std::string message{};      // object and cause; lower case, no full stop
    std::string hint{};         // the next step, or empty
    std::string native_code{};  // SQLSTATE, SQLite code, errno name, HTTP status
    Retry retry = Retry::never;
  };

  explicit Error(Facts facts) : facts_{std::make_shared<const Facts>(std::move(facts))} {}
  Error(ErrorCode code, std::string message, std::string hint = {})
      : Error{Facts{code, std::move(message), std::move(hint), {}, Retry::never}} {}

  const char* what() const noexcept override { return facts_->message.c_str(); }
  const Facts& facts() const noexcept { return *facts_; }
  ErrorCode code() const noexcept { return facts_->code; }

 private:
  std::shared_ptr<const Facts> facts_;
};

// The word scripts see, for example "not_found".
const char* to_string(ErrorCode code) noexcept;

}  // namespace mapctl
