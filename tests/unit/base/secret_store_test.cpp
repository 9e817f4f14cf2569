// SPDX-License-Identifier: Apache-2.0
#include "core/base/secret_store.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "tests/support/catch.hpp"

#include <fstream>
#include <thread>
#include <vector>

namespace mapctl::test {
namespace {

SecretStore::Key passphrase(const char* text) {
  SecretStore::Key key;
  key.passphrase = Secret{text};
  return key;
}

SecretStore::Key key_file() {
  SecretStore::Key key;
  key.key_file_bytes = Secret{std::string(32, 'k')};
  return key;
}

ErrorCode failure(const SecretStore& store) {
  try {
    store.names();
  } catch (const Error& error) {
    CHECK(error.facts().hint != "");
    return error.code();
  }
  return ErrorCode::internal;
}

TEST_CASE("a secret store gives back what was put in, and shows nothing of it", "[secrets]") {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "deep/secrets";
  SecretStore store{file, passphrase("correct horse")};
  CHECK(store.names().empty());
  store.put("crm token", Secret{"s3cret\nvalue"});
  store.put("other", Secret{"x"});
  CHECK(SecretStore{file, passphrase("correct horse")}.get("crm token")->reveal() ==
        "s3cret\nvalue");
  CHECK(store.names() == std::vector<std::string>{"crm token", "other"});
  CHECK_FALSE(store.get("nothing").has_value());
  CHECK(store.remove("other"));
  CHECK_FALSE(store.remove("other"));
  const std::string bytes = read_file(file);
  CHECK(bytes.find("s3cret") == std::string::npos);
  CHECK(bytes.find("crm token") == std::string::npos);
  const auto mode = std::filesystem::status(file).permissions();
  CHECK((mode & std::filesystem::perms::mask) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("a wrong key or a changed byte does not open a secret store", "[secrets]") {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "secrets";
  SecretStore{file, key_file()}.put("a", Secret{"b"});
  CHECK(failure(SecretStore{file, passphrase("guess")}) == ErrorCode::denied);
  std::string bytes = read_file(file);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  write_file_atomically(file, bytes);
  CHECK(failure(SecretStore{file, key_file()}) == ErrorCode::denied);
  write_file_atomically(file, "not a store");
  CHECK(failure(SecretStore{file, key_file()}) == ErrorCode::denied);
}

TEST_CASE("writers of a secret store that come at once lose nothing", "[secrets]") {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "secrets";
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        SecretStore store{file, key_file()};
        for (int k = 0; k < 5; ++k) {
          store.put("s" + std::to_string(i * 5 + k), Secret{"v"});
        }
      });
    }
  }
  CHECK(SecretStore{file, key_file()}.names().size() == 20);
}

}  // namespace
}  // namespace mapctl::test
