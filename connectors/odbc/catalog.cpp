// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/catalog.hpp"

#include "core/base/error.hpp"
#include "core/base/thread.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace mapctl::connectors::odbc {
namespace {

constexpr std::size_t most_named = 10'000;  // tables in one statement

struct Narrowed {
  std::string conditions{};
  std::vector<Parameter> parameters{};
};

struct Question {
  const Dialect& dialect;
  const ports::DiscoveryScope& scope;
  std::span<const catalog::TableRef> only{};  // these tables; empty: all
  std::string_view share{};                   // a condition more for columns
};

// "(schema = ? AND table IN (?, ?)) OR ..." for tables that are sorted.
void narrow_to(Narrowed& result, const CatalogQuery& query,
               std::span<const catalog::TableRef> tables) {
  const auto add = [&](const std::string& value) {
    result.parameters.push_back({Parameter::Kind::text, value});
  };
  result.conditions += " AND (";
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (i == 0 || tables[i].schema != tables[i - 1].schema) {
      result.conditions +=
          fmt::format("{}({} = ? AND {} IN (?", i == 0 ? "" : ")) OR ", query.schema, query.table);
      add(tables[i].schema.text);
    } else {
      result.conditions += ", ?";
    }
    add(tables[i].table.text);
  }
  result.conditions += ")))";
}

// A scope that names one schema or one table is narrowed by the server.
Narrowed narrow(const Connection& connection, const Question& question, const CatalogQuery& query) {
  Narrowed result;
  if (!question.only.empty() && !query.schema.empty() && !query.table.empty()) {
    narrow_to(result, query, question.only);
    return result;
  }
  const auto add = [&](std::string_view expression, const std::string& value) {
    if (!expression.empty()) {
      result.conditions += fmt::format(" AND {} = ?", expression);
      result.parameters.push_back({Parameter::Kind::text, value});
    }
  };
  const std::string& database = connection.settings().database;
  if (query.shape == Shape::columns) {
    result.conditions += question.share;
  }
  const ports::DiscoveryScope& scope = question.scope;
  if (question.dialect.database_is_schema && !database.empty()) {
    add(query.schema, database);
  } else if (scope.schemas.is_literal()) {
    add(query.schema, scope.schemas.text());
  }
  // A name with a point may hold the schema.
  if (scope.tables.is_literal() && scope.tables.text().find('.') == std::string::npos) {
    add(query.table, scope.tables.text());
  }
  return result;
}

void run(const Connection& connection, const Question& question, const CatalogQuery& query,
         CatalogBuilder& builder, const std::stop_token& stop) {
  const Narrowed narrowed = narrow(connection, question, query);
  Cursor cursor{connection, stop};
  cursor.execute(fmt::format(fmt::runtime(query.sql), narrowed.conditions), narrowed.parameters);
  std::vector<Field> row(cursor.columns());
  while (cursor.next()) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = cursor.is_null(i) ? Field{} : Field{cursor.text(i)};
    }
    if (question.dialect.translate != nullptr) {
      question.dialect.translate(query.shape, row);
    }
    builder.add(query.shape, row);
  }
}

// Whether a poorer question may still be answered.
bool may_ask_otherwise(const Error& problem) {
  switch (problem.code()) {
    case ErrorCode::cancelled:
    case ErrorCode::unreachable:
    case ErrorCode::busy:
    case ErrorCode::resource_limit: return false;
    default: return true;
  }
}

enum class Part : std::uint8_t { needed, wished };

// The first of the queries that the server answers. What is only wished for becomes a warning.
void ask(const Connection& connection, const Question& question,
         std::span<const CatalogQuery> queries, Part part, std::string_view what,
         CatalogBuilder& builder, const std::stop_token& stop) {
  for (std::size_t i = 0; i < queries.size(); ++i) {
    try {
      run(connection, question, queries[i], builder, stop);
      return;
    } catch (const Error& problem) {
      const bool is_last = i + 1 == queries.size();
      if (!may_ask_otherwise(problem) || (is_last && part == Part::needed)) {
        throw;
      }
      if (is_last) {
        builder.warn({fmt::format("{} of {}", what, connection.object()), problem.what(),
                      problem.facts().hint});
      }
    }
  }
}

void ask_tables(const Connection& connection, const Question& question, CatalogBuilder& builder,
                const std::stop_token& stop) {
  ask(connection, question, question.dialect.tables, Part::needed, "tables", builder, stop);
}

void ask_columns(const Connection& connection, const Question& question, CatalogBuilder& builder,
                 const std::stop_token& stop) {
  ask(connection, question, question.dialect.columns, Part::needed, "columns", builder, stop);
}

// In full, of those tables where something did not fit.
void ask_whole_columns(const Connection& connection, Question question, CatalogBuilder& builder,
                       const std::stop_token& stop) {
  question.share = {};
  const std::vector<catalog::TableRef> cut = builder.forget_cut_columns();
  for (std::size_t first = 0; first < cut.size(); first += most_named) {
    question.only = std::span{cut}.subspan(first, std::min(most_named, cut.size() - first));
    ask(connection, question, question.dialect.whole_columns, Part::needed, "columns", builder,
        stop);
  }
}

void ask_wishes(const Connection& connection, const Question& question, CatalogBuilder& builder,
                const std::stop_token& stop) {
  const Dialect& dialect = question.dialect;
  ask(connection, question, dialect.keys, Part::wished, "keys", builder, stop);
  ask(connection, question, dialect.references, Part::wished, "foreign keys", builder, stop);
  ask(connection, question, dialect.row_counts, Part::wished, "row counts", builder, stop);
}

void ask_all(const Connection& connection, const Question& question, CatalogBuilder& builder,
             const std::stop_token& stop) {
  ask_tables(connection, question, builder, stop);
  ask_columns(connection, question, builder, stop);
  ask_wishes(connection, question, builder, stop);
}

// Half of the work over each of two connections, in a thread of its own for the other one: while
// one of them waits for the server, the other puts together what came.
void ask_by_halves(const Connection& connection, Question question, CatalogBuilder& builder,
                   const std::stop_token& stop, const OtherConnection& other) {
  question.share = question.dialect.shares[1];
  bool is_connected = false;
  std::exception_ptr problem;
  CatalogBuilder columns{question.dialect, question.scope};
  columns.expect_columns_first();
  {
    const auto companion = start_thread([&]() noexcept {
      try {
        const std::shared_ptr<const Connection> second = other();
        is_connected = true;
        ask_all(*second, question, builder, stop);
      } catch (...) {
        problem = std::current_exception();
      }
    });
    Question mine = question;
    mine.share = question.dialect.shares[0];
    ask_columns(connection, mine, columns, stop);
  }
  if (!is_connected) {
    ask_all(connection, question, builder, stop);
  } else if (problem) {
    std::rethrow_exception(problem);
  }
  builder.take_columns(std::move(columns));
  ask_whole_columns(connection, question, builder, stop);
}

}  // namespace

catalog::Catalog read_catalog(const Connection& connection, const Dialect& dialect,
                              const ports::DiscoveryScope& scope, const std::stop_token& stop,
                              const OtherConnection& other) {
  const Question question{dialect, scope};
  auto builder = std::make_unique<CatalogBuilder>(dialect, scope);
  bool standard = dialect.tables.empty();
  if (other && !dialect.shares[0].empty()) {
    ask_by_halves(connection, question, *builder, stop, other);
  } else if (!standard) {
    try {
      ask_tables(connection, question, *builder, stop);
      ask_columns(connection, question, *builder, stop);
      ask_whole_columns(connection, question, *builder, stop);
    } catch (const Error& problem) {
      // Servers that only speak like it may lack its views.
      if (!may_ask_otherwise(problem) || dialect.database_is_schema) {
        throw;
      }
      standard = true;
      builder = std::make_unique<CatalogBuilder>(dialect, scope);
    }
    if (!standard) {
      ask_wishes(connection, question, *builder, stop);
    }
  }
  if (standard) {
    read_standard_catalog(connection, dialect, scope, *builder, stop);
  }
  if (builder->tables().empty() && scope.tables.matches_all() && scope.schemas.matches_all()) {
    builder->warn(
        {connection.object(), "the user sees no table in it", std::string{dialect.grant}});
  }
  return builder->finish();
}

std::optional<std::string> read_change_mark(const Connection& connection, const Dialect& dialect,
                                            const std::stop_token& stop) {
  const ports::DiscoveryScope everything;
  CatalogBuilder builder{dialect, everything};
  for (const auto& part : dialect.marks) {
    ask(connection, {dialect, everything}, part, Part::needed, "change marks", builder, stop);
  }
  return dialect.marks.empty() ? std::nullopt : std::optional{builder.mark()};
}

}  // namespace mapctl::connectors::odbc
