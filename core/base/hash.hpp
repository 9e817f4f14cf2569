// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace mapctl {

class Secret;

// SHA-256 in lower-case hexadecimal, 64 characters.
std::string sha256(std::string_view bytes);
std::string hmac_sha256(const Secret& key, std::string_view bytes);

// For tables in memory and sampling, never for identity or trust.
std::uint64_t fast_hash(std::string_view bytes, std::uint64_t seed = 0) noexcept;

// SHA-256 of a stream.
class Sha256 {
 public:
  Sha256();
  Sha256& add(std::string_view bytes);
  // Adds the length first, so that ("ab","c") and ("a","bc") differ.
  Sha256& add_field(std::string_view bytes);
  std::string finish();  // once

 private:
  alignas(8) std::array<unsigned char, 208> state_{};
};

// RFC 9562 version 5 (name-based) under mapctl's own name space; fields are length-prefixed.
class NameId {
 public:
  NameId& add(std::string_view field);
  std::string finish() const;

 private:
  std::string bytes_;
};

// RFC 9562 version 7: ids of one process grow in the order in which they were made. With
// SOURCE_DATE_EPOCH set the random part is a counter, so that equal runs give equal ids. Safe to
// call from several threads.
std::string new_id();

}  // namespace mapctl
