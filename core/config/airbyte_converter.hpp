// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/template.hpp"
#include "core/config/airbyte_stream.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::config {

// Turns one stream of a manifest into one of a profile. What it does not know it notes.
class AirbyteConverter {
 public:
  AirbyteConverter(AirbyteStreams& streams, std::string stream)
      : streams_{streams}, stream_{std::move(stream)} {}

  bool failed() const noexcept { return failed_; }

  Json stream(const AirbyteComponent& source);
  // An expression of the component, with the parameters written in.
  std::string expression(const AirbyteComponent& of, std::string source);

 private:
  AirbyteComponent inner(const AirbyteComponent& of, std::string_view key) const;

  void refuse(const YamlNode& at, std::string component, std::string reason);

  // With the parameters written in, and every expression checked.
  std::string text(const AirbyteComponent& of, const YamlNode& node);

  // "{{ "x" }}" is x.
  static std::string folded(const Template& parsed, const std::string& source);

  Json value(const AirbyteComponent& of, const YamlNode& node);

  static Json flat_list(const YamlNode& node);

  void copy(const AirbyteComponent& of, std::string_view key, Json& made, const char* as);

  void request(const AirbyteComponent& requester, Json& made);

  Json place(const AirbyteComponent& option);

  Json authenticator(const AirbyteComponent& source);

  static std::string dotted(const YamlNode& path);

  void oauth(const AirbyteComponent& source, Json& made);

  void session(const AirbyteComponent& source, Json& made);

  // The login is a path behind the address of the API, which stands in the requester.
  std::string login_of_base(const AirbyteComponent& source, const YamlNode* login);

  void errors(const AirbyteComponent& source, Json& made);

  void wait(const AirbyteComponent& source, Json& made);

  void rule(const AirbyteComponent& source, Json& made);

  void selector(const AirbyteComponent& source, Json& made);

  void paginator(const AirbyteComponent& source, Json& made);

  void decoder(const AirbyteComponent& source, Json& made);

  // What is asked for, waited for and then fetched.
  void report(const AirbyteComponent& retriever, Json& made);
  Json side_request(const AirbyteComponent& retriever, std::string_view key);
  Json path_of(const AirbyteComponent& extractor);
  // Names of older manifests for what a report's requests may refer to.
  std::string with_report_names(std::string made) const;

  void routers(const AirbyteComponent& of, const YamlNode& node, Json& made);

  Json parent(const AirbyteComponent& source);

  Json moment(const AirbyteComponent& of, std::string_view key, std::vector<std::string>& formats);

  void incremental(const AirbyteComponent& source, Json& made);

  void transformation(const AirbyteComponent& source, Json& made);

  void schema(const AirbyteComponent& source, Json& made);

  AirbyteStreams& streams_;
  std::string stream_;
  bool failed_ = false;
  bool in_report_ = false;
};

}  // namespace mapctl::config
