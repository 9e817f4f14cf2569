// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/connection.hpp"

#include "connectors/postgres/pass_file.hpp"
#include "core/base/text.hpp"
#include "core/base/thread.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <future>
#include <memory>
#include <string_view>

namespace mapctl::connectors::postgres {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto step = 50ms;
constexpr auto cancel_patience = 5s;  // how long a server may be silent after a cancel
constexpr auto default_connect_timeout = 10s;

// What the URL, a service or the environment says, in seconds; of one host.
std::chrono::seconds connect_timeout(PGconn* connection) {
  auto allowed = std::chrono::seconds{default_connect_timeout};
  const ConnectionOptionsHandle options{PQconninfo(connection)};
  for (const PQconninfoOption* option = options.get();
       option != nullptr && option->keyword != nullptr; ++option) {
    if (std::string_view{option->keyword} == "connect_timeout" && option->val != nullptr) {
      const std::string_view text = option->val;
      long seconds = 0;
      std::from_chars(text.data(), text.data() + text.size(), seconds);
      if (seconds > 0) {
        allowed = std::chrono::seconds{std::max(seconds, 2L)};
      }
    }
  }
  return allowed;
}

std::string name_of(PGconn* connection) {
  const std::string host = or_empty(PQhost(connection));
  const std::string port = or_empty(PQport(connection));
  const std::string database = or_empty(PQdb(connection));
  if (database.empty()) {
    return "PostgreSQL";  // what should say which one could not be read
  }
  return host.empty() || host.front() == '/' ? fmt::format("database '{}'", database)
                                             : fmt::format("database '{}' on '{}{}{}'", database,
                                                           host, port.empty() ? "" : ":", port);
}

// What libpq breaks into lines, on one.
std::string join_lines(const std::string& text) {
  std::string line;
  for (const std::string_view part : split(text, '\n')) {
    if (!trim(part).empty()) {
      line += line.empty() ? "" : "; ";
      line += trim(part);
    }
  }
  return line;
}

void ignore_notice(void* /*unused*/, const PGresult* /*notice*/) {}

}  // namespace

Connection::Connection(Secret conninfo, std::string set_up, std::stop_token stop)
    : conninfo_{std::move(conninfo)}, set_up_{std::move(set_up)}, stop_{std::move(stop)} {}

void Connection::connect() {
  handle_.reset();
  asked_to_stop_ = false;
  // What stands before `dbname` is what the URL may overrule.
  const std::array<const char*, 6> names{"fallback_application_name", "keepalives_idle",
                                         "keepalives_interval",       "dbname",
                                         "client_encoding",           nullptr};
  const std::array<const char*, 6> values{"mapctl", "30",   "10", conninfo_.reveal().c_str(),
                                          "UTF8",   nullptr};
  handle_.reset(PQconnectStartParams(names.data(), values.data(), 1));
  if (!handle_) {
    throw Error{ErrorCode::resource_limit, "PostgreSQL: out of memory"};
  }
  object_ = name_of(raw());
  PQsetErrorVerbosity(raw(), PQERRORS_VERBOSE);
  PQsetNoticeReceiver(raw(), &ignore_notice, nullptr);
  auto deadline = Clock::now() + connect_timeout(raw());
  auto wanted = PGRES_POLLING_WRITING;
  std::string host = or_empty(PQhost(raw()));
  while (wanted != PGRES_POLLING_OK) {
    if (PQstatus(raw()) == CONNECTION_BAD || wanted == PGRES_POLLING_FAILED) {
      Report report = read_connect_failure(PQerrorMessage(raw()));
      explain_pass_file(report, raw());
      const std::string object = object_;
      close();
      throw to_error(report, object);
    }
    pollfd waiting{PQsocket(raw()),
                   static_cast<short>(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(step.count()));
    if (stop_.stop_requested() && may_cancel_) {
      close();
      throw Error{ErrorCode::cancelled, fmt::format("{}: cancelled", object_)};
    }
    if (ready > 0) {
      wanted = PQconnectPoll(raw());
      // A list of hosts is tried one by one.
      if (const std::string now = or_empty(PQhost(raw())); now != host) {
        host = now;
        deadline = Clock::now() + connect_timeout(raw());
      }
    } else if (Clock::now() >= deadline) {
      close();
      throw to_error({{}, "no answer in time", {}}, object_);
    }
  }
  object_ = name_of(raw());
  PQsetErrorVerbosity(raw(), PQERRORS_DEFAULT);
  ++generation_;
  if (!set_up_.empty()) {
    run(set_up_.c_str());
  }
}

bool Connection::wait_readable(short events) const {
  pollfd waiting{PQsocket(raw()), events, 0};
  return ::poll(&waiting, 1, static_cast<int>(step.count())) > 0 && (waiting.revents & POLLIN) != 0;
}

void Connection::check_silence(Clock::time_point heard) {
  if (silence_limit_ > 0ms && Clock::now() - heard > silence_limit_) {
    close();
    throw to_error({{}, "no answer in time", {}}, object_);
  }
}

// In a thread of its own: the request is a connection of its own, and a server that takes
// connections and says nothing would keep the caller for ever.
void Connection::request_cancel() {
  const std::shared_ptr<PGcancel> cancel{CancelHandle{PQgetCancel(raw())}};
  if (!cancel) {
    return;
  }
  const auto sent = std::make_shared<std::promise<void>>();
  auto thread = start_thread([cancel, sent]() noexcept {
    std::array<char, 256> problem{};
    PQcancel(cancel.get(), problem.data(), static_cast<int>(problem.size()));
    sent->set_value();
  });
  if (!thread) {
    return;  // the connection is closed when the server goes on
  }
  thread->detach();
  // One that comes late would meet the next statement.
  sent->get_future().wait_for(cancel_patience);
}

void Connection::pass_on_stop(bool& asked, Clock::time_point& silent_since) {
  if (!may_cancel_ || !stop_.stop_requested()) {
    return;
  }
  if (!asked) {
    asked = true;
    asked_to_stop_ = true;
    silent_since = Clock::now();
    request_cancel();
  } else if (Clock::now() - silent_since > cancel_patience) {
    close();
    throw Error{ErrorCode::cancelled,
                fmt::format("{}: cancelled, though the server was silent", object_)};
  }
}

ResultHandle Connection::next_result() {
  Clock::time_point silent_since{};
  bool asked = false;
  auto heard = Clock::now();
  while (PQisBusy(raw()) != 0) {
    const int unsent = PQflush(raw());
    if (wait_readable(static_cast<short>(unsent == 1 ? POLLIN | POLLOUT : POLLIN))) {
      heard = Clock::now();
    } else {
      check_silence(heard);
    }
    if (PQconsumeInput(raw()) == 0) {
      break;  // PQgetResult then says what happened
    }
    if (PQisBusy(raw()) != 0) {
      pass_on_stop(asked, silent_since);
    }
  }
  return ResultHandle{PQgetResult(raw())};
}

std::optional<std::string_view> Connection::next_copy_row() {
  Clock::time_point silent_since{};
  bool asked = false;
  auto heard = Clock::now();
  for (;;) {
    char* bytes = nullptr;
    const int size = PQgetCopyData(raw(), &bytes, 1);
    copied_.reset(bytes);
    if (size < 0) {
      finish_copy(asked);
      return std::nullopt;
    }
    const bool must_stop = asked || (may_cancel_ && stop_.stop_requested());
    if (size > 0 && !must_stop) {
      return std::string_view{bytes, static_cast<std::size_t>(size)};
    }
    if (size == 0) {
      if (wait_readable(POLLIN)) {
        heard = Clock::now();
      } else {
        check_silence(heard);
      }
      if (PQconsumeInput(raw()) == 0) {
        finish_copy(asked);  // the server's last words may still be there
        fail_lost();
      }
    } else {
      silent_since = Clock::now();  // rows that were on their way when the stop came
    }
    pass_on_stop(asked, silent_since);
  }
}

void Connection::finish_copy(bool asked) {
  ResultHandle failed;
  while (ResultHandle result = next_result()) {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COPY_OUT) {
      break;  // not at its end: the connection was lost
    }
    if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
      failed = std::move(result);
    }
  }
  if (failed) {
    fail(failed.get());
  }
  if (asked) {
    throw Error{ErrorCode::cancelled, fmt::format("{}: cancelled", object_)};
  }
}

ResultHandle Connection::run(const char* sql) {
  require_sent(PQsendQuery(raw(), sql));
  ResultHandle last;
  ResultHandle failed;
  while (ResultHandle result = next_result()) {
    const ExecStatusType status = PQresultStatus(result.get());
    (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE ? failed : last) =
        std::move(result);
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) {
      break;
    }
  }
  if (failed) {
    fail(failed.get());
  }
  if (!last) {
    fail_lost();
  }
  return last;
}

void Connection::require_sent(int sent) {
  if (sent == 0) {
    if (PQstatus(raw()) == CONNECTION_OK && PQtransactionStatus(raw()) == PQTRANS_ACTIVE) {
      throw Error{ErrorCode::internal, fmt::format("{}: two statements at once", object_)};
    }
    fail_lost();
  }
  asked_to_stop_ = false;
}

void Connection::check(const PGresult* result) const {
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
    fail(result);
  }
}

void Connection::fail(const PGresult* result) const {
  Report report;
  report.sqlstate = or_empty(PQresultErrorField(result, PG_DIAG_SQLSTATE));
  report.text = or_empty(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
  report.hint = or_empty(PQresultErrorField(result, PG_DIAG_MESSAGE_HINT));
  if (report.text.empty()) {
    report.text = join_lines(or_empty(PQresultErrorMessage(result)));
  }
  throw to_error(report, object_, asked_to_stop_);
}

void Connection::fail_lost() const {
  const std::string text = handle_ ? join_lines(or_empty(PQerrorMessage(raw()))) : std::string{};
  throw to_error({{}, text.empty() ? "the connection was lost" : text, {}}, object_,
                 asked_to_stop_);
}

std::string Connection::quote_literal(const std::string& text) const {
  const MemoryHandle quoted{PQescapeLiteral(raw(), text.data(), text.size())};
  if (!quoted) {
    throw Error{ErrorCode::invalid_data, fmt::format("{}: a value is not UTF-8", object_)};
  }
  return quoted.get();
}

}  // namespace mapctl::connectors::postgres
