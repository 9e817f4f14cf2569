// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mapctl {

using Digest = std::array<unsigned char, 32>;

// SHA-256 of one piece in memory, with the processor's own instructions where it has them: several
// times as fast as the portable code for the short texts that make up an audit trail.
Digest digest_of(std::string_view bytes) noexcept;
// The portable code alone; the same digest.
Digest portable_digest_of(std::string_view bytes) noexcept;

std::string_view as_bytes(const Digest& digest) noexcept;
// Lower-case hexadecimal.
std::string to_hex(std::span<const unsigned char> bytes);
// Nothing unless `bytes` are 32.
std::optional<Digest> digest_from_bytes(std::string_view bytes) noexcept;
// Nothing unless `text` is 64 hexadecimal digits.
std::optional<Digest> digest_from_hex(std::string_view text) noexcept;

}  // namespace mapctl
