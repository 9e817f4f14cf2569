// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/session.hpp"

#include "connectors/duckdb/errors.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

namespace mapctl::connectors::duckdb {
namespace {

std::string_view text_at(duckdb_vector vector, idx_t row) {
  auto* strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
  return {duckdb_string_t_data(&strings[row]), duckdb_string_t_length(strings[row])};
}

bool valid_at(duckdb_vector vector, idx_t row) {
  auto* validity = duckdb_vector_get_validity(vector);
  return validity == nullptr || duckdb_validity_row_is_valid(validity, row);
}

}  // namespace

std::string quote_literal(std::string_view text) {
  return "'" + replace_all(text, "'", "''") + "'";
}

duckdb_connection Session::connection() {
  if (connection_.get() == nullptr) {
    open();
  }
  return connection_.get();
}

void Session::open() {
  auto engine = Engine::shared();
  engine->connect(connection_);
  engine_ = std::move(engine);
  if (megabytes_ > 0) {
    engine_->allow_megabytes(megabytes_);
  }
  // The time zone decides how moments are printed, and must not depend on the machine.
  execute("SET TimeZone = 'UTC'");
  execute("SET home_directory = " + quote_literal((engine_->directory() / "home").string()));
}

Engine::ScanPermit Session::scan_permit(const std::stop_token& stop) {
  static_cast<void>(connection());
  return Engine::scan(engine_, stop);
}

std::string Session::show(const std::filesystem::path& file) {
  const auto absolute = std::filesystem::absolute(file);
  auto known = std::find(shown_.begin(), shown_.end(), absolute);
  const auto number = static_cast<std::size_t>(known - shown_.begin());
  const bool compressed = to_lower(absolute.extension().string()) == ".gz";
  const auto link = directory_.path() / fmt::format("file{}{}", number, compressed ? ".gz" : "");
  if (known == shown_.end()) {
    std::error_code failure;
    std::filesystem::create_symlink(absolute, link, failure);
    if (failure) {
      throw_io_error(failure.value(), "create", link);
    }
    shown_.push_back(absolute);
  }
  return quote_literal(link.string());
}

void Session::make_room(std::size_t columns) {
  // 2,048 values of 16 bytes a column, in some copies for each thread.
  constexpr std::size_t columns_a_megabyte = 4;
  constexpr std::size_t most_megabytes = 2048;
  const auto needed =
      static_cast<std::int64_t>(std::min(columns / columns_a_megabyte, most_megabytes));
  if (needed <= megabytes_) {
    return;
  }
  megabytes_ = needed;
  if (engine_) {
    engine_->allow_megabytes(needed);
  }
}

StatementHandle Session::prepare(const std::string& sql) {
  StatementHandle statement;
  if (duckdb_prepare(connection(), sql.c_str(), statement.out()) == DuckDBError) {
    throw DuckError{duckdb_prepare_error(statement.get())};
  }
  return statement;
}

std::vector<ResultColumn> Session::describe(const std::string& sql) {
  const auto statement = prepare(sql);
  std::vector<ResultColumn> columns;
  const auto count = duckdb_prepared_statement_column_count(statement.get());
  columns.reserve(count);
  for (idx_t i = 0; i < count; ++i) {
    ResultColumn column;
    const char* name = duckdb_prepared_statement_column_name(statement.get(), i);
    column.name = name;
    duckdb_free(const_cast<char*>(name));
    *column.type.out() = duckdb_prepared_statement_column_logical_type(statement.get(), i);
    columns.push_back(std::move(column));
  }
  return columns;
}

std::unique_ptr<ResultHandle> Session::run(const std::string& sql, std::stop_token stop,
                                           bool streaming) {
  const auto statement = prepare(sql);
  PendingHandle pending;
  const auto state = streaming ? duckdb_pending_prepared_streaming(statement.get(), pending.out())
                               : duckdb_pending_prepared(statement.get(), pending.out());
  if (state == DuckDBError) {
    throw DuckError{duckdb_pending_error(pending.get())};
  }
  for (;;) {
    if (stop.stop_requested()) {
      duckdb_interrupt(connection_.get());
      throw Error{ErrorCode::cancelled, "reading files was cancelled"};
    }
    const auto step = duckdb_pending_execute_task(pending.get());
    if (step == DUCKDB_PENDING_ERROR) {
      throw DuckError{duckdb_pending_error(pending.get())};
    }
    if (duckdb_pending_execution_is_finished(step)) {
      break;
    }
    if (step == DUCKDB_PENDING_NO_TASKS_AVAILABLE) {
      // The other threads hold what is left to do.
      std::this_thread::sleep_for(std::chrono::microseconds{100});
    }
  }
  auto result = std::make_unique<ResultHandle>();
  if (duckdb_execute_pending(pending.get(), result->get()) == DuckDBError) {
    throw DuckError{duckdb_result_error(result->get())};
  }
  return result;
}

std::vector<std::vector<std::optional<std::string>>> Session::rows(const std::string& sql,
                                                                   std::stop_token stop) {
  RowStream rows{run(sql, stop, false), stop};
  std::vector<std::vector<std::optional<std::string>>> all;
  std::vector<std::optional<std::string_view>> row;
  while (rows.next(row)) {
    auto& kept = all.emplace_back();
    kept.reserve(row.size());
    for (const auto& value : row) {
      kept.push_back(value ? std::optional<std::string>{*value} : std::nullopt);
    }
  }
  return all;
}

RowStream Session::stream(const std::string& sql, std::stop_token stop) {
  return RowStream{run(sql, stop, true), stop};
}

void Session::execute(const std::string& sql) {
  ResultHandle result;
  if (duckdb_query(connection(), sql.c_str(), result.get()) == DuckDBError) {
    throw DuckError{duckdb_result_error(result.get())};
  }
}

RowStream::RowStream(std::unique_ptr<ResultHandle> result, std::stop_token stop)
    : result_{std::move(result)}, stop_{std::move(stop)} {}

bool RowStream::fetch() {
  if (stop_.stop_requested()) {
    throw Error{ErrorCode::cancelled, "reading files was cancelled"};
  }
  *chunk_.out() = duckdb_fetch_chunk(*result_->get());
  if (chunk_.get() == nullptr) {
    if (const char* message = duckdb_result_error(result_->get());
        message != nullptr && *message != '\0') {
      throw DuckError{message};
    }
    return false;
  }
  rows_ = duckdb_data_chunk_get_size(chunk_.get());
  at_ = 0;
  return rows_ > 0;
}

bool RowStream::next(std::vector<std::optional<std::string_view>>& row) {
  if (at_ == rows_ && !fetch()) {
    rows_ = at_ = 0;
    return false;
  }
  const auto columns = duckdb_data_chunk_get_column_count(chunk_.get());
  row.resize(columns);
  for (idx_t column = 0; column < columns; ++column) {
    auto* vector = duckdb_data_chunk_get_vector(chunk_.get(), column);
    row[column] = valid_at(vector, at_) ? std::optional{text_at(vector, at_)} : std::nullopt;
  }
  ++at_;
  return true;
}

}  // namespace mapctl::connectors::duckdb
