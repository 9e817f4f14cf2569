// SPDX-License-Identifier: Apache-2.0
#include "core/ports/secret_mask.hpp"

#include "core/base/base64.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stop_token>
#include <utility>
#include <vector>

namespace mapctl::ports {
namespace {

constexpr std::size_t least = 4;         // characters of a secret that is hidden
constexpr std::size_t least_inside = 8;  // and of one that is hidden inside of a word
constexpr std::size_t least_part = 6, least_word_part = 10;
constexpr std::size_t least_of_a_key = 16;
constexpr std::size_t most_passing = 64;
constexpr std::size_t most_looked_at = 4'096;  // bytes of a body or text

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Letters of one case are a word that anybody may use.
bool tells_something(std::string_view part) {
  const auto all = [&](char first, char last) {
    return std::all_of(part.begin(), part.end(), [&](char c) { return c >= first && c <= last; });
  };
  return part.size() >= least_word_part ||
         (part.size() >= least_part && !all('a', 'z') && !all('A', 'Z'));
}

std::vector<std::string> forms_of(const std::string& secret) {
  std::vector<std::string> forms{secret};
  const auto add = [&](std::string form) {
    if (std::find(forms.begin(), forms.end(), form) == forms.end()) {
      forms.push_back(std::move(form));
    }
  };
  std::string encoded = percent_encode(secret);
  add(replace_all(encoded, "%20", "+"));
  add(encoded);
  for (std::size_t at = encoded.find('%'); at != std::string::npos;
       at = encoded.find('%', at + 3)) {
    encoded.replace(at, 3, to_lower(std::string_view{encoded}.substr(at, 3)));
  }
  add(std::move(encoded));
  std::string quoted = Json(to_valid_utf8(secret)).dump();
  add(quoted.substr(1, quoted.size() - 2));
  return forms;
}

void hide_whole(std::string_view text, std::string_view secret, std::vector<bool>& hidden) {
  for (std::size_t at = text.find(secret); at != text.npos; at = text.find(secret, at + 1)) {
    const std::size_t end = at + secret.size();
    const bool is_inside = (at > 0 && is_alnum(text[at - 1]) && is_alnum(secret.front())) ||
                           (end < text.size() && is_alnum(text[end]) && is_alnum(secret.back()));
    if (!is_inside || secret.size() >= least_inside) {
      std::fill_n(hidden.begin() + static_cast<std::ptrdiff_t>(at), secret.size(), true);
    }
  }
}

void hide_parts(std::string_view text, std::string_view secret, std::vector<bool>& hidden) {
  for (std::size_t at = 0; at + least_part <= text.size();) {
    const std::string_view rest = text.substr(at);
    const std::string_view start = rest.substr(0, least_part);
    std::size_t longest = 0;
    for (std::size_t place = secret.find(start); place != secret.npos;
         place = secret.find(start, place + 1)) {
      const std::string_view there = secret.substr(place);
      const auto differs = std::mismatch(rest.begin(), rest.end(), there.begin(), there.end());
      longest = std::max(longest, static_cast<std::size_t>(differs.first - rest.begin()));
    }
    if (longest == 0 || !tells_something(rest.substr(0, longest))) {
      ++at;
      continue;
    }
    std::fill_n(hidden.begin() + static_cast<std::ptrdiff_t>(at), longest, true);
    at += longest;
  }
}

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
}

// No character may be cut in two.
void hide_whole_characters(std::string_view text, std::vector<bool>& hidden) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && continues(text[end])) {
      ++end;
    }
    const auto first = hidden.begin() + static_cast<std::ptrdiff_t>(at);
    const auto last = hidden.begin() + static_cast<std::ptrdiff_t>(end);
    if (std::find(first, last, true) != last) {
      std::fill(first, last, true);
    }
    at = end;
  }
}

// `key=customers` is none, but what is as long as a key may well be one.
bool is_secret_pair(std::string_view name, std::string_view value) {
  const std::string lower = to_lower(name);
  return is_secret_name(name) || ((lower == "key" || lower == "sig" || lower == "auth") &&
                                  value.size() >= least_of_a_key && value.find(' ') == value.npos);
}

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    const int value = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    return value;
  };
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size() && digit(text[at + 1]) >= 0 &&
        digit(text[at + 2]) >= 0) {
      plain += static_cast<char>(digit(text[at + 1]) * 16 + digit(text[at + 2]));
      at += 2;
    } else {
      plain += text[at] == '+' ? ' ' : text[at];
    }
  }
  return plain;
}

// What stands between "://" and '@'.
std::string_view user_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == url.npos) {
    return {};
  }
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  const auto at = url.rfind('@');
  return at == url.npos ? std::string_view{} : url.substr(0, at);
}

std::string_view query_of(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const auto question = url.find('?');
  return question == url.npos ? std::string_view{} : url.substr(question + 1);
}

template <class Visit>
void each_pair(std::string_view form, Visit visit) {
  for (const std::string_view pair : split(form, '&')) {
    if (const auto equal = pair.find('='); equal != pair.npos) {
      visit(percent_decoded(pair.substr(0, equal)), percent_decoded(pair.substr(equal + 1)));
    }
  }
}

template <class Visit>
void each_text(const Json& value, Visit visit) {
  for (const auto& [name, member] : value.items()) {
    if (member.is_string()) {
      visit(name, member.template get_ref<const std::string&>());
    } else if (member.is_structured()) {
      each_text(member, visit);
    }
  }
}

void put(std::deque<Secret>& known, std::string_view secret) {
  secret = trim(secret);
  const bool is_known = std::any_of(known.begin(), known.end(),
                                    [&](const Secret& one) { return one.reveal() == secret; });
  if (secret.size() >= least && !is_known) {
    known.emplace_back(std::string{secret});
  }
}

class GuardedClient final : public HttpClient {
 public:
  GuardedClient(std::shared_ptr<HttpClient> client, std::shared_ptr<SecretMask> mask)
      : client_{std::move(client)}, mask_{std::move(mask)} {}

  HttpResponse send(const HttpRequest& request, const HttpJudge& judge,
                    std::stop_token stop) override {
    mask_->add_sent(request);
    try {
      HttpResponse response = client_->send(request, judge, std::move(stop));
      response.secrets = mask_;
      return response;
    } catch (const Error& error) {
      throw mask_->masked(error);
    }
  }

  HttpState state() const override { return client_->state(); }

 private:
  std::shared_ptr<HttpClient> client_;
  std::shared_ptr<SecretMask> mask_;
};

}  // namespace

SecretMask::SecretMask(const ConnectorOptions& options) {
  bool has_secret = false;
  for (const auto& [name, secret] : options.secrets) {
    if (name.ends_with("url")) {
      add_url(secret.reveal());
    } else if (!names_somebody(name)) {
      add(secret.reveal());
      has_secret = has_secret || secret.reveal().size() >= least;
    }
  }
  for (const auto& [name, secret] : options.secrets) {
    if (!has_secret && (name == "user" || name == "username")) {
      add(secret.reveal());  // there are systems that take a key as the user
    }
  }
  for (const auto& [name, value] : options.options) {
    add_url(value);
    if (is_secret_name(name)) {
      add(value);
    }
  }
}

void SecretMask::add(std::string_view secret) {
  const std::lock_guard lock{mutex_};
  put(given_, secret);
}

void SecretMask::add_url(std::string_view url) {
  const std::string_view user = user_of(url);
  if (const auto colon = user.find(':'); colon != user.npos) {
    const std::string name = percent_decoded(user.substr(0, colon));
    const std::string password = percent_decoded(user.substr(colon + 1));
    add(password);
    add(base64(name + ":" + password));
  }
  each_pair(query_of(url), [&](const std::string& name, const std::string& value) {
    if (is_secret_pair(name, value)) {
      add(value);
    }
  });
}

void SecretMask::add_passing(std::string_view secret) {
  const std::lock_guard lock{mutex_};
  put(passing_, secret);
  if (passing_.size() > most_passing) {
    passing_.pop_front();
  }
}

void SecretMask::add_named(std::string_view name, std::string_view value) {
  if (is_secret_pair(name, value)) {
    add_passing(value);
  }
}

void SecretMask::add_sent(const HttpRequest& request) {
  for (const HttpHeader& header : request.headers) {
    // "Bearer x", "Basic x": the kind is no secret.
    const std::string_view value = trim(header.value);
    const auto blank = value.find(' ');
    add_named(header.name, blank == value.npos ? value : value.substr(blank + 1));
  }
  const auto add_pair = [&](const std::string& name, const std::string& value) {
    add_named(name, value);
  };
  each_pair(query_of(request.url), add_pair);
  if (!user_of(request.url).empty()) {
    add_url(request.url);
  }
  if (request.body.size() <= most_looked_at) {
    if (request.body.starts_with('{')) {
      if (const Json body = read_json(request.body); body.is_object()) {
        each_text(body, add_pair);
      }
    } else {
      each_pair(request.body, add_pair);
    }
  }
  if (request.aws) {
    add_passing(request.aws->secret_key.reveal());
  }
}

std::string SecretMask::masked(std::string_view text) const {
  std::vector<bool> hidden(text.size());
  {
    const std::lock_guard lock{mutex_};
    for (const auto* known : {&given_, &passing_}) {
      for (const Secret& secret : *known) {
        for (const std::string& form : forms_of(secret.reveal())) {
          hide_whole(text, form, hidden);
          hide_parts(text, form, hidden);
        }
      }
    }
  }
  hide_whole_characters(text, hidden);
  std::string shown;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!hidden[at]) {
      shown += text[at];
    } else if (at == 0 || !hidden[at - 1]) {
      shown += mapctl::masked;
    }
  }
  return shown;
}

Error SecretMask::masked(const Error& error) const {
  Error::Facts facts = error.facts();
  facts.message = masked(facts.message);
  facts.hint = masked(facts.hint);
  return Error{std::move(facts)};
}

std::string shown_text(std::string_view text, const SecretMask* mask, std::size_t length) {
  std::string line = to_valid_utf8(text.substr(0, std::max(length * 4, most_looked_at)));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  if (mask != nullptr) {
    line = mask->masked(line);
  }
  return std::string{utf8_prefix(trim(line), length)};
}

std::shared_ptr<HttpClient> guarded(std::shared_ptr<HttpClient> client,
                                    std::shared_ptr<SecretMask> mask) {
  return std::make_shared<GuardedClient>(std::move(client), std::move(mask));
}

}  // namespace mapctl::ports
