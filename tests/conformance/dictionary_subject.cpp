// SPDX-License-Identifier: Apache-2.0
#include "connectors/dictionary/connector.hpp"
#include "core/base/csv.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "tests/conformance/sample.hpp"
#include "tests/conformance/subject.hpp"

#include <algorithm>
#include <fstream>

namespace mapctl::test {
namespace {

using catalog::LogicalType;

class DescriptionSubject : public Subject {
 public:
  const ports::ConnectorFactory& factory() const override {
    return connectors::dictionary::factory();
  }
  ports::ConnectorOptions options() const override {
    return {name(), {{"path", folder_.path().string()}}, {}, {}};
  }
  ports::ConnectorOptions options_of_nothing() const override {
    return {name(), {{"path", (folder_.path() / "nothing").string()}}, {}, {}};
  }
  // Each column refers for itself.
  bool keeps_composite_references() const override { return false; }

 protected:
  void write(const std::string& file, const std::string& text) const {
    std::ofstream{folder_.path() / file, std::ios::binary} << text;
  }
  static std::string reference_of(const SampleTable& table, const std::string& column) {
    for (const auto& key : table.foreign_keys) {
      for (std::size_t i = 0; i < key.columns.size(); ++i) {
        if (key.columns[i] == column) {
          return key.table + "." + key.referenced[i];
        }
      }
    }
    return {};
  }
  static bool is_key(const SampleTable& table, const std::string& column) {
    return std::find(table.primary_key.begin(), table.primary_key.end(), column) !=
           table.primary_key.end();
  }
  static std::string word(LogicalType type) {
    return type == LogicalType::timestamp ? "datetime" : std::string{catalog::to_string(type)};
  }

 private:
  TemporaryDirectory folder_;
};

class DictionarySubject final : public DescriptionSubject {
 public:
  DictionarySubject() {
    std::string text = "Column,TABLE,references,type,pk\n";
    for (const auto& table : sample()) {
      for (const auto& column : table.columns) {
        for (const auto& field :
             {column.name, table.name, reference_of(table, column.name), word(column.type)}) {
          append_csv_field(text, field);
          text += ',';
        }
        text += is_key(table, column.name) ? "yes\n" : "no\n";
      }
    }
    write("all.csv", text);
  }
  std::string name() const override { return "dictionary"; }
};

class EntitySubject final : public DescriptionSubject {
 public:
  EntitySubject() {
    int number = 0;
    for (const auto& table : sample()) {
      std::string text = "entity: " + quoted(table.name) + "\nversion: 1.0.0\nfields:\n";
      for (const auto& column : table.columns) {
        text += "  - name: " + quoted(column.name) + "\n    type: " + word(column.type) + "\n";
        if (is_key(table, column.name)) {
          text += "    key: primary\n    required: true\n";
        }
        if (const auto reference = reference_of(table, column.name); !reference.empty()) {
          text += "    references: " + reference + "\n";
        }
      }
      write("entity" + std::to_string(++number) + ".yaml", text);
    }
  }
  std::string name() const override { return "dictionary: entities"; }
  catalog::TableKind kind() const override { return catalog::TableKind::entity; }

 private:
  static std::string quoted(const std::string& text) {
    return "'" + replace_all(text, "'", "''") + "'";
  }
};

}  // namespace

std::unique_ptr<Subject> make_dictionary_subject() {
  return std::make_unique<DictionarySubject>();
}
std::unique_ptr<Subject> make_entity_subject() {
  return std::make_unique<EntitySubject>();
}

}  // namespace mapctl::test
