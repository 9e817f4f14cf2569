// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/http/client.hpp"
#include "core/base/error.hpp"
#include "core/ports/http_client.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <string_view>

namespace mapctl::test {

// Puts something odd in the place of each kind of member, by turns, of the answers whose path holds
// `path`, and runs `use`, which must go well or fail with an Error that says what and what to do.
// `url` is that of a server of web_server.py. How often that was done.
template <class Use>
int spoil_answers(const std::string& url, const std::string& path, Use use) {
  static constexpr std::string_view odd[] = {
      "null", "7", "\"odd\"", "[]", "{}", "[[1]]", "true", "1e300", "{\"odd\": [null]}", "-1"};
  static const auto http = connectors::http::factory().client({});
  const auto ask = [&](const std::string& method, const std::string& body) {
    ports::HttpRequest request;
    request.method = method;
    request.url = url + "/_spoil";
    request.body = body;
    return http->send(request, {}, {}).body;
  };
  int count = 0;
  for (bool again = true; again; ++count) {
    // Two of them at each place: all would take long.
    for (const int turn : {0, 1}) {
      const std::string value{odd[static_cast<std::size_t>(count * 3 + turn * 5) % 10]};
      ask("POST", "{\"path\": \"" + path + "\", \"at\": " + std::to_string(count) +
                      ", \"value\": " + value + "}");
      INFO(path << " number " << count << ": " << value);
      try {
        use();
      } catch (const Error& error) {
        CHECK(error.code() != ErrorCode::internal);
        CHECK(error.code() != ErrorCode::cancelled);
        CHECK_FALSE(std::string_view{error.what()}.empty());
        CHECK_FALSE(error.facts().hint.empty());
      }
    }
    again = ask("GET", {}) == "true";
  }
  ask("POST", "null");
  return count - 1;
}

}  // namespace mapctl::test
