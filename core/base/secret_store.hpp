// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/secret.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl {

// Secrets in one encrypted file (XChaCha20-Poly1305), of which only the owner may read and write.
// The key comes from a passphrase (Argon2id with a salt of the file) or from the bytes of a key
// file. Names are encrypted with the values. Each change reads the file anew and replaces it as a
// whole; writers that come at the same time wait for each other.
class SecretStore {
 public:
  struct Key {
    Secret passphrase{};
    Secret key_file_bytes{};  // instead of a passphrase
  };
  // Touches nothing yet.
  SecretStore(std::filesystem::path file, Key key);

  // Each throws Error: denied for a wrong key or a damaged file, io.
  std::optional<Secret> get(std::string_view name) const;  // nothing: not in it, or no file yet
  std::vector<std::string> names() const;
  void put(std::string_view name, const Secret& value);
  bool remove(std::string_view name);  // false: it was not there

 private:
  std::filesystem::path file_;
  Key key_;
};

}  // namespace mapctl
