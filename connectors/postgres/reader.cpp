// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/reader.hpp"

#include "connectors/postgres/binary.hpp"
#include "connectors/postgres/copy_format.hpp"
#include "connectors/postgres/values.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace mapctl::connectors::postgres {
namespace {

using Row = std::vector<std::optional<std::string_view>>;

constexpr Oid money_type = 790;

std::string select_list(const Selection& selection) {
  std::string list;
  for (const ReadColumn& column : selection.columns) {
    const std::string name = quote_identifier(column.name.text);
    list += list.empty() ? "" : ", ";
    const Decoder decoder = decoder_of(column.type, column.kind);
    if (column.type == money_type) {
      list += name + "::numeric";  // its text depends on where the server thinks it is
    } else if (decoder == Decoder::by_server) {
      list += name + "::text";
    } else if (decoder == Decoder::bytes && selection.binary_prefix) {
      list += fmt::format("substring({} FROM 1 FOR {})", name, *selection.binary_prefix);
    } else {
      list += name;
    }
  }
  return list;
}

std::string select(const Selection& selection, const std::string& list) {
  return fmt::format("SELECT {} FROM {} {}", list, selection.from, selection.rest);
}

class CopyStream final : public RowStream {
 public:
  CopyStream(Connection& connection, const Selection& selection)
      : connection_{connection},
        format_{connection.object(), selection.columns.size()},
        checks_text_{has_unchecked_text(connection)} {
    for (const ReadColumn& column : selection.columns) {
      decoders_.push_back(column.type == money_type ? Decoder::numeric
                                                    : decoder_of(column.type, column.kind));
    }
    fields_.resize(decoders_.size());
    const std::string sql = fmt::format("COPY ({}) TO STDOUT (FORMAT binary)",
                                        select(selection, select_list(selection)));
    connection_.run(sql.c_str());
  }

  bool next(Row& row) override {
    if (at_end_) {
      return false;
    }
    const auto bytes = connection_.next_copy_row();
    if (!bytes || !format_.read(*bytes, row)) {
      end();
      return false;
    }
    convert(row);
    return true;
  }

 private:
  struct Field {
    std::size_t begin = 0;
    std::size_t size = 0;
    bool is_converted = false;
  };

  void convert(Row& row) {
    converted_.clear();
    for (std::size_t i = 0; i < decoders_.size(); ++i) {
      fields_[i].is_converted = false;
      if (!row[i]) {
        continue;
      }
      const std::string_view value = *row[i];
      const Decoder decoder = decoders_[i];
      if (decoder == Decoder::as_is || decoder == Decoder::by_server) {
        if (!checks_text_ || !first_invalid_utf8(value)) {
          continue;
        }
        begin_field(i);
        converted_ += to_valid_utf8(value);
      } else {
        begin_field(i);
        append_text(converted_, decoder, value);
      }
      fields_[i].size = converted_.size() - fields_[i].begin;
    }
    // The buffer has stopped moving.
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (fields_[i].is_converted) {
        row[i] = std::string_view{converted_}.substr(fields_[i].begin, fields_[i].size);
      }
    }
  }

  void begin_field(std::size_t index) {
    fields_[index].begin = converted_.size();
    fields_[index].is_converted = true;
  }

  void end() {
    at_end_ = true;
    while (connection_.next_copy_row()) {
    }
  }

  Connection& connection_;
  CopyFormat format_;
  bool checks_text_;
  std::vector<Decoder> decoders_{};
  std::vector<Field> fields_{};
  std::string converted_{};
  bool at_end_ = false;
};

class SelectStream final : public RowStream {
 public:
  SelectStream(Connection& connection, const Selection& selection) : connection_{connection} {
    std::string list;
    for (const ReadColumn& column : selection.columns) {
      list += (list.empty() ? "" : ", ") + quote_identifier(column.name.text);
    }
    const std::string sql = select(selection, list);
    connection_.require_sent(PQsendQuery(connection_.raw(), sql.c_str()));
    PQsetSingleRowMode(connection_.raw());
  }

  bool next(Row& row) override {
    if (at_end_) {
      return false;
    }
    result_ = connection_.next_result();
    if (PQresultStatus(result_.get()) != PGRES_SINGLE_TUPLE) {
      finish();
      return false;
    }
    const int count = PQnfields(result_.get());
    row.resize(static_cast<std::size_t>(count));
    converted_.resize(row.size());
    for (int i = 0; i < count; ++i) {
      row[static_cast<std::size_t>(i)] = value(i);
    }
    return true;
  }

 private:
  std::optional<std::string_view> value(int column) {
    if (PQgetisnull(result_.get(), 0, column) != 0) {
      return std::nullopt;
    }
    std::string_view text{PQgetvalue(result_.get(), 0, column),
                          static_cast<std::size_t>(PQgetlength(result_.get(), 0, column))};
    const Oid type = PQftype(result_.get(), column);
    if (type == bool_type) {
      return text == "t" ? "true" : "false";
    }
    if (type == bytea_type && text.starts_with("\\x")) {
      text.remove_prefix(2);
    }
    if (first_invalid_utf8(text)) {
      std::string& kept = converted_[static_cast<std::size_t>(column)];
      kept = to_valid_utf8(text);
      return kept;
    }
    return text;
  }

  void finish() {
    at_end_ = true;
    ResultHandle failed;
    bool is_complete = false;
    for (; result_; result_ = connection_.next_result()) {
      const ExecStatusType status = PQresultStatus(result_.get());
      is_complete = is_complete || status == PGRES_TUPLES_OK;
      if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
        failed = std::move(result_);
      }
    }
    if (failed) {
      connection_.fail(failed.get());
    }
    if (!is_complete) {
      connection_.fail_lost();
    }
  }

  Connection& connection_;
  ResultHandle result_{};
  std::vector<std::string> converted_{};
  bool at_end_ = false;
};

// The names that an unknown one may have been meant as.
[[noreturn]] void fail_no_table(Connection& connection, const Source& source,
                                const catalog::TableRef& table, const std::stop_token& stop) {
  ports::DiscoveryScope scope;
  const ScopeFilter filter{scope, source.schemas()};
  const Discovered found = source.dialect(connection) == Dialect::redshift
                               ? read_redshift(connection, source, filter, stop)
                               : read_postgres(connection, source, filter, stop);
  std::vector<std::string> known;
  for (const Relation& relation : found.relations) {
    known.push_back(catalog::to_string(relation.ref()));
  }
  const std::string name = catalog::to_string(table);
  throw Error{ErrorCode::not_found, fmt::format("{} has no table '{}'", connection.object(), name),
              known.empty() ? "it has no table that this role can see" : suggestion(name, known)};
}

// Patterns match what they are; a table may be called anything.
std::string literal(std::string_view name) {
  std::string pattern;
  for (const char c : name) {
    pattern += c == '*' || c == '?' || c == '[' ? std::string{'[', c, ']'} : std::string{c};
  }
  return pattern;
}

Relation find_table(Connection& connection, const Source& source, const catalog::TableRef& table,
                    const std::stop_token& stop) {
  ports::DiscoveryScope scope;
  if (!table.schema.empty()) {
    scope.schemas = catalog::NamePattern{literal(table.schema.text)};
  }
  scope.tables = catalog::NamePattern{literal(table.table.text)};
  const ScopeFilter filter{scope, source.schemas()};
  Discovered found = source.dialect(connection) == Dialect::redshift
                         ? read_redshift(connection, source, filter, stop)
                         : read_postgres(connection, source, filter, stop);
  for (Relation& relation : found.relations) {
    if (relation.table.name == table.table &&
        (table.schema.empty() || relation.schema == table.schema)) {
      return std::move(relation);
    }
  }
  fail_no_table(connection, source, table, stop);
}

class Reader final : public ports::RowReader {
 public:
  Reader(std::unique_ptr<Connection> connection, const Source& source,
         const catalog::TableRef& table, const std::stop_token& stop)
      : connection_{std::move(connection)} {
    const Relation relation = find_table(*connection_, source, table, stop);
    if (!relation.schema_is_open || !relation.is_readable) {
      const auto missing = missing_privileges(*connection_, {relation});
      throw Error{ErrorCode::denied,
                  fmt::format("{}: {}", missing.front().object, missing.front().message),
                  missing.front().hint};
    }
    for (const ReadColumn& column : relation.reading) {
      columns_.push_back(column.name);
    }
    transaction_.emplace(*connection_, source.begin(*connection_));
    rows_ = stream_rows(*connection_, source.dialect(*connection_),
                        {relation.reading, quote_table(relation.ref()), {}, {}});
  }

  ~Reader() override {
    // What is left of the rows is not worth waiting for.
    if (!at_end_) {
      connection_->close();
    }
  }

  std::span<const catalog::ColumnName> columns() const override { return columns_; }

  bool next(Row& row) override {
    if (at_end_ || !rows_->next(row)) {
      if (!std::exchange(at_end_, true)) {
        transaction_->commit();
      }
      return false;
    }
    return true;
  }

 private:
  std::unique_ptr<Connection> connection_;
  std::vector<catalog::ColumnName> columns_{};
  std::optional<ReadTransaction> transaction_{};
  std::unique_ptr<RowStream> rows_{};
  bool at_end_ = false;
};

}  // namespace

std::unique_ptr<RowStream> copy_rows(Connection& connection, const Selection& selection) {
  return std::make_unique<CopyStream>(connection, selection);
}

std::unique_ptr<RowStream> select_rows(Connection& connection, const Selection& selection) {
  return std::make_unique<SelectStream>(connection, selection);
}

std::unique_ptr<RowStream> stream_rows(Connection& connection, Dialect dialect,
                                       const Selection& selection) {
  return dialect == Dialect::redshift ? select_rows(connection, selection)
                                      : copy_rows(connection, selection);
}

std::unique_ptr<ports::RowReader> make_reader(std::unique_ptr<Connection> connection,
                                              const Source& source, const catalog::TableRef& table,
                                              const std::stop_token& stop) {
  return std::make_unique<Reader>(std::move(connection), source, table, stop);
}

}  // namespace mapctl::connectors::postgres
