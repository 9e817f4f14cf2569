// SPDX-License-Identifier: Apache-2.0
#include "connectors/mongodb/collection.hpp"

#include "core/base/json_text.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

namespace mapctl::connectors::mongodb {
namespace {

using catalog::RecordColumn;
using catalog::RecordForm;
constexpr RecordForm form = RecordForm::extended_json;

bool is_unauthorized(const Error& error) {
  return error.code() == ErrorCode::denied && error.facts().native_code == "MongoDB 13";
}

// What the server has noted, without counting; nothing where it does not tell.
std::optional<std::int64_t> noted_count(Client& client, const Collection& collection,
                                        const std::stop_token& stop) {
  if (collection.is_view) {
    return std::nullopt;
  }
  Json ask = Json::object();
  ask["count"] = collection.name;
  const Json answer = client.command(collection.database, ask,
                                     object_of(collection.database, collection.name), stop);
  const auto found = answer.find("n");
  const std::string text =
      found == answer.end() ? std::string{} : catalog::record_text(*found, form);
  double count = -1;  // some servers say it as a double
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count < 0 ? std::nullopt : std::optional{static_cast<std::int64_t>(count)};
}

std::int64_t add_all(Documents documents, catalog::ShapeBuilder& builder) {
  Json document;
  while (documents.next(document)) {
    builder.add(document);
  }
  return builder.records();
}

Json stage(const char* name, Json value) {
  Json one = Json::object();
  one[name] = std::move(value);
  return Json::array({std::move(one)});
}

void finish_columns(const Collection& collection, Sample& made) {
  apply(collection.validator, made.shape);
  auto& columns = made.shape.columns;
  if (!made.is_whole) {
    std::sort(columns.begin(), columns.end(),
              [](const RecordColumn& left, const RecordColumn& right) {
                const auto key = [](const RecordColumn& one) {
                  return std::tuple{one.path.front() != "_id", one.column.name.text};
                };
                return key(left) < key(right);
              });
  }
  int position = 0;
  for (RecordColumn& column : columns) {
    column.column.position = ++position;
    column.column.type.native =
        column.column.type.native.empty() ? "null" : column.column.type.native;
  }
}

// "address.city, since descending; unique"
std::string text_of_index(const Json& index) {
  std::vector<std::string> keys, traits;
  for (const auto& [name, order] : index["key"].items()) {
    const std::string how = catalog::record_text(order, form);
    const bool is_plain = how == "1" || how == "1.0";
    keys.push_back(is_plain ? name : name + (how.starts_with('-') ? " descending" : " " + how));
  }
  for (const char* trait : {"unique", "sparse", "hidden"}) {
    if (flag_in(index, trait)) {
      traits.emplace_back(trait);
    }
  }
  if (index.contains("partialFilterExpression")) {
    traits.emplace_back("partial");
  }
  if (const auto after = index.find("expireAfterSeconds"); after != index.end()) {
    traits.push_back(fmt::format("expires after {} s", catalog::record_text(*after, form)));
  }
  return join(keys, ", ") + (traits.empty() ? "" : "; " + join(traits, ", "));
}

// A unique index of one field, over all documents, tells that its values differ.
void apply_indexes(Client& client, const Collection& collection, const std::stop_token& stop,
                   catalog::Table& table, const catalog::Shape& shape) {
  Documents indexes = client.indexes(collection.database, collection.name, stop);
  Json index;
  while (indexes.next(index)) {
    const auto key = index.find("key");
    const std::string name = text_in(index, "name");
    // That of the key is always there.
    if (key == index.end() || !key->is_object() || key->empty() || name == "_id_") {
      continue;
    }
    table.properties.push_back({"index " + name, text_of_index(index)});
    if (!flag_in(index, "unique") || key->size() != 1 ||
        index.contains("partialFilterExpression")) {
      continue;
    }
    for (std::size_t i = 0; i < shape.columns.size(); ++i) {
      table.columns[i].unique =
          table.columns[i].unique || join(shape.columns[i].path, ".") == key->begin().key();
    }
  }
}

void profile(Client& client, const Collection& collection, const Sample& sampled,
             const ports::DiscoveryScope& scope, const std::stop_token& stop,
             catalog::Table& table) {
  const std::int64_t limit = std::max<std::int64_t>(1, scope.statistics_rows);
  catalog::RecordProfile pass{sampled.shape, form};
  Documents documents = client.read(collection.database, collection.name, Json::array(), stop);
  Json document;
  bool ended = false;
  while (!ended && pass.records() < limit) {
    ended = !documents.next(document);
    if (!ended) {
      pass.add(document);
    }
  }
  if (ended) {
    table.row_count = pass.records();
    table.row_count_is_estimate = false;
  }
  pass.finish(table, !ended, scope.protect_personal_data);
}

}  // namespace

Collections collections_of(Client& client, const std::string& database,
                           const std::stop_token& stop) {
  Collections found;
  std::vector<Json> list;
  try {
    list = client.collections(database, Json::object(), stop).all();
  } catch (const Error& error) {
    if (!is_unauthorized(error)) {
      throw;
    }
    Json own = Json::object();
    own["nameOnly"] = true;
    own["authorizedCollections"] = true;
    list = client.collections(database, own, stop).all();
    found.missing = catalog::DiscoveryWarning{
        object_of(database), "the user may not list all collections, and sees no validators",
        fmt::format("db.getSiblingDB('admin').grantRolesToUser(USER, [{{role: 'read', db: '{}'}}])",
                    database)};
  }
  for (const Json& one : list) {
    Collection made;
    made.database = database;
    made.name = text_in(one, "name");
    made.is_view = text_in(one, "type") == "view";
    if (const auto options = one.find("options"); options != one.end()) {
      made.validator = validator_of(*options);
    }
    if (!made.name.empty() && !made.name.starts_with("system.")) {
      found.list.push_back(std::move(made));
    }
  }
  return found;
}

Sample sample(Client& client, const Collection& collection, const std::stop_token& stop) {
  const std::int64_t limit = client.settings().sample_documents;
  Sample made;
  made.documents = noted_count(client, collection, stop);
  const auto read = [&](Json pipeline) {
    return client.read(collection.database, collection.name, pipeline, stop);
  };
  // What is noted may be wrong after a crash, and views have nothing noted.
  if (!made.documents || *made.documents <= limit) {
    catalog::ShapeBuilder all{form};
    const std::int64_t count = add_all(read(stage("$limit", limit + 1)), all);
    if (count <= limit) {
      made.shape = all.finish();
      made.documents = count;
      made.is_whole = true;
      finish_columns(collection, made);
      return made;
    }
  }
  Json size = Json::object();
  size["size"] = limit;
  catalog::ShapeBuilder random{form};
  add_all(read(stage("$sample", std::move(size))), random);
  made.shape = random.finish();
  finish_columns(collection, made);
  return made;
}

catalog::Table describe(Client& client, const Collection& collection,
                        const ports::DiscoveryScope& scope, const std::stop_token& stop,
                        std::vector<catalog::DiscoveryWarning>& warnings) {
  const std::string object = object_of(collection.database, collection.name);
  const Sample sampled = sample(client, collection, stop);
  catalog::Table table;
  table.name = catalog::TableName{collection.name};
  table.kind = collection.is_view ? catalog::TableKind::view : catalog::TableKind::table;
  table.row_count = sampled.documents;
  table.row_count_is_estimate = sampled.documents && !sampled.is_whole;
  if (collection.validator.schema) {
    table.comment = text_in(*collection.validator.schema, "description");
  }
  for (const RecordColumn& column : sampled.shape.columns) {
    table.columns.push_back(column.column);
    // The key may be a document; its fields are the key then.
    if (!collection.is_view && column.path.front() == "_id") {
      table.primary_key.push_back(column.column.name);
      table.columns.back().nullable = false;
      table.columns.back().required = true;
      table.columns.back().unique = column.path.size() == 1;
    }
  }
  for (catalog::DiscoveryWarning& warning : catalog::warnings_of(sampled.shape, object)) {
    warnings.push_back(std::move(warning));
  }
  if (table.columns.empty()) {
    warnings.push_back({object, "has no documents to find columns from",
                        "load some, or leave it out with --table"});
  }
  if (!collection.is_view) {
    try {
      apply_indexes(client, collection, stop, table, sampled.shape);
    } catch (const Error& error) {
      if (!is_unauthorized(error)) {
        throw;
      }
      warnings.push_back({object, "the user may not see its indexes", error.facts().hint});
    }
  }
  if (scope.statistics) {
    profile(client, collection, sampled, scope, stop, table);
  }
  return table;
}

}  // namespace mapctl::connectors::mongodb
