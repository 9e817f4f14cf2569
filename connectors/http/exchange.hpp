// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/http/handle.hpp"
#include "core/ports/http_client.hpp"

#include <array>
#include <stop_token>
#include <string>
#include <vector>

namespace mapctl::connectors::http {

// One place of the pool: a libcurl handle with the connections that it keeps open. Used by one
// thread at a time.
class Line {
 public:
  Line();
  // One request without redirects and repetitions. Throws Error as HttpClient::send() does.
  ports::HttpResponse exchange(const ports::HttpRequest& request,
                               const ports::HttpSettings& settings, const std::stop_token& stop);
  // Connections opened by the last exchange.
  long opened() const noexcept { return opened_; }
  // Whether the last exchange gave a piece to HttpRequest::on_data.
  bool delivered() const noexcept { return delivered_; }

 private:
  struct Transfer;
  void prepare(const ports::HttpRequest& request, const ports::HttpSettings& settings,
               Transfer& transfer);
  int perform(const std::stop_token& stop);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* transfer);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* transfer);

  MultiHandle multi_;
  EasyHandle easy_;
  ListHandle headers_;
  std::array<char, CURL_ERROR_SIZE> detail_{};
  long opened_ = 0;
  bool delivered_ = false;
};

}  // namespace mapctl::connectors::http
