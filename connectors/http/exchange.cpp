// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/exchange.hpp"

#include "connectors/http/errors.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <mutex>

namespace mapctl::connectors::http {
namespace {

constexpr int poll_milliseconds = 50;

void start_library() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  if (const CURLcode code = curl_easy_setopt(easy, option, value); code != CURLE_OK) {
    throw Error{ErrorCode::internal,
                fmt::format("libcurl refuses option {}: {}", static_cast<int>(option),
                            curl_easy_strerror(code))};
  }
}

}  // namespace

struct Line::Transfer {
  const ports::HttpRequest* request = nullptr;
  std::uint64_t limit = 0;
  CURL* easy = nullptr;
  ports::HttpResponse response{};
  std::uint64_t received = 0;
  bool too_large = false;
  bool delivered = false;
  std::exception_ptr failure{};  // of on_data: must not pass through the C library
};

Line::Line() {
  start_library();
  multi_.reset(curl_multi_init());
  easy_.reset(curl_easy_init());
  if (!multi_ || !easy_) {
    throw Error{ErrorCode::resource_limit, "libcurl cannot be started: out of memory"};
  }
}

std::size_t Line::on_body(char* data, std::size_t size, std::size_t count, void* pointer) {
  auto& transfer = *static_cast<Transfer*>(pointer);
  const std::size_t bytes = size * count;
  try {
    long status = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    transfer.received += bytes;
    if (transfer.request->on_data && status >= 200 && status < 300) {
      transfer.delivered = true;
      transfer.request->on_data(std::string_view{data, bytes});
      return bytes;
    }
    if (transfer.received > transfer.limit) {
      transfer.too_large = true;
      return 0;
    }
    transfer.response.body.append(data, bytes);
    return bytes;
  } catch (...) {
    transfer.failure = std::current_exception();
    return 0;
  }
}

std::size_t Line::on_header(char* data, std::size_t size, std::size_t count, void* pointer) {
  auto& transfer = *static_cast<Transfer*>(pointer);
  const std::size_t bytes = size * count;
  const std::string_view line{data, bytes};
  try {
    if (line.starts_with("HTTP/")) {
      transfer.response.headers.clear();  // an interim answer or that of a proxy came before
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
      transfer.response.headers.push_back(
          {to_lower(trim(line.substr(0, colon))), std::string{trim(line.substr(colon + 1))}});
    }
    return bytes;
  } catch (...) {
    transfer.failure = std::current_exception();
    return 0;
  }
}

void Line::prepare(const ports::HttpRequest& request, const ports::HttpSettings& settings,
                   Transfer& transfer) {
  CURL* easy = easy_.get();
  curl_easy_reset(easy);  // connections stay
  detail_.fill('\0');
  set(easy, CURLOPT_ERRORBUFFER, detail_.data());
  set(easy, CURLOPT_URL, request.url.c_str());
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(easy, CURLOPT_USERAGENT, "mapctl");
  const auto timeout = static_cast<long>(std::ceil(settings.timeout * 1000));
  set(easy, CURLOPT_TIMEOUT_MS, std::max(1L, timeout));
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, std::max(1L, timeout));
  if (!settings.ca_file.empty()) {
    set(easy, CURLOPT_CAINFO, settings.ca_file.c_str());
    set(easy, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }

  curl_slist* list = nullptr;
  const auto add = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(list, line.c_str());
    if (longer == nullptr) {
      curl_slist_free_all(list);
      throw Error{ErrorCode::resource_limit, "a request cannot be made: out of memory"};
    }
    list = longer;
  };
  for (const ports::HttpHeader& header : request.headers) {
    if (header.name.find_first_of("\r\n:") != std::string::npos ||
        header.value.find_first_of("\r\n") != std::string::npos) {
      curl_slist_free_all(list);
      throw Error{ErrorCode::configuration,
                  fmt::format("header '{}' holds a line break or colon", header.name),
                  "check the headers and the secrets that go into them"};
    }
    // A header without value needs a semicolon, or libcurl leaves it out.
    add(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
  }
  add("Expect:");  // saves a round trip for bodies
  headers_.reset(list);
  set(easy, CURLOPT_HTTPHEADER, headers_.get());

  if (request.method == "HEAD") {
    set(easy, CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET" || !request.body.empty()) {
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(easy, CURLOPT_POSTFIELDS, request.body.c_str());
    set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  if (request.aws) {
    const std::string provider =
        fmt::format("aws:amz:{}:{}", request.aws->region, request.aws->service);
    set(easy, CURLOPT_AWS_SIGV4, provider.c_str());
    set(easy, CURLOPT_USERNAME, request.aws->access_key.reveal().c_str());
    set(easy, CURLOPT_PASSWORD, request.aws->secret_key.reveal().c_str());
  }
  if (!request.on_data) {
    set(easy, CURLOPT_ACCEPT_ENCODING, "");  // whatever this libcurl can unpack
  }
  set(easy, CURLOPT_WRITEFUNCTION, &Line::on_body);
  set(easy, CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
  set(easy, CURLOPT_HEADERFUNCTION, &Line::on_header);
  set(easy, CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
}

// The result of libcurl, or -1 when `stop` came first.
int Line::perform(const std::stop_token& stop) {
  CURLM* multi = multi_.get();
  curl_multi_add_handle(multi, easy_.get());
  int result = -1;
  while (!stop.stop_requested()) {
    int running = 0;
    if (const CURLMcode code = curl_multi_perform(multi, &running); code != CURLM_OK) {
      curl_multi_remove_handle(multi, easy_.get());
      throw Error{ErrorCode::internal,
                  fmt::format("libcurl failed: {}", curl_multi_strerror(code))};
    }
    if (running == 0) {
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
        if (message->msg == CURLMSG_DONE) {
          result = message->data.result;
        }
      }
      break;
    }
    curl_multi_poll(multi, nullptr, 0, poll_milliseconds, nullptr);
  }
  curl_multi_remove_handle(multi, easy_.get());
  return result;
}

ports::HttpResponse Line::exchange(const ports::HttpRequest& request,
                                   const ports::HttpSettings& settings,
                                   const std::stop_token& stop) {
  Transfer transfer;
  transfer.request = &request;
  transfer.limit = settings.response_limit;
  transfer.easy = easy_.get();
  delivered_ = false;
  opened_ = 0;
  prepare(request, settings, transfer);
  const int result = perform(stop);
  delivered_ = transfer.delivered;
  curl_easy_getinfo(easy_.get(), CURLINFO_NUM_CONNECTS, &opened_);
  if (transfer.failure) {
    std::rethrow_exception(transfer.failure);
  }
  if (transfer.too_large) {
    throw Error{ErrorCode::resource_limit,
                fmt::format("the answer of '{}' is larger than {}", ports::shown_url(request.url),
                            human_bytes(static_cast<double>(settings.response_limit))),
                settings.hints.options
                    ? "ask for smaller pages, or set option 'response_limit' higher"
                    : "look at what answers there: no answer of that kind is this large"};
  }
  if (result < 0) {
    throw Error{ErrorCode::cancelled,
                fmt::format("asking '{}' was cancelled", ports::shown_url(request.url))};
  }
  if (result != CURLE_OK) {
    const std::string_view detail =
        detail_[0] != '\0' ? std::string_view{detail_.data()}
                           : std::string_view{curl_easy_strerror(static_cast<CURLcode>(result))};
    throw transport_error(result, request.url, detail, settings.timeout, settings.hints);
  }
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  transfer.response.url = request.url;
  return std::move(transfer.response);
}

}  // namespace mapctl::connectors::http
