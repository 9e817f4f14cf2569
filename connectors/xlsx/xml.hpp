// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/xlsx/package.hpp"

#include <cstddef>
#include <span>
#include <stop_token>
#include <string_view>
#include <utility>

namespace mapctl::connectors::xlsx {

// Which vocabulary an element belongs to, whatever prefix a program gave it.
enum class Vocabulary { spreadsheet, relationships, other };

class Attributes {
 public:
  explicit Attributes(const char** raw) noexcept : raw_{raw} {}
  // By local name; of two, the one without a namespace. Empty when it is not there.
  std::string_view get(std::string_view name) const noexcept;
  bool has(std::string_view name) const noexcept;
  // An attribute of the namespace of relations in documents, r:id.
  std::string_view relation(std::string_view name) const noexcept;

 private:
  const char** raw_;
};

class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual void start(Vocabulary vocabulary, std::string_view name,
                     const Attributes& attributes) = 0;
  virtual void end(Vocabulary vocabulary, std::string_view name) = 0;
  virtual void text(std::string_view text) = 0;  // in pieces
  // True when nothing more is wanted.
  virtual bool is_done() const noexcept { return false; }
};

// Reads one part. Document type declarations are refused, so there are no entities but those that
// XML knows itself; elements nest and tags grow only as far as the limits say. Throws
// Error::invalid_data, resource_limit, cancelled and what the handler throws.
void parse_part(Package& package, std::string_view part, XmlHandler& handler,
                std::stop_token stop = {});

}  // namespace mapctl::connectors::xlsx
