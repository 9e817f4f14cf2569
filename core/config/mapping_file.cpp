// SPDX-License-Identifier: Apache-2.0
#include "core/config/mapping_file.hpp"

#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/config/yaml_events.hpp"
#include "core/mapping/transform_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>

namespace mapctl::config {
namespace {

using mapping::DocumentEntity;
using mapping::DocumentEntry;
using mapping::EntryShape;
using mapping::Severity;
using mapping::Span;

class Reader {
 public:
  Reader(std::string_view text, std::string_view file, const MappingFileLimits& limits,
         std::vector<mapping::Finding>& findings, mapping::MappingDocument& document)
      : events_{text}, file_{file}, limits_{limits}, findings_{findings}, document_{document} {}

  void read() {
    next();  // start of the stream
    next();
    if (events_.kind() == YamlEvent::stream_end) {
      report(Severity::warning, 1, 1, "the file holds no mappings", "");
      return;
    }
    next();
    const bool is_empty =
        events_.kind() == YamlEvent::scalar && events_.is_plain() && events_.value().empty();
    if (is_empty) {
      report(Severity::warning, 1, 1, "the file holds no mappings", "");
      next();
    } else if (is_reference()) {
      skip();
    } else if (events_.kind() != YamlEvent::map_start) {
      reject("the file is not a map of entities", "start it with the entity: 'account:'");
      skip();
    } else {
      read_entities();
    }
    next();
    if (events_.kind() == YamlEvent::document_start) {
      reject("a second document", "write one file for each connector");
    }
  }

 private:
  void next() { events_.next(); }

  void report(Severity severity, int line, int column, std::string message, std::string hint) {
    findings_.push_back(
        {severity, std::string{file_}, line, column, std::move(message), std::move(hint)});
  }
  void reject(std::string message, std::string hint) {
    report(Severity::error, events_.line(), events_.column(), std::move(message), std::move(hint));
  }

  // From the first event of a value to behind its last one. What stands in it is not looked at,
  // except for anchors and the like.
  void skip() {
    int depth = 0;
    do {
      if (events_.kind() == YamlEvent::alias || events_.has_anchor()) {
        reject("anchors and aliases are not read", "write the value out where it is used");
      } else if (!events_.tag().empty()) {
        reject(fmt::format("tag '{}' is not read", events_.tag()),
               "remove the tag; put text that looks like a number in quotes");
      }
      switch (events_.kind()) {
        case YamlEvent::map_start:
        case YamlEvent::sequence_start: ++depth; break;
        case YamlEvent::map_end:
        case YamlEvent::sequence_end: --depth; break;
        default: break;
      }
      next();
    } while (depth > 0);
  }

  // An alias, or a value with an anchor or tag; skip() says so.
  bool is_reference() const {
    return events_.kind() == YamlEvent::alias || events_.has_anchor() || !events_.tag().empty();
  }

  // Reads a key and goes on to its value; nothing when the key was refused and its value skipped.
  struct Key {
    std::string text{};
    Span span{};
    int line = 1, column = 1;
  };
  std::optional<std::size_t> read_key(std::vector<Key>& known) {
    const int line = events_.line();
    const int column = events_.column();
    const auto refuse = [&] {
      skip();
      skip();
      return std::nullopt;
    };
    if (is_reference()) {
      return refuse();
    }
    if (events_.kind() != YamlEvent::scalar) {
      reject("a key must be one value, not a list or map",
             "a text with brackets or braces needs quotes");
      return refuse();
    }
    if (events_.is_plain() && events_.value() == "<<") {
      reject("merge keys are not read", "write the entries out where they are used");
      return refuse();
    }
    if (!check_text({"a key", {}})) {
      return refuse();
    }
    known.push_back({std::string{events_.value()}, events_.span(), line, column});
    next();
    return known.size() - 1;
  }

  void refuse_key(const Key& key, const std::string& where, const std::vector<std::string>& known) {
    report(Severity::error, key.line, key.column,
           fmt::format("unknown key '{}' in {}", key.text, where), suggestion(key.text, known));
    skip();
  }

  // "the source of 'x'": put together only where it is said.
  struct What {
    std::string_view words{};
    std::string_view key{};
    std::string text() const {
      return key.empty() ? std::string{words} : fmt::format("{} '{}'", words, key);
    }
  };

  static bool is_broken(std::string_view text) noexcept {
    unsigned found = 0;  // without a branch for each byte
    for (const char c : text) {
      found |= static_cast<unsigned>(c == '\n') | static_cast<unsigned>(c == '\r') |
               static_cast<unsigned>(c == '\0');
    }
    return found != 0;
  }

  // Whether the scalar is text; `what` names it in the finding if it is not.
  bool check_text(const What& what) {
    const std::string_view text = events_.value();
    if (events_.is_block()) {
      reject(what.text() + " is a block of text", "write it on one line");
      return false;
    }
    if (events_.is_plain()) {
      const std::string_view type = plain_scalar_type(text);
      if (type == "nothing") {
        reject(what.text() + " is missing", "write it behind the colon");
        return false;
      }
      if (!type.empty()) {
        reject(fmt::format("{} is {}: '{}'", what.text(), type, text),
               "put it in quotes if it is a name");
        return false;
      }
    }
    if (is_broken(text)) {
      reject(what.text() + " has a line break or NUL in it", "write it on one line");
      return false;
    }
    return true;
  }

  // Room for the keys of a map, with what an earlier one needed.
  std::vector<Key> take_keys() {
    if (spare_.empty()) {
      return {};
    }
    std::vector<Key> keys = std::move(spare_.back());
    spare_.pop_back();
    return keys;
  }

  // Gives each good key to `read`, which goes on behind its value. Returns where the map ends.
  template <class Read>
  std::size_t read_map(const Read& read) {
    std::vector<Key> keys = take_keys();
    next();
    while (events_.kind() != YamlEvent::map_end) {
      if (const auto at = read_key(keys)) {
        read(keys[*at]);
      }
    }
    const std::size_t end = events_.span().end;
    next();
    refuse_duplicates(keys);
    keys.clear();
    spare_.push_back(std::move(keys));
    return end;
  }

  // False when no two items have the same text, which their hashes tell sooner than a sort of them.
  template <class Items, class Text>
  bool may_repeat(const Items& items, const Text& text_of) {
    if (items.size() < 2) {
      return false;
    }
    hashes_.clear();
    for (const auto& item : items) {
      hashes_.push_back(fast_hash(text_of(item)));
    }
    std::sort(hashes_.begin(), hashes_.end());
    return std::adjacent_find(hashes_.begin(), hashes_.end()) != hashes_.end();
  }

  // The last of equal keys is refused, with the line of the first.
  void refuse_duplicates(const std::vector<Key>& keys) {
    if (!may_repeat(keys, [](const Key& key) -> const std::string& { return key.text; })) {
      return;
    }
    order_.resize(keys.size());
    for (std::size_t at = 0; at < keys.size(); ++at) {
      order_[at] = at;
    }
    std::sort(order_.begin(), order_.end(), [&](std::size_t left, std::size_t right) {
      const int compared = keys[left].text.compare(keys[right].text);
      return compared != 0 ? compared < 0 : left < right;
    });
    std::size_t first = 0;
    for (std::size_t at = 1; at < order_.size(); ++at) {
      const Key& key = keys[order_[at]];
      if (key.text != keys[order_[first]].text) {
        first = at;
        continue;
      }
      report(Severity::error, key.line, key.column, fmt::format("duplicate key '{}'", key.text),
             fmt::format("it is already given in line {}; remove one of the two",
                         keys[order_[first]].line));
    }
  }

  void read_entities() {
    read_map([&](const Key& key) {
      if (key.text.empty()) {
        report(Severity::error, key.line, key.column, "an entity has an empty name",
               "give the entity a name");
        skip();
        return;
      }
      DocumentEntity entity;
      entity.name = mapping::EntityName{key.text};
      entity.line = key.line;
      entity.column = key.column;
      if (read_entity(entity)) {
        document_.entities.push_back(std::move(entity));
      }
    });
  }

  bool read_entity(DocumentEntity& entity) {
    if (is_reference()) {
      skip();
      return false;
    }
    const auto no_fields = [&] {
      report(Severity::error, entity.line, entity.column,
             fmt::format("entity '{}' has no 'fields'", entity.name.text),
             "write the field mappings under 'fields:'");
      return false;
    };
    if (events_.kind() == YamlEvent::scalar && events_.is_plain() && events_.value().empty()) {
      next();
      return no_fields();
    }
    if (events_.kind() != YamlEvent::map_start) {
      reject(fmt::format("entity '{}' is not a map", entity.name.text),
             "write 'description:' and 'fields:' under it");
      skip();
      return false;
    }
    bool has_fields = false;
    read_map([&](const Key& key) {
      if (key.text == "fields") {
        has_fields = true;
        entity.fields_key = key.span;
        read_fields(entity);
      } else if (key.text == "description") {
        read_description(entity);
      } else {
        refuse_key(key, fmt::format("entity '{}'", entity.name.text), {"description", "fields"});
      }
    });
    return has_fields || no_fields();
  }

  void read_description(DocumentEntity& entity) {
    if (is_reference()) {
      skip();
      return;
    }
    if (events_.kind() != YamlEvent::scalar) {
      reject("the description is not a text", "write it on one line, in quotes");
      skip();
      return;
    }
    entity.description = events_.value();
    next();
  }

  void read_fields(DocumentEntity& entity) {
    if (is_reference()) {
      skip();
      return;
    }
    if (events_.kind() != YamlEvent::map_start) {
      reject(fmt::format("'fields' of '{}' is not a map", entity.name.text),
             "write 'canonical_field: source_field' under it; 'fields: {}' if there is none");
      skip();
      return;
    }
    entity.fields_in_flow = events_.is_flow();
    entity.fields_value = events_.span();
    bool has_reversed = false;
    entity.entries.reserve(last_count_);
    const std::size_t end = read_map([&](const Key& key) {
      if (key.text.empty()) {
        report(Severity::error, key.line, key.column, "a field has an empty name",
               "give the field a name");
        skip();
        return;
      }
      DocumentEntry& entry = entity.entries.emplace_back();
      entry.in_flow = entity.fields_in_flow;
      entry.key = key.span;
      entry.line = key.line;
      entry.column = key.column;
      if (!read_entry(key.text, entry)) {
        entity.entries.pop_back();
        return;
      }
      has_reversed = has_reversed || entry.shape == EntryShape::target_map;
      if (++entries_ > limits_.entries) {
        throw Error{ErrorCode::resource_limit,
                    fmt::format("more than {} field mappings", limits_.entries),
                    "split the file into smaller ones"};
      }
    });
    entity.fields_value.end = entity.fields_in_flow    ? end
                              : entity.entries.empty() ? entity.fields_value.begin
                                                       : entity.entries.back().value.end;
    last_count_ = entity.entries.size();
    check_pairs(entity, has_reversed);
  }

  // Entries that say the same in two ways, and two sources of one field.
  void check_pairs(const DocumentEntity& entity, bool has_reversed) {
    const auto field_of = [](const DocumentEntry& entry) -> const std::string& {
      return entry.field.text;
    };
    if (!has_reversed || !may_repeat(entity.entries, field_of)) {
      return;
    }
    std::vector<const DocumentEntry*> sorted;
    for (const DocumentEntry& entry : entity.entries) {
      sorted.push_back(&entry);
    }
    std::sort(sorted.begin(), sorted.end(), [](const auto* left, const auto* right) {
      return std::tie(left->field, left->key.begin) < std::tie(right->field, right->key.begin);
    });
    for (std::size_t at = 1; at < sorted.size(); ++at) {
      if (sorted[at]->field != sorted[at - 1]->field) {
        continue;
      }
      const bool is_same = sorted[at]->source == sorted[at - 1]->source;
      report(is_same ? Severity::error : Severity::warning, sorted[at]->line, sorted[at]->column,
             is_same ? fmt::format("'{}' is mapped to '{}' twice", sorted[at]->source.text,
                                   sorted[at]->field.text)
                     : fmt::format("'{}' has two sources, '{}' and '{}'", sorted[at]->field.text,
                                   sorted[at - 1]->source.text, sorted[at]->source.text),
             is_same ? fmt::format("line {} says it already; remove one of the two",
                                   sorted[at - 1]->line)
                     : std::string{"both are kept; combine them with a rule when you can"});
    }
  }

  bool read_entry(const std::string& key, DocumentEntry& entry) {
    if (is_reference()) {
      skip();
      return false;
    }
    if (events_.kind() == YamlEvent::scalar) {
      const bool is_text =
          check_text({"the source of", key}) && check_not_empty({"the source of", key});
      entry.shape = EntryShape::source;
      entry.field = mapping::FieldPath{key};
      entry.source = mapping::FieldPath{std::string{events_.value()}};
      entry.source_at = entry.value = events_.span();
      next();
      return is_text;
    }
    if (events_.kind() != YamlEvent::map_start) {
      reject(fmt::format("field '{}' is a list", key),
             "write 'canonical_field: source_field', one entry for each");
      skip();
      return false;
    }
    return read_entry_map(key, entry);
  }

  bool check_not_empty(const What& what) {
    if (!events_.value().empty()) {
      return true;
    }
    reject(what.text() + " is empty",
           "name the source field; a constant is written as "
           "{source: \"\", transform: constant(value=EUR)}");
    return false;
  }

  bool read_entry_map(const std::string& key, DocumentEntry& entry) {
    entry.value = events_.span();
    const bool in_flow = events_.is_flow();
    const std::size_t before = findings_.size();
    std::optional<std::string> source, target;
    const std::size_t end = read_map([&](const Key& part) {
      if (part.text == "source") {
        source = read_part({"the source of", key}, entry.source_at);
      } else if (part.text == "target") {
        target = read_part({"the target of", key}, entry.target_at);
      } else if (part.text == "transform") {
        read_transform(key, entry);
      } else {
        refuse_key(part, fmt::format("field '{}'", key), {"source", "target", "transform"});
      }
    });
    entry.value.end =
        in_flow ? end
                : std::max({entry.source_at.end, entry.target_at.end, entry.transform_at.end});
    if (findings_.size() != before) {
      return false;
    }
    if (source.has_value() == target.has_value()) {
      report(Severity::error, entry.line, entry.column,
             source ? fmt::format("field '{}' has both a source and a target", key)
                    : fmt::format("field '{}' has neither a source nor a target", key),
             "write {source: source_field} under a canonical field, or {target: extras.name} under "
             "a source field");
      return false;
    }
    entry.shape = source ? EntryShape::source_map : EntryShape::target_map;
    entry.source = mapping::FieldPath{source ? std::move(*source) : key};
    entry.field = mapping::FieldPath{target ? std::move(*target) : key};
    return check_source(key, entry);
  }

  bool check_source(const std::string& key, const DocumentEntry& entry) {
    if (entry.field.text.empty()) {
      report(Severity::error, entry.line, entry.column,
             fmt::format("the target of '{}' is empty", key), "name the field it is mapped to");
      return false;
    }
    if (!entry.source.text.empty()) {
      return true;
    }
    const auto& steps = entry.transformation.steps;
    const bool makes_value = std::any_of(steps.begin(), steps.end(), [](const auto& step) {
      using enum mapping::TransformationKind;
      return step.kind == constant || step.kind == generated || step.kind == sequence ||
             step.kind == expression || step.kind == default_value;
    });
    if (!makes_value) {
      report(Severity::error, entry.line, entry.column,
             fmt::format("the source of '{}' is empty", key),
             "name the source field, or give a transform that needs none: constant(value=EUR)");
    }
    return makes_value;
  }

  std::optional<std::string> read_part(const What& what, Span& place) {
    if (is_reference()) {
      skip();
      return std::nullopt;
    }
    if (events_.kind() != YamlEvent::scalar) {
      reject(what.text() + " is not one value", "write the name of one field");
      skip();
      return std::nullopt;
    }
    std::optional<std::string> text;
    if (check_text(what)) {
      text = std::string{events_.value()};
    }
    place = events_.span();
    next();
    return text;
  }

  void read_transform(const std::string& key, DocumentEntry& entry) {
    const int line = events_.line();
    const int column = events_.column();
    const auto text = read_part({"the transform of", key}, entry.transform_at);
    if (!text) {
      return;
    }
    try {
      entry.transformation = mapping::transformation_from_text(*text);
    } catch (const Error& error) {
      report(Severity::error, line, column, error.facts().message, error.facts().hint);
    }
  }

  YamlEvents events_;
  std::string_view file_;
  const MappingFileLimits& limits_;
  std::vector<mapping::Finding>& findings_;
  mapping::MappingDocument& document_;
  std::size_t entries_ = 0;
  std::size_t last_count_ = 0;  // of the entity before, as the next one may have as many
  std::vector<std::size_t> order_;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::vector<Key>> spare_;  // as many as maps stand in one another
};

int line_at(std::string_view text, std::size_t at) {
  return static_cast<int>(std::count(text.begin(), text.begin() + static_cast<long>(at), '\n')) + 1;
}

int column_at(std::string_view text, std::size_t at) {
  const std::size_t begin = at == 0 ? text.npos : text.rfind('\n', at - 1);
  return static_cast<int>(at - (begin == text.npos ? 0 : begin + 1)) + 1;
}

}  // namespace

bool ParsedMappingFile::has_errors() const noexcept {
  return std::any_of(findings.begin(), findings.end(), [](const mapping::Finding& finding) {
    return finding.severity == Severity::error;
  });
}

ParsedMappingFile parse_mapping_file(std::string_view text, std::string_view file,
                                     mapping::ConnectorName connector,
                                     const MappingFileLimits& limits) {
  ParsedMappingFile parsed;
  parsed.document.connector = std::move(connector);
  const auto report = [&](Severity severity, int line, int column, std::string message,
                          std::string hint) {
    parsed.findings.push_back(
        {severity, std::string{file}, line, column, std::move(message), std::move(hint)});
  };
  if (text.size() > limits.bytes) {
    report(Severity::error, 1, 1,
           fmt::format("larger than {}", human_bytes(static_cast<double>(limits.bytes))),
           "split the file into smaller ones");
    return parsed;
  }
  if (text.starts_with("\xEF\xBB\xBF")) {
    report(Severity::note, 1, 1, "starts with a byte order mark", "it is kept");
  }
  if (const auto invalid = first_invalid_utf8(text)) {
    report(Severity::error, line_at(text, *invalid), column_at(text, *invalid), "not valid UTF-8",
           "save the file in UTF-8");
    return parsed;
  }
  if (const std::size_t at = text.find('\0'); at != text.npos) {
    report(Severity::error, line_at(text, at), column_at(text, at), "a NUL byte",
           "save the file as plain text in UTF-8");
    return parsed;
  }
  if (const std::size_t at = text.find("\r\n"); at != text.npos) {
    report(Severity::note, line_at(text, at), 1, "lines end with CRLF", "they are kept");
  }
  try {
    Reader{text, file, limits, parsed.findings, parsed.document}.read();
  } catch (const YamlSyntaxError& error) {
    report(Severity::error, error.line, error.column, error.message, error.hint);
  } catch (const Error& error) {
    report(Severity::error, 1, 1, error.facts().message, error.facts().hint);
  }
  std::stable_sort(parsed.findings.begin(), parsed.findings.end(),
                   [](const mapping::Finding& left, const mapping::Finding& right) {
                     return std::tie(left.line, left.column) < std::tie(right.line, right.column);
                   });
  return parsed;
}

}  // namespace mapctl::config
