// SPDX-License-Identifier: Apache-2.0
#include "connectors/dictionary/entity_file.hpp"

#include "core/base/error.hpp"
#include "core/config/yaml.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace mapctl::connectors::dictionary {
namespace {

using config::MapReader;
using config::YamlNode;

constexpr std::array<std::string_view, 2> key_words{"primary", "unique"};

void read_values(MapReader& reader, catalog::Column& column) {
  const auto* node = reader.get("values");
  if (node == nullptr) {
    return;
  }
  if (!node->is_scalar()) {
    column.allowed_values = reader.strings("values");
    return;
  }
  if (!is_code_list(node->text)) {
    config::fail_at(*node, fmt::format("no code list is named '{}'", node->text),
                    "write a list of values, or one of iso4217, iso3166_alpha2, iso3166_alpha3, "
                    "iso639_1");
  }
  column.code_list = node->text;
}

void read_key(MapReader& reader, catalog::Table& table, catalog::Column& column) {
  const auto word = reader.optional_choice("key", key_words);
  if (word == "primary") {
    table.primary_key.push_back(column.name);
  }
  column.unique = word == "unique";
}

// Entities are not of one database: their whole numbers have 64 bits, their moments are in UTC.
void settle_type(std::string_view written, catalog::DataType& type) {
  if (type.logical == catalog::LogicalType::integer && (written == "integer" || written == "int")) {
    type.bits = 64;
  }
  if (type.logical == catalog::LogicalType::timestamp) {
    type.time_zone = true;
  }
}

void read_field(const YamlNode& node, catalog::Table& table) {
  MapReader reader{node, "a field"};
  catalog::Column column;
  column.name = catalog::ColumnName{reader.required_string("name")};
  if (table.find(column.name) != nullptr) {
    config::fail_at(node, fmt::format("field '{}' is there twice", column.name.text),
                    "keep one of the two");
  }
  column.position = static_cast<int>(table.columns.size()) + 1;
  const auto& type = reader.required("type");
  column.type = catalog::parse_data_type(config::text_of(type, "key 'type'"));
  if (column.type.logical == catalog::LogicalType::unknown) {
    config::fail_at(type, fmt::format("no type is named '{}'", type.text),
                    "for example string, integer, decimal, float, boolean, date, datetime, "
                    "string[]");
  }
  settle_type(type.text, column.type);
  column.nullable = !reader.boolean("required", false);
  column.comment = reader.string("description", "");
  column.unit = reader.string("unit", "");
  column.default_value = reader.optional_string("default");
  column.minimum = reader.optional_number("minimum");
  column.maximum = reader.optional_number("maximum");
  if (const auto length = reader.optional_integer("max_length", {1, 1'000'000'000})) {
    column.type.length = *length;
  }
  read_values(reader, column);
  read_key(reader, table, column);
  if (const auto* reference = reader.get("references");
      reference != nullptr &&
      !add_reference(table, column.name, config::text_of(*reference, "key 'references'"))) {
    config::fail_at(*reference, fmt::format("'references' cannot be '{}'", reference->text),
                    "write entity.field");
  }
  reader.finish();
  table.columns.push_back(std::move(column));
}

}  // namespace

void read_entity_file(const std::filesystem::path& file, Tables& tables) {
  const auto document = config::load_yaml(file);
  MapReader reader{document, "an entity"};
  catalog::Table table;
  table.kind = catalog::TableKind::entity;
  table.name = catalog::TableName{reader.required_string("entity")};
  table.version = reader.required_string("version");
  table.comment = reader.string("description", "");
  table.domain = reader.string("domain", "");
  const auto* fields = reader.get_sequence("fields");
  if (fields == nullptr || fields->children.empty()) {
    reader.finish();
    config::fail_at(document, fmt::format("entity '{}' has no fields", table.name.text),
                    "list them under `fields:`");
  }
  for (const auto& field : fields->children) {
    read_field(field, table);
  }
  reader.finish();
  const catalog::TableRef ref{{}, table.name};
  if (tables.count(ref) != 0) {
    throw Error{ErrorCode::configuration,
                fmt::format("{}: entity '{}' is there twice", document.where(), table.name.text),
                "keep one of the two files"};
  }
  tables.emplace(ref, std::move(table));
}

}  // namespace mapctl::connectors::dictionary
