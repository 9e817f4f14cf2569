// SPDX-License-Identifier: Apache-2.0
#include "core/base/secret.hpp"

#include "tests/support/catch.hpp"

#include <fmt/format.h>

#include <cstring>
#include <new>
#include <ostream>
#include <type_traits>

using mapctl::Secret;

namespace {

template <class T, class = void>
struct IsStreamable : std::false_type {};
template <class T>
struct IsStreamable<
    T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<const T&>())>>
    : std::true_type {};

// The tests must be able to fail: the same questions are answered with yes for a string.
static_assert(fmt::is_formattable<std::string>::value && IsStreamable<std::string>::value);
static_assert(!fmt::is_formattable<Secret>::value, "a secret must not reach a message");
static_assert(!IsStreamable<Secret>::value, "a secret must not reach a stream");
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<std::string, Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);

bool holds(const void* memory, std::size_t size, std::string_view text) {
  return memmem(memory, size, text.data(), text.size()) != nullptr;
}

}  // namespace

TEST_CASE("a secret reveals what it was given", "[base][secret]") {
  const Secret secret{"s3cr3t"};
  CHECK(secret.reveal() == "s3cr3t");
  CHECK_FALSE(secret.empty());
  CHECK(Secret{}.empty());
}

TEST_CASE("a secret that was moved from is empty and keeps no bytes", "[base][secret]") {
  // Short ones live inside the object, long ones on the heap.
  for (const std::string& text : {std::string{"hunter2"}, std::string(100, 'k')}) {
    Secret first{text};
    const Secret second{std::move(first)};
    CHECK(second.reveal() == text);
    CHECK(first.empty());
    CHECK_FALSE(holds(&first, sizeof first, "hunter2"));

    Secret third{"something else"};
    Secret fourth{text};
    third = std::move(fourth);
    CHECK(third.reveal() == text);
    CHECK(fourth.empty());
    CHECK_FALSE(holds(&fourth, sizeof fourth, "hunter2"));
    CHECK_FALSE(holds(&fourth, sizeof fourth, "something else"));
  }
}

TEST_CASE("the memory of a short secret is wiped when it dies", "[base][secret]") {
  alignas(Secret) unsigned char memory[sizeof(Secret)];
  auto* secret = new (memory) Secret{"hunter2"};
  REQUIRE(holds(memory, sizeof memory, "hunter2"));
  secret->~Secret();
  // Read through the array, whose bytes outlive the object.
  CHECK_FALSE(holds(memory, sizeof memory, "hunter2"));
}
