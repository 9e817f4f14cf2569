// SPDX-License-Identifier: Apache-2.0
#include "core/base/digest.hpp"

#include <sodium/crypto_hash_sha256.h>

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace mapctl {
namespace {

const unsigned char* octets_of(std::string_view bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

#if defined(__x86_64__)

constexpr std::size_t block_size = 64;

// Fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
alignas(16) constexpr std::array<std::uint32_t, 64> round_constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// The eight words of the state as the instructions want them: {A,B,E,F} and {C,D,G,H}.
struct Halves {
  __m128i abef, cdgh;
};

__attribute__((target("sha,sse4.1"))) Halves compress(Halves state, const unsigned char* data,
                                                      std::size_t blocks) noexcept {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  for (; blocks > 0; --blocks, data += block_size) {
    __m128i words[4];  // std::array would drop what its element type says of alignment
    for (std::size_t i = 0; i < 4; ++i) {
      words[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(data + 16 * i)),
                                  big_endian);
    }
    const Halves before = state;
#pragma GCC unroll 16
    for (std::size_t i = 0; i < 16; ++i) {
      __m128i& current = words[i % 4];
      const __m128i input = _mm_add_epi32(
          current, _mm_load_si128(reinterpret_cast<const __m128i*>(&round_constants[4 * i])));
      state.cdgh = _mm_sha256rnds2_epu32(state.cdgh, state.abef, input);
      state.abef = _mm_sha256rnds2_epu32(state.abef, state.cdgh, _mm_shuffle_epi32(input, 0x0e));
      if (i < 12) {
        const __m128i third = words[(i + 2) % 4];
        const __m128i fourth = words[(i + 3) % 4];
        const __m128i partial = _mm_add_epi32(_mm_sha256msg1_epu32(current, words[(i + 1) % 4]),
                                              _mm_alignr_epi8(fourth, third, 4));
        current = _mm_sha256msg2_epu32(partial, fourth);
      }
    }
    state.abef = _mm_add_epi32(state.abef, before.abef);
    state.cdgh = _mm_add_epi32(state.cdgh, before.cdgh);
  }
  return state;
}

__attribute__((target("sha,sse4.1"))) Digest hardware_digest_of(std::string_view bytes) noexcept {
  // Square roots of the first eight primes (FIPS 180-4, 5.3.3), highest word first.
  Halves state{_mm_set_epi32(0x6a09e667, static_cast<int>(0xbb67ae85), 0x510e527f,
                             static_cast<int>(0x9b05688c)),
               _mm_set_epi32(0x3c6ef372, static_cast<int>(0xa54ff53a), 0x1f83d9ab, 0x5be0cd19)};
  const std::size_t whole = bytes.size() / block_size;
  state = compress(state, octets_of(bytes), whole);

  // What is left, a one bit, zeros, and the length in bits: one block or two.
  alignas(16) std::array<unsigned char, 2 * block_size> tail{};
  const std::size_t rest = bytes.size() - whole * block_size;
  if (rest > 0) {
    std::memcpy(tail.data(), bytes.data() + whole * block_size, rest);
  }
  tail[rest] = 0x80;
  const std::size_t end = rest + 9 <= block_size ? block_size : 2 * block_size;
  std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
  for (std::size_t i = 1; i <= 8; ++i, bits >>= 8U) {
    tail[end - i] = static_cast<unsigned char>(bits);
  }
  state = compress(state, tail.data(), end / block_size);

  alignas(16) std::array<std::uint32_t, 4> abef{};
  alignas(16) std::array<std::uint32_t, 4> cdgh{};
  _mm_store_si128(reinterpret_cast<__m128i*>(abef.data()), state.abef);
  _mm_store_si128(reinterpret_cast<__m128i*>(cdgh.data()), state.cdgh);
  const std::array<std::uint32_t, 8> words{abef[3], abef[2], cdgh[3], cdgh[2],
                                           abef[1], abef[0], cdgh[1], cdgh[0]};
  Digest digest;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<unsigned char>(words[i / 4] >> (24 - 8 * (i % 4)));
  }
  return digest;
}

bool has_instructions() noexcept {
  static const bool has =
      __builtin_cpu_supports("sha") != 0 && __builtin_cpu_supports("sse4.1") != 0;
  return has;
}

#endif

int hex_value(char digit) noexcept {
  if (digit >= '0' && digit <= '9') {
    return digit - '0';
  }
  return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

}  // namespace

Digest portable_digest_of(std::string_view bytes) noexcept {
  Digest digest;
  crypto_hash_sha256(digest.data(), octets_of(bytes), bytes.size());
  return digest;
}

Digest digest_of(std::string_view bytes) noexcept {
#if defined(__x86_64__)
  if (has_instructions()) {
    return hardware_digest_of(bytes);
  }
#endif
  return portable_digest_of(bytes);
}

std::string_view as_bytes(const Digest& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string to_hex(std::span<const unsigned char> bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

std::optional<Digest> digest_from_bytes(std::string_view bytes) noexcept {
  Digest digest;
  if (bytes.size() != digest.size()) {
    return std::nullopt;
  }
  std::memcpy(digest.data(), bytes.data(), digest.size());
  return digest;
}

std::optional<Digest> digest_from_hex(std::string_view text) noexcept {
  Digest digest;
  if (text.size() != 2 * digest.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    digest[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return digest;
}

}  // namespace mapctl
