// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/link.hpp"

#include "connectors/postgres/values.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <exception>
#include <utility>

namespace mapctl::connectors::postgres {
namespace {

// Answers of so many statements fit into the buffers between the two processes, so that neither
// waits for the other to read.
constexpr std::size_t most_sent_ahead = 200;
constexpr auto tenant_statement = "mapctl_tenant";

std::string set_up_of(const Url& url) {
  // A pooler keeps these two for a client; all else belongs to a connection that others use too.
  std::string sql = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'";
  if (!url.pgbouncer) {
    sql += "; SET client_min_messages = warning";
    if (!url.schema.empty()) {
      sql += "; SET search_path = " + quote_identifier(url.schema);
    }
    // The connection is this session's alone, so what is set once holds for all that follows.
    sql += fmt::format(
        "; PREPARE {} (text) AS SELECT pg_catalog.set_config('mapctl.tenant', $1, false)",
        tenant_statement);
  }
  return sql;
}

// Fewer rows than this are sent one by one: asking for the types takes longer.
constexpr std::size_t fewest_gathered = 8;

// libpq's arrays over the values.
struct Arrays {
  explicit Arrays(const Parameters& parameters) {
    for (const Parameters::Value& value : parameters.values) {
      values.push_back(value.is_null ? nullptr : value.bytes.c_str());
      lengths.push_back(static_cast<int>(value.bytes.size()));
      formats.push_back(value.is_binary ? 1 : 0);
    }
  }
  int count() const noexcept { return static_cast<int>(values.size()); }
  std::vector<const char*> values{};
  std::vector<int> lengths{};
  std::vector<int> formats{};
};

}  // namespace

Link::Link(const Url& url, std::stop_token stop)
    : url_{url}, connection_{url.libpq, set_up_of(url), std::move(stop)} {}

void Link::make_ready() {
  if (has_rows_) {
    post_rows();
  }
  clear_way();
}

// As make_ready(), but for rows that wait.
void Link::clear_way() {
  if (streaming_ != nullptr) {
    streaming_->keep_rest();
  } else if (unread_ > 0) {
    finish_posts();
  }
  if (connection_.raw() == nullptr || !connection_.is_usable()) {
    if (in_transaction) {
      connection_.fail_lost();
    }
    connection_.connect();
  }
  if (prepared_generation_ != connection_.generation()) {
    prepared_generation_ = connection_.generation();
    prepared_.clear();
    tenant_of_connection_ = "";
  }
}

std::string Link::local_settings() const {
  std::string settings;
  if (!tenant_.empty() || (prepares() && tenant_of_connection_ != tenant_)) {
    settings += fmt::format("pg_catalog.set_config('mapctl.tenant', {}, true)",
                            connection_.quote_literal(tenant_));
  }
  if (url_.pgbouncer && !url_.schema.empty()) {
    settings += fmt::format("{}pg_catalog.set_config('search_path', {}, true)",
                            settings.empty() ? "" : ", ",
                            connection_.quote_literal(quote_identifier(url_.schema)));
  }
  return settings.empty() ? settings : "SELECT " + settings;
}

const std::string* Link::prepared_name(const std::string& sql) {
  const auto found = prepared_.find(sql);
  return found == prepared_.end() ? nullptr : &found->second;
}

void Link::send(const std::string& sql, const Parameters& parameters,
                const std::vector<Oid>& types) {
  const Arrays arrays{parameters};
  if (prepares()) {
    connection_.require_sent(PQsendQueryPrepared(connection_.raw(), prepared_name(sql)->c_str(),
                                                 arrays.count(), arrays.values.data(),
                                                 arrays.lengths.data(), arrays.formats.data(), 0));
  } else {
    connection_.require_sent(PQsendQueryParams(
        connection_.raw(), sql.c_str(), arrays.count(), types.empty() ? nullptr : types.data(),
        arrays.values.data(), arrays.lengths.data(), arrays.formats.data(), 0));
  }
}

void Link::send_settings() {
  if (prepares()) {
    const char* value = tenant_.c_str();
    connection_.require_sent(
        PQsendQueryPrepared(connection_.raw(), tenant_statement, 1, &value, nullptr, nullptr, 0));
  } else {
    connection_.require_sent(PQsendQueryParams(connection_.raw(), local_settings().c_str(), 0,
                                               nullptr, nullptr, nullptr, nullptr, 0));
  }
}

void Link::start(Streaming& who, const std::string& sql, const Parameters& parameters) {
  make_ready();
  const bool sets = !in_transaction &&
                    (prepares() ? tenant_of_connection_ != tenant_ : !local_settings().empty());
  const bool must_prepare = prepares() && prepared_name(sql) == nullptr;
  streaming_ = &who;
  try {
    if (sets || must_prepare) {
      // All until the synchronisation is one transaction and one round trip.
      connection_.require_sent(PQenterPipelineMode(connection_.raw()));
      in_pipeline_ = true;
      if (sets) {
        if (prepares()) {
          tenant_of_connection_.reset();  // until the statement has succeeded
          tenant_being_set_ = tenant_;
        }
        send_settings();
        ++unread_;
      }
      if (must_prepare) {
        const std::string name = fmt::format("mapctl_{}", ++names_given_);
        connection_.require_sent(
            PQsendPrepare(connection_.raw(), name.c_str(), sql.c_str(), 0, nullptr));
        prepared_.emplace(sql, name);
        preparing_.push_back(sql);
        ++unread_;
      }
      send(sql, parameters, {});
      connection_.require_sent(PQpipelineSync(connection_.raw()));
      read_ahead_of_rows();
    } else {
      send(sql, parameters, {});
    }
    PQsetSingleRowMode(connection_.raw());
  } catch (const Error&) {
    finish_rows();
    throw;
  }
}

// All results of one statement and the null at their end. libpq may still be in the mode of single
// rows from the statement before, and then gives a row and an end.
void Link::read_answer() {
  ResultHandle result = connection_.next_result();
  if (!result) {
    connection_.fail_lost();
  }
  for (; result; result = connection_.next_result()) {
    connection_.check(result.get());
  }
}

void Link::read_ahead_of_rows() {
  for (; unread_ > 0; --unread_) {
    read_answer();
  }
  preparing_.clear();
}

ResultHandle Link::next_row() {
  ResultHandle result;
  try {
    result = connection_.next_result();
    if (!result) {
      connection_.fail_lost();
    }
    connection_.check(result.get());
  } catch (const Error&) {
    finish_rows();
    throw;
  }
  if (PQresultStatus(result.get()) == PGRES_SINGLE_TUPLE) {
    return result;
  }
  const std::string_view count = PQcmdTuples(result.get());
  if (!std::string_view{PQcmdStatus(result.get())}.starts_with("SELECT")) {
    changes = 0;
    std::from_chars(count.data(), count.data() + count.size(), changes);
  }
  if (tenant_being_set_) {
    tenant_of_connection_ = std::move(tenant_being_set_);
  }
  finish_rows();
  return nullptr;
}

void Link::finish_rows() {
  streaming_ = nullptr;
  tenant_being_set_.reset();
  unread_ = 0;
  for (const std::string& sql : preparing_) {
    prepared_.erase(sql);  // its answer was not seen
  }
  preparing_.clear();
  if (in_pipeline_) {
    leave_pipeline();
    return;
  }
  while (connection_.raw() != nullptr && connection_.next_result()) {
  }
}

void Link::leave_pipeline() {
  in_pipeline_ = false;
  // Up to the synchronisation; two ends in a row come only from a connection that is gone.
  int ends = 0;
  while (connection_.raw() != nullptr && ends < 2) {
    const ResultHandle result = connection_.next_result();
    if (!result) {
      ++ends;
      continue;
    }
    ends = 0;
    if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) {
      break;
    }
  }
  if (connection_.raw() != nullptr && PQexitPipelineMode(connection_.raw()) == 0) {
    connection_.close();
  }
}

void Link::post(const std::string& sql, const Parameters& parameters) {
  if (has_rows_) {
    post_rows();
  }
  post_now(sql, parameters);
}

void Link::post_row(const std::string& sql, const Parameters& parameters) {
  RowBlock& block = rows_.try_emplace(sql, sql).first->second;
  if (!block.fits(parameters)) {
    post_rows(block);
  }
  block.add(parameters);
  has_rows_ = true;
  if (block.is_full()) {
    post_rows(block);
  }
}

void Link::post_rows() {
  has_rows_ = false;
  for (auto& [sql, block] : rows_) {
    post_rows(block);
  }
}

void Link::post_rows(RowBlock& block) {
  if (block.rows() >= fewest_gathered && !block.knows_types()) {
    block.set_types(parameter_types(block.sql()));
  }
  if (block.rows() >= fewest_gathered && block.can_gather()) {
    const RowBlock::Gathered all = block.gather();
    block.clear();
    post_now(all.sql, all.parameters, all.types);
    return;
  }
  std::vector<Parameters> rows;
  for (std::size_t row = 0; row < block.rows(); ++row) {
    rows.push_back(block.row(row));
  }
  block.clear();
  for (const Parameters& row : rows) {
    post_now(block.sql(), row);
  }
}

// As the server infers them. The statement has no name: it is used once, and a pooler knows none.
ResultHandle Link::describe(const std::string& sql) {
  try {
    connection_.require_sent(PQsendPrepare(connection_.raw(), "", sql.c_str(), 0, nullptr));
    read_answer();
    connection_.require_sent(PQsendDescribePrepared(connection_.raw(), ""));
    ResultHandle described;
    while (ResultHandle result = connection_.next_result()) {
      connection_.check(result.get());
      described = std::move(result);
    }
    if (!described) {
      connection_.fail_lost();
    }
    return described;
  } catch (const Error&) {
    finish_rows();  // frees the connection
    throw;
  }
}

std::vector<Oid> Link::parameter_types(const std::string& sql) {
  clear_way();
  const ResultHandle described = describe(sql);
  std::vector<Oid> types;
  for (int i = 0; i < PQnparams(described.get()); ++i) {
    types.push_back(PQparamtype(described.get(), i));
  }
  return types;
}

std::vector<Oid> Link::column_types(const std::string& sql) {
  make_ready();
  const ResultHandle described = describe(sql);
  std::vector<Oid> types;
  for (int i = 0; i < PQnfields(described.get()); ++i) {
    types.push_back(PQftype(described.get(), i));
  }
  return types;
}

void Link::start_copy(Streaming& who, const std::string& sql) {
  make_ready();
  if (!in_transaction) {
    throw Error{ErrorCode::internal, "rows are copied outside a transaction"};
  }
  connection_.run(sql.c_str());
  streaming_ = &who;
  is_copying_ = true;
}

std::optional<std::string_view> Link::next_copied() {
  std::optional<std::string_view> row;
  try {
    row = connection_.next_copy_row();
  } catch (const Error&) {
    streaming_ = nullptr;
    is_copying_ = false;
    throw;
  }
  if (!row) {
    streaming_ = nullptr;
    is_copying_ = false;
  }
  return row;
}

void Link::post_now(const std::string& sql, const Parameters& parameters,
                    const std::vector<Oid>& types) {
  if (streaming_ != nullptr || unread_ == 0) {
    clear_way();
  }
  if (!in_transaction) {
    throw Error{ErrorCode::internal, "a statement is sent ahead outside a transaction"};
  }
  if (!in_pipeline_) {
    connection_.require_sent(PQenterPipelineMode(connection_.raw()));
    in_pipeline_ = true;
  }
  if (prepares() && prepared_name(sql) == nullptr) {
    const std::string name = fmt::format("mapctl_{}", ++names_given_);
    connection_.require_sent(PQsendPrepare(connection_.raw(), name.c_str(), sql.c_str(),
                                           static_cast<int>(types.size()),
                                           types.empty() ? nullptr : types.data()));
    prepared_.emplace(sql, name);
    preparing_.push_back(sql);
    ++unread_;
  }
  send(sql, parameters, types);
  if (++unread_ >= most_sent_ahead) {
    finish_posts();
  }
}

void Link::finish_posts() {
  std::exception_ptr problem;
  const std::size_t sent = std::exchange(unread_, 0);
  try {
    connection_.require_sent(PQpipelineSync(connection_.raw()));
    for (std::size_t i = 0; i < sent; ++i) {
      read_answer();  // throws at the first error; the others behind it were not run
    }
    preparing_.clear();
  } catch (const Error&) {
    problem = std::current_exception();
  }
  for (const std::string& sql : preparing_) {
    prepared_.erase(sql);
  }
  preparing_.clear();
  leave_pipeline();
  if (problem) {
    std::rethrow_exception(problem);
  }
}

void Link::abandon() noexcept {
  has_rows_ = false;
  for (auto& [sql, block] : rows_) {
    block.clear();
  }
  try {
    if (is_copying_) {
      while (next_copied()) {
      }
    } else if (streaming_ != nullptr) {
      while (next_row()) {
      }
    } else if (unread_ > 0) {
      finish_posts();
    }
  } catch (const std::exception&) {
    // Both leave the connection free, or closed.
  }
}

void Link::forget(const Streaming& who) noexcept {
  if (streaming_ == &who) {
    abandon();
  }
}

}  // namespace mapctl::connectors::postgres
