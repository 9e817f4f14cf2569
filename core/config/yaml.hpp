// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::config {

enum class YamlKind : std::uint8_t { null, scalar, sequence, map };
std::string_view to_string(YamlKind kind) noexcept;  // "nothing", "a value", "a list", "a map"

// One value of a YAML document with the place where it stands. Scalars are kept as written: what
// they mean is decided by whoever reads them.
struct YamlNode {
  YamlKind kind = YamlKind::null;
  std::string text{};  // of a scalar
  bool plain = true;   // scalar without quotes and not a block: only these are numbers or booleans
  std::string key{};   // of a child of a map
  int key_line = 0, key_column = 0;
  std::shared_ptr<const std::string> file{};  // name for messages; never null
  int line = 1, column = 1;                   // from 1; line 0 where `file` is the whole place
  std::vector<YamlNode> children{};           // of a sequence or map, in the order of the file

  bool is_map() const noexcept { return kind == YamlKind::map; }
  bool is_sequence() const noexcept { return kind == YamlKind::sequence; }
  bool is_scalar() const noexcept { return kind == YamlKind::scalar; }
  bool is_null() const noexcept { return kind == YamlKind::null; }

  // Child of a map, or null.
  const YamlNode* find(std::string_view name) const noexcept;
  // "plan.yaml:7:3": the value, or the key that it stands behind.
  std::string where() const;
  std::string key_where() const;
};

// Bounds on what is read; beyond them Error::resource_limit names file and bound.
struct YamlLimits {
  std::size_t bytes = 64U << 20U;
  std::size_t nodes = 4'000'000;
  int depth = 64;
};

// One document of UTF-8 text (a byte order mark is skipped). Throws Error::configuration with file,
// line, column and cause for bad syntax, tabs as indentation, duplicate or non-scalar keys, a
// second document, anchors, aliases and tags: the last three are refused, as what a file says
// should stand where it is read. Text without any value is a null node.
YamlNode parse_yaml(std::string_view text, std::string_view file, const YamlLimits& limits = {});
YamlNode load_yaml(const std::filesystem::path& path, const YamlLimits& limits = {});

// Throws Error::configuration "FILE:LINE:COLUMN: <message>".
[[noreturn]] void fail_at(const YamlNode& node, std::string_view message, std::string hint = {});
[[noreturn]] void fail_at_key(const YamlNode& node, std::string_view message,
                              std::string hint = {});

// Typed values of scalar nodes; throw Error::configuration when the node is something else. `what`
// names the value: "key 'top'". Text is taken from any scalar; numbers and booleans from plain
// ones.
std::string text_of(const YamlNode& node, std::string_view what);
bool boolean_of(const YamlNode& node, std::string_view what);
std::int64_t integer_of(const YamlNode& node, std::string_view what);
double number_of(const YamlNode& node, std::string_view what);
// "500ms", "30s", "2m", "1h", "1d", or a plain number of seconds; in seconds.
double duration_of(const YamlNode& node, std::string_view what);
std::optional<double> parse_duration(std::string_view text) noexcept;

template <class T>
struct Range {
  T minimum = std::numeric_limits<T>::lowest();
  T maximum = std::numeric_limits<T>::max();
};

// Reads the keys of one map; what was not read when finish() is called is an unknown key. The node
// must outlive the reader. A key with a null value counts as absent.
class MapReader {
 public:
  // `what` completes "unknown key 'x' in ...": "the plan", "profile 'crm'". Throws
  // Error::configuration unless the node is a map or null.
  MapReader(const YamlNode& node, std::string what);
  MapReader(YamlNode&& node, std::string what) = delete;

  const YamlNode& node() const noexcept { return *node_; }

  // The value's node, or null when absent; it is the caller's to check.
  const YamlNode* get(std::string_view key);
  const YamlNode& required(std::string_view key);
  const YamlNode* get_map(std::string_view key);
  const YamlNode* get_sequence(std::string_view key);

  std::string required_string(std::string_view key);
  std::string string(std::string_view key, std::string fallback);
  std::optional<std::string> optional_string(std::string_view key);
  bool boolean(std::string_view key, bool fallback);
  std::optional<bool> optional_boolean(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t fallback, Range<std::int64_t> range = {});
  std::optional<std::int64_t> optional_integer(std::string_view key,
                                               Range<std::int64_t> range = {});
  double number(std::string_view key, double fallback, Range<double> range = {});
  std::optional<double> optional_number(std::string_view key, Range<double> range = {});
  std::optional<double> optional_duration(std::string_view key);  // seconds, not negative
  // A sequence of scalars, or one scalar alone; empty when absent.
  std::vector<std::string> strings(std::string_view key);
  // One of `words`; Error::configuration offers the nearest.
  std::optional<std::string> optional_choice(std::string_view key,
                                             std::span<const std::string_view> words);

  // Throws Error::configuration for the first key that was never asked for, offering the nearest
  // of those that were.
  void finish() const;

 private:
  std::string describe(std::string_view key) const;

  const YamlNode* node_;
  std::string what_;
  std::vector<std::string> known_;
};

// Throws for a value that is none of `words`, offering the nearest.
void require_choice(const YamlNode& node, std::string_view what,
                    std::span<const std::string_view> words);

}  // namespace mapctl::config
