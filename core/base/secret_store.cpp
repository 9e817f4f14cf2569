// SPDX-License-Identifier: Apache-2.0
#include "core/base/secret_store.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/json.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <system_error>

namespace mapctl {
namespace fs = std::filesystem;
namespace {

// The file: magic, kind of key, salt, nonce, sealed JSON. What is in front is authenticated too.
constexpr std::string_view magic = "mapctl-secrets-1\n";
constexpr std::size_t salt_size = crypto_pwhash_SALTBYTES;
constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t seal_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t head_size = magic.size() + 1 + salt_size + nonce_size;

using Entries = std::map<std::string, std::string, std::less<>>;
using KeyBytes = std::array<unsigned char, crypto_aead_xchacha20poly1305_ietf_KEYBYTES>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

void start_sodium() {
  if (sodium_init() < 0) {
    throw Error{ErrorCode::internal, "libsodium cannot be started"};
  }
}

class DerivedKey {
 public:
  DerivedKey(const SecretStore::Key& key, std::string_view salt) {
    const std::string& file = key.key_file_bytes.reveal();
    if (!file.empty()) {
      crypto_generichash(bytes_.data(), bytes_.size(), bytes(file), file.size(), bytes(salt),
                         salt.size());
      return;
    }
    const std::string& passphrase = key.passphrase.reveal();
    if (crypto_pwhash(bytes_.data(), bytes_.size(), passphrase.data(), passphrase.size(),
                      bytes(salt), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                      crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0) {
      throw Error{ErrorCode::resource_limit, "no memory to derive the key of the secret store"};
    }
  }
  DerivedKey(const DerivedKey&) = delete;
  DerivedKey& operator=(const DerivedKey&) = delete;
  ~DerivedKey() { sodium_memzero(bytes_.data(), bytes_.size()); }
  const unsigned char* data() const noexcept { return bytes_.data(); }

 private:
  KeyBytes bytes_{};
};

Entries read_entries(const fs::path& file, const SecretStore::Key& key) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    return {};
  }
  start_sodium();
  const std::string text = read_file(file);
  if (text.size() < head_size + seal_size || !text.starts_with(magic)) {
    throw Error{ErrorCode::denied, fmt::format("'{}' is no secret store", file.string()),
                "restore it from a backup, or move it away and set the secrets anew"};
  }
  const std::string_view head = std::string_view{text}.substr(0, head_size);
  const std::string_view salt = head.substr(magic.size() + 1, salt_size);
  const std::string_view nonce = head.substr(magic.size() + 1 + salt_size);
  const std::string_view sealed = std::string_view{text}.substr(head_size);
  const DerivedKey derived{key, salt};
  std::string plain(sealed.size() - seal_size, '\0');
  unsigned long long length = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes(plain), &length, nullptr, bytes(sealed),
                                                 sealed.size(), bytes(head), head.size(),
                                                 bytes(nonce), derived.data()) != 0) {
    throw Error{ErrorCode::denied,
                fmt::format("the secret store '{}' does not open with this key", file.string()),
                "check MAPCTL_STORE_PASSPHRASE or MAPCTL_STORE_KEY_FILE"};
  }
  Entries entries;
  const Json json = Json::parse(plain, nullptr, false);
  sodium_memzero(plain.data(), plain.size());
  for (const auto& [name, value] : json.items()) {
    entries.emplace(name, value.get<std::string>());
  }
  return entries;
}

void write_entries(const fs::path& file, const SecretStore::Key& key, const Entries& entries) {
  start_sodium();
  std::string salt(salt_size, '\0'), nonce(nonce_size, '\0');
  randombytes_buf(salt.data(), salt.size());
  randombytes_buf(nonce.data(), nonce.size());
  std::string head{magic};
  head += key.key_file_bytes.empty() ? 'p' : 'k';
  head += salt + nonce;
  Json json = Json::object();
  for (const auto& [name, value] : entries) {
    json[name] = value;
  }
  std::string plain = json.dump();
  std::string sealed(plain.size() + seal_size, '\0');
  unsigned long long length = 0;
  const DerivedKey derived{key, salt};
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes(sealed), &length, bytes(plain), plain.size(),
                                             bytes(head), head.size(), nullptr, bytes(nonce),
                                             derived.data());
  sodium_memzero(plain.data(), plain.size());
  AtomicFile out{file};
  if (::chmod(out.temporary().c_str(), S_IRUSR | S_IWUSR) != 0) {
    throw_io_error(errno, "protect", out.temporary());
  }
  out.write(head + sealed);
  out.commit();
}

// One writer at a time, also among processes.
class Lock {
 public:
  explicit Lock(const fs::path& file) {
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    const fs::path path = file.string() + ".lock";
    descriptor_ = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor_ < 0 || ::flock(descriptor_, LOCK_EX) != 0) {
      throw_io_error(errno, "lock", path);
    }
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() { ::close(descriptor_); }

 private:
  int descriptor_ = -1;
};

}  // namespace

SecretStore::SecretStore(fs::path file, Key key) : file_{std::move(file)}, key_{std::move(key)} {}

std::optional<Secret> SecretStore::get(std::string_view name) const {
  Entries entries = read_entries(file_, key_);
  const auto found = entries.find(name);
  return found == entries.end() ? std::nullopt
                                : std::optional<Secret>{std::in_place, found->second};
}

std::vector<std::string> SecretStore::names() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : read_entries(file_, key_)) {
    names.push_back(name);
  }
  return names;
}

void SecretStore::put(std::string_view name, const Secret& value) {
  const Lock lock{file_};
  Entries entries = read_entries(file_, key_);
  entries.insert_or_assign(std::string{name}, value.reveal());
  write_entries(file_, key_, entries);
}

bool SecretStore::remove(std::string_view name) {
  const Lock lock{file_};
  Entries entries = read_entries(file_, key_);
  const auto found = entries.find(name);
  if (found == entries.end()) {
    return false;
  }
  entries.erase(found);
  write_entries(file_, key_, entries);
  return true;
}

}  // namespace mapctl
