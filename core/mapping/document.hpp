// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/mapping.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::mapping {

enum class Severity : std::uint8_t {
  note,     // kept as it is
  warning,  // read, but worth a look
  error,    // cannot be read as one thing only: nothing of the file is taken
};
std::string_view to_string(Severity severity) noexcept;

// What is said about a place of a file. Lines and columns count from 1, columns in characters.
struct Finding {
  Severity severity = Severity::error;
  std::string file{};
  int line = 1;
  int column = 1;
  std::string message{};
  std::string hint{};
};

// Bytes [begin, end) of the file's text; empty for what the file does not have.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool empty() const noexcept { return begin == end; }
};

enum class EntryShape : std::uint8_t {
  source,      // canonical_field: source_field
  source_map,  // canonical_field: {source: source_field, transform: trim}
  target_map,  // source_field: {target: extras.name}
};

// One field of an entity, with the places of its parts so that it can be changed where it stands.
struct DocumentEntry {
  FieldPath source{};
  FieldPath field{};
  Transformation transformation{};
  EntryShape shape = EntryShape::source;
  bool in_flow = false;  // its `fields` are written in braces
  int line = 1, column = 1;
  Span key{}, value{}, source_at{}, target_at{}, transform_at{};
};

struct DocumentEntity {
  EntityName name{};
  std::string description{};
  int line = 1, column = 1;
  Span fields_key{};
  Span fields_value{};  // braces included; of a block from the first key to the last value
  bool fields_in_flow = false;
  std::vector<DocumentEntry> entries{};  // in the order of the file
};

// One mapping file. The file's text belongs to it only by the spans: whoever changes it needs both.
struct MappingDocument {
  ConnectorName connector{};  // the file's name
  std::vector<DocumentEntity> entities{};
  std::size_t mappings() const noexcept;
};

// The key that an entry has in the registry: the entity stands for the table that files do not
// name.
MappingKey key_of(const MappingDocument& document, const DocumentEntity& entity,
                  const DocumentEntry& entry);

// `text` as a YAML scalar that every reader takes for that string: plain where nobody could read it
// as anything else, otherwise quoted as JSON, which YAML reads.
std::string yaml_scalar(std::string_view text);

// "industry: {source: cf_industry, transform: trim}", without indentation and line feed: the one
// way in which an entry is written.
std::string entry_text(EntryShape shape, std::string_view source, std::string_view field,
                       const Transformation& transformation);
// Reversed for fields that no canonical entity has.
EntryShape natural_shape(std::string_view field, const Transformation& transformation) noexcept;
// "account:\n  description: text\n  fields:\n"
std::string entity_head(std::string_view name, std::string_view description);

// What is to become of one entry. Entries are named by source and field.
struct EntryChange {
  enum class Kind : std::uint8_t { add, replace, remove };
  Kind kind = Kind::add;
  EntityName entity{};
  FieldPath source{}, field{};  // of the entry as it is; for `add` of the new one
  FieldPath new_source{};       // of `replace`
  Transformation transformation{};
};

// The text with the changes made in place: comments, order and every byte of other lines stay as
// they are. New entries come after the last one of their entity, new entities at the end. Throws
// Error::conflict for an entry that is not there, or is there already.
std::string change_text(const MappingDocument& document, std::string_view text,
                        const std::vector<EntryChange>& changes);

}  // namespace mapctl::mapping
