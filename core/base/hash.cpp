// SPDX-License-Identifier: Apache-2.0
#include "core/base/hash.hpp"

#include <pthread.h>
#include <sodium/crypto_auth_hmacsha256.h>
#include <sodium/crypto_hash_sha256.h>
#include <uuid/uuid.h>

#define XXH_INLINE_ALL
#include "core/base/clock.hpp"
#include "core/base/digest.hpp"
#include "core/base/secret.hpp"

#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstring>
#include <random>

namespace mapctl {
namespace {

const unsigned char* data_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string length_prefix(std::string_view bytes) {
  std::array<char, 24> digits{};
  char* const end =
      std::to_chars(digits.data(), digits.data() + digits.size() - 1, bytes.size()).ptr;
  *end = ':';
  return {digits.data(), end + 1};
}

std::string uuid_text(const std::array<unsigned char, 16>& id) {
  std::string text = to_hex(id);
  text.reserve(36);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) {
    text.insert(dash, 1, '-');
  }
  return text;
}

// Counts the forks that led to this process: one that was forked after its parent's first id must
// not go on with the same numbers.
std::atomic<unsigned> forks{0};

std::uint64_t random_bits() {
  static const int watched = ::pthread_atfork(nullptr, nullptr, [] { ++forks; });
  static_cast<void>(watched);
  thread_local unsigned seeded_after = ~0U;
  thread_local std::mt19937_64 generator;
  if (const unsigned now = forks.load(std::memory_order_relaxed); seeded_after != now) {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    generator.seed(seed);
    seeded_after = now;
  }
  return generator();
}

}  // namespace

std::string sha256(std::string_view bytes) {
  return to_hex(digest_of(bytes));
}

std::string hmac_sha256(const Secret& key, std::string_view bytes) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, data_of(key.reveal()), key.reveal().size());
  crypto_auth_hmacsha256_update(&state, data_of(bytes), bytes.size());
  Digest digest;
  static_assert(sizeof digest == crypto_auth_hmacsha256_BYTES);
  crypto_auth_hmacsha256_final(&state, digest.data());
  return to_hex(digest);
}

std::uint64_t fast_hash(std::string_view bytes, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

namespace {

crypto_hash_sha256_state& sha_state(std::array<unsigned char, 208>& storage) noexcept {
  static_assert(sizeof(crypto_hash_sha256_state) <= 208);
  return *reinterpret_cast<crypto_hash_sha256_state*>(storage.data());
}

}  // namespace

Sha256::Sha256() {
  crypto_hash_sha256_init(&sha_state(state_));
}

Sha256& Sha256::add(std::string_view bytes) {
  crypto_hash_sha256_update(&sha_state(state_), data_of(bytes), bytes.size());
  return *this;
}

Sha256& Sha256::add_field(std::string_view bytes) {
  return add(length_prefix(bytes)).add(bytes);
}

std::string Sha256::finish() {
  Digest digest;
  crypto_hash_sha256_final(&sha_state(state_), digest.data());
  return to_hex(digest);
}

NameId& NameId::add(std::string_view field) {
  bytes_ += length_prefix(field);
  bytes_ += field;
  return *this;
}

std::string NameId::finish() const {
  // A random version 4 UUID drawn once; changing it would change every mapping's id.
  static constexpr std::array<unsigned char, 16> name_space = {0x6d, 0x1c, 0x54, 0x0e, 0x2f, 0x7b,
                                                               0x4a, 0x93, 0x9c, 0x58, 0xe1, 0x0b,
                                                               0x7d, 0x46, 0xa2, 0x35};
  std::array<unsigned char, 16> id{};
  uuid_generate_sha1(id.data(), name_space.data(), bytes_.data(), bytes_.size());
  return uuid_text(id);
}

namespace {

// Milliseconds in the upper 48 bits and a sequence number in the lower 12: ids of one process grow
// strictly, even within a millisecond or when the wall clock is set back.
std::uint64_t next_tick(std::uint64_t milliseconds) noexcept {
  static std::atomic<std::uint64_t> last{0};
  std::uint64_t before = last.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    next = std::max(before + 1, milliseconds << 12U);
  } while (!last.compare_exchange_weak(before, next, std::memory_order_relaxed));
  return next;
}

}  // namespace

std::string new_id() {
  static std::atomic<std::uint64_t> counter{0};
  const auto milliseconds =
      static_cast<std::uint64_t>(system_clock().now().time_since_epoch().count());
  const bool fixed = clock_is_fixed();
  const std::uint64_t tick = fixed ? milliseconds << 12U : next_tick(milliseconds);
  const std::uint64_t low = fixed ? ++counter : random_bits();
  std::array<unsigned char, 16> id{};
  for (std::size_t i = 0; i < 6; ++i) {
    id[i] = static_cast<unsigned char>(tick >> (52U - 8U * i));
  }
  id[6] = static_cast<unsigned char>(0x70U | ((tick >> 8U) & 0x0FU));
  id[7] = static_cast<unsigned char>(tick);
  for (std::size_t i = 0; i < 8; ++i) {
    id[8 + i] = static_cast<unsigned char>(low >> (56U - 8U * i));
  }
  id[8] = static_cast<unsigned char>(0x80U | (id[8] & 0x3FU));
  return uuid_text(id);
}

}  // namespace mapctl
