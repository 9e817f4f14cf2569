// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <duckdb.h>

#include <exception>

namespace mapctl::connectors::duckdb {

// The C API takes the address of a handle and nulls it, so unique_ptr does not fit.
template <class T, auto Release>
class DuckHandle {
 public:
  DuckHandle() = default;
  DuckHandle(DuckHandle&& other) noexcept : raw_{other.raw_} { other.raw_ = nullptr; }
  DuckHandle& operator=(DuckHandle&& other) noexcept {
    if (this != &other) {
      reset();
      raw_ = other.raw_;
      other.raw_ = nullptr;
    }
    return *this;
  }
  ~DuckHandle() { reset(); }

  T get() const noexcept { return raw_; }
  // For a call that fills the handle.
  T* out() noexcept {
    reset();
    return &raw_;
  }
  void reset() noexcept {
    if (raw_ != nullptr) {
      Release(&raw_);
      raw_ = nullptr;
    }
  }

 private:
  T raw_ = nullptr;
};

using DatabaseHandle = DuckHandle<duckdb_database, &duckdb_close>;
using ConfigHandle = DuckHandle<duckdb_config, &duckdb_destroy_config>;
using StatementHandle = DuckHandle<duckdb_prepared_statement, &duckdb_destroy_prepare>;
using PendingHandle = DuckHandle<duckdb_pending_result, &duckdb_destroy_pending>;
using ChunkHandle = DuckHandle<duckdb_data_chunk, &duckdb_destroy_data_chunk>;
using LogicalTypeHandle = DuckHandle<duckdb_logical_type, &duckdb_destroy_logical_type>;

// A result is a struct, not a pointer.
class ResultHandle {
 public:
  ResultHandle() = default;
  ResultHandle(const ResultHandle&) = delete;
  ResultHandle& operator=(const ResultHandle&) = delete;
  ~ResultHandle() { duckdb_destroy_result(&raw_); }
  duckdb_result* get() noexcept { return &raw_; }

 private:
  duckdb_result raw_{};
};

// Ends the query that still runs. DuckDB does so itself, but not while an exception is under way:
// its threads then go on with the query in memory that is gone.
inline void close_connection(duckdb_connection* connection) noexcept {
  if (std::uncaught_exceptions() > 0) {
    duckdb_interrupt(*connection);
    ResultHandle result;
    // What comes next cancels what came before.
    duckdb_query(*connection, "SELECT 1", result.get());
  }
  duckdb_disconnect(connection);
}
using ConnectionHandle = DuckHandle<duckdb_connection, &close_connection>;

}  // namespace mapctl::connectors::duckdb
