// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/config/airbyte_import.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mapctl::config {

// One component of a manifest, references resolved, with the parameters that reach it.
struct AirbyteComponent {
  YamlNode node{};
  std::map<std::string, YamlNode> parameters{};

  // A field, or the parameter that stands for it; null when there is neither.
  const YamlNode* get(std::string_view key) const;
  AirbyteComponent child(const YamlNode& inner) const;
  std::string type() const;
};

// Turns streams of a manifest into those of a profile.
class AirbyteStreams {
 public:
  explicit AirbyteStreams(std::vector<UnsupportedComponent>& unsupported)
      : unsupported_{unsupported} {}
  // False when something of it is not supported; its name and what it is are noted then.
  bool add(const AirbyteComponent& stream, bool hidden);
  // A stream that stands for many; `place` numbers those without a name.
  bool add_dynamic(const AirbyteComponent& dynamic, std::size_t place);
  const Json& streams() const;
  // Keys of `config` that expressions of these streams ask for: "credentials.token".
  const std::set<std::string>& config_keys() const noexcept { return config_keys_; }
  const std::vector<std::string>& remarks() const noexcept { return remarks_; }

 private:
  friend class AirbyteConverter;
  bool put(const std::string& name, const AirbyteComponent& stream, bool hidden, Json extra);
  bool refuse(const YamlNode& at, std::string component, const std::string& stream,
              std::string reason);
  bool add_parametrized(const AirbyteComponent& dynamic, const YamlNode& stream_template,
                        const AirbyteComponent& resolver);
  // False for a mapping that is not supported, which is noted then.
  bool fill(const YamlNode& mapping, const Json& values, YamlNode& filled);
  std::optional<Json> each(const AirbyteComponent& dynamic, const std::string& name);
  std::vector<UnsupportedComponent>& unsupported_;
  std::set<std::string> reported_;  // names of streams that cannot be had
  std::set<std::string> config_keys_;
  std::vector<std::string> remarks_;
  std::shared_ptr<Json> streams_;
};

}  // namespace mapctl::config
