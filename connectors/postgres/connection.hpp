// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/postgres/errors.hpp"
#include "connectors/postgres/handle.hpp"
#include "core/base/secret.hpp"
#include "core/ports/sql_text.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::connectors::postgres {

// One connection. Waits in small steps, looks at the stop token between them and cancels from the
// same thread, as a cancel sent before the server began is lost. Used by one thread at a time.
class Connection {
 public:
  // Does not connect yet. `set_up` is SQL run on every new connection.
  Connection(Secret conninfo, std::string set_up, std::stop_token stop);

  // Ends an older connection, if there is one, and makes another. Throws Error.
  void connect();
  bool is_usable() const noexcept { return PQstatus(raw()) == CONNECTION_OK; }
  // How often connect() has succeeded: what was prepared before is gone.
  std::uint64_t generation() const noexcept { return generation_; }
  void close() noexcept { handle_.reset(); }

  PGconn* raw() const noexcept { return handle_.get(); }
  const std::string& object() const noexcept { return object_; }
  void watch(std::stop_token stop) { stop_ = std::move(stop); }
  // How long the server may say nothing to a statement before it is given up; 0 for ever.
  void limit_silence(std::chrono::milliseconds limit) noexcept { silence_limit_ = limit; }
  // While false, a stop request waits: what runs is too short, or too important, to cut off.
  void allow_cancel(bool allowed) noexcept { may_cancel_ = allowed; }

  // The next result of what was sent, null at its end.
  ResultHandle next_result();
  // The bytes of the next row of a COPY ... TO STDOUT under way, valid until the next call; nothing
  // at its end. Throws, and the connection is then free for something else or lost.
  std::optional<std::string_view> next_copy_row();
  // What holds those bytes, so that they outlive the next call.
  MemoryHandle take_copied() noexcept { return std::move(copied_); }
  // Runs statements separated by semicolons and gives the last result; throws at the first error.
  ResultHandle run(const char* sql);
  // Throws unless the call that sends something succeeded.
  void require_sent(int sent);
  // Throws what an error result says, or nothing for others.
  void check(const PGresult* result) const;
  [[noreturn]] void fail(const PGresult* result) const;
  [[noreturn]] void fail_lost() const;

  std::string quote_literal(const std::string& text) const;

 private:
  bool wait_readable(short events) const;
  // Throws when the server has been silent for longer than it may.
  void check_silence(std::chrono::steady_clock::time_point heard);
  void request_cancel();
  // Cancels once when a stop was requested; throws when the server then stays silent.
  void pass_on_stop(bool& asked, std::chrono::steady_clock::time_point& silent_since);
  void finish_copy(bool asked);

  Secret conninfo_;
  std::string set_up_;
  std::stop_token stop_;
  ConnectionHandle handle_{};
  std::string object_ = "PostgreSQL";
  std::uint64_t generation_ = 0;
  MemoryHandle copied_{};
  std::chrono::milliseconds silence_limit_{0};
  bool may_cancel_ = true;
  bool asked_to_stop_ = false;
};

using ports::quote_identifier;

}  // namespace mapctl::connectors::postgres
