// SPDX-License-Identifier: Apache-2.0
#include "core/base/ascii.hpp"
#include "core/base/text.hpp"
#include "core/catalog/profiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace mapctl::catalog {
namespace {

constexpr bool is_letter(char c) noexcept {
  return is_upper(c) || (c >= 'a' && c <= 'z');
}

// "BillingEMailAddr2" -> billing, e, mail, addr, 2.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const char before = i > 0 ? name[i - 1] : '\0';
    const char after = i + 1 < name.size() ? name[i + 1] : '\0';
    if (!is_letter(c) && !is_digit(c) && static_cast<unsigned char>(c) < 0x80) {
      continue;
    }
    const bool joined =
        is_letter(before) || is_digit(before) || static_cast<unsigned char>(before) >= 0x80;
    const bool starts =
        !joined || is_digit(c) != is_digit(before) ||
        (is_upper(c) && (!is_upper(before) || (is_letter(after) && !is_upper(after))));
    if (starts) {
      words.emplace_back();
    }
    words.back() += c;
  }
  for (std::string& word : words) {
    word = fold(word);
  }
  return words;
}

// What the lexicon knows is not at hand where rows are read; these few stand in names of people's
// data again and again.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> short_forms{{
    {"nm", "name"},
    {"fst", "first"},
    {"frst", "first"},
    {"lst", "last"},
    {"mid", "middle"},
    {"dt", "date"},
    {"dte", "date"},
    {"dat", "date"},
    {"brth", "birth"},
    {"adr", "address"},
    {"str", "street"},
    {"ph", "phone"},
    {"mob", "mobile"},
    {"eml", "email"},
}};

// The words with one blank at either end and between: a phrase is in it if " phrase " is. Names
// with short forms stand in it twice, as they are and written out.
std::string phrase_of(std::string_view name) {
  std::vector<std::string> words = words_of(name);
  std::string phrase = " " + join(words, " ") + " ";
  bool written_out = false;
  for (std::string& word : words) {
    for (const auto& [form, full] : short_forms) {
      if (word == form) {
        word = full;
        written_out = true;
      }
    }
  }
  return written_out ? phrase + " " + join(words, " ") + " " : phrase;
}

bool holds(std::string_view phrase, std::string_view words) {
  return phrase.find(fmt::format(" {} ", words)) != std::string_view::npos;
}

std::string_view first_held(std::string_view phrase, std::string_view alternatives) {
  for (const std::string_view words : split(alternatives, '|')) {
    if (holds(phrase, words)) {
      return words;
    }
  }
  return {};
}

struct Rule {
  std::string_view kind;
  std::string_view names;    // alternatives, separated by '|'
  double likelihood;         // by the name alone
  std::string_view what;     // what the values look like
  int pattern = -1;          // ValuePattern that supports it, or -1
  double pattern_alone = 0;  // likelihood if nearly all values have the pattern, whatever the name
  bool numbers_refute = true;  // a column of a numeric type cannot be it
};

constexpr int no_pattern = -1;

constexpr int of(ValuePattern pattern) noexcept {
  return static_cast<int>(pattern);
}

// Earlier rules win where two hold with equal likelihood.
constexpr std::array<Rule, 15> rules{{
    {"email", "email|e mail|mail|email address|emailaddress|mail address|courriel|correo", 0.85,
     "email addresses", of(ValuePattern::email), 0.95},
    {"payment card",
     "card number|cardnumber|credit card|creditcard|card no|pan|cc number|cc num|cvv|cvc", 0.8,
     "payment card numbers", of(ValuePattern::credit_card), 0.9, false},
    {"national id",
     "ssn|social security|social security number|national id|nationalid|national insurance|nino|"
     "tax id|taxid|tin|passport|passport number|passport no|driver license|drivers license|"
     "driving licence|licence number|dni|nif|nie|codice fiscale|personal number|personnummer|"
     "national identifier|identity number|id card",
     0.85, "national identity numbers", of(ValuePattern::national_id), 0.85, false},
    {"bank account",
     "iban|bank account|account iban|bic|swift|routing number|sort code|bank account number|"
     "kontonummer",
     0.75, "", no_pattern, 0, false},
    {"birth date",
     "birth date|birthdate|date of birth|dob|birthday|birth day|day of birth|birth year|"
     "year of birth|born|born on|geburtsdatum|geburtstag|geb datum",
     0.9, "", no_pattern, 0, false},
    {"phone",
     "phone|telephone|tel|mobile|mobile phone|cell|cell phone|cellphone|phone number|phonenumber|"
     "fax|faxnumber|homephone|workphone|mobilephone|telefon|handy|msisdn|whatsapp|phone no",
     0.8, "telephone numbers", of(ValuePattern::phone), 0.8, false},
    {"name",
     "first name|firstname|last name|lastname|surname|given name|givenname|family name|familyname|"
     "middle name|middlename|full name|fullname|maiden name|forename|fname|lname|nick name|"
     "nickname|contact name|contactname|person name|employee name|vorname|nachname|patient name|"
     "cardholder|cardholder name|salutation name|addressee|recipient name",
     0.85, "names of people", of(ValuePattern::person_name)},
    {"address",
     "street|street address|street 1|street 2|address|address line|address line 1|address line 2|"
     "address 1|address 2|addr|addr 1|addr 2|addr line|home address|mailing address|house number|"
     "billing street|shipping street|strasse|postal address|ship address|rue|calle",
     0.65, "", no_pattern},
    {"ip address", "ip|ip address|ipaddress|ip addr|remote addr|client ip|last login ip", 0.7,
     "IP addresses", of(ValuePattern::ip_address), 0.7},
    {"gender", "gender|sex|geschlecht", 0.75, "", no_pattern, 0, false},
    {"sensitive",
     "religion|ethnicity|ethnic origin|race|sexual orientation|disability|diagnosis|blood type|"
     "blood group|political|trade union|marital status|nationality|citizenship",
     0.7, "", no_pattern, 0, false},
    {"credential",
     "password|passwd|pwd|password hash|secret|pin|api key|access token|refresh token|"
     "private key|security answer|username|user name|login name",
     0.7, "", no_pattern},
    {"pay", "salary|wage|hourly rate|gross pay|net pay|base pay|income|compensation|bonus", 0.6, "",
     no_pattern, 0, false},
    {"location", "latitude|longitude|lat|lng|geo location|gps|geolocation", 0.4, "", no_pattern, 0,
     false},
    {"postcode", "postcode|postal code|postalcode|zip|zip code|zipcode|post code|plz", 0.4,
     "postcodes", of(ValuePattern::postcode), 0, false},
}};

// Words behind which a name is about something, not the thing itself: phone_verified, email_count.
constexpr std::string_view about =
    "count|flag|status|type|verified|enabled|opt|subject|template|sent|opened|clicked|bounced|"
    "bounce|preference|preferences|consent|valid|is|has|domain|length|format|label|at|on|kind|"
    "category|total|number of|extension|provider|source|id|key|uuid|sk|code";

// Names of things that are not people.
constexpr std::string_view not_people =
    "company|product|file|table|column|host|domain|account|group|department|category|brand|item|"
    "service|event|campaign|project|team|organization|organisation|org|business|vendor|supplier|"
    "store|shop|city|country|state|region|territory|bank|school|server|app|application|page|field|"
    "role|plan|genre|playlist|album|track|media|type|class|status|sku|article|process|job";

constexpr std::string_view people_tables =
    "contact|contacts|person|persons|people|employee|employees|patient|patients|staff|student|"
    "students|user|users|actor|author|authors|lead|leads|member|members|customer|customers|client|"
    "clients|guest|guests|passenger|passengers|applicant|applicants|attendee|attendees";

double share_of(const Column& column, int pattern) noexcept {
  return column.statistics && pattern != no_pattern
             ? column.statistics->share(static_cast<ValuePattern>(pattern))
             : 0;
}

bool has_values(const Column& column) noexcept {
  return column.statistics && column.statistics->distinct > 0;
}

std::string percent(double share) {
  return fmt::format("{:.0f} %", share * 100);
}

// The last word decides whether the name speaks about the thing only, unless it belongs to what
// made the rule hold ("geo location", "bank account number").
bool is_only_about(std::string_view phrase, std::string_view held) {
  const auto last_begin = phrase.find_last_of(' ', phrase.size() - 2);
  const auto last = phrase.substr(last_begin + 1, phrase.size() - last_begin - 2);
  const auto first = phrase.substr(1, phrase.find(' ', 1) - 1);
  return (!held.ends_with(last) && !first_held(fmt::format(" {} ", last), about).empty()) ||
         first == "is" || first == "has" || first == "num";
}

// Birth dates, pay and the like may be numbers; an address or an email cannot.
bool type_refutes(const Column& column, const Rule& rule) noexcept {
  const LogicalType type = column.type.logical;
  if (type == LogicalType::boolean) {
    return rule.kind != "gender";
  }
  const bool temporal = is_temporal(type) || type == LogicalType::interval;
  if (rule.kind == "birth date") {
    return type == LogicalType::floating || type == LogicalType::decimal;
  }
  return temporal || (is_number(type) && rule.numbers_refute);
}

std::optional<PersonalData> by_rule(const Column& column, const Rule& rule, std::string_view phrase,
                                    std::string_view comment) {
  if (type_refutes(column, rule)) {
    return std::nullopt;
  }
  const double share = share_of(column, rule.pattern);
  std::string_view held = first_held(phrase, rule.names);
  if (!held.empty() && is_only_about(phrase, held) && share < 0.5) {
    held = {};
  }
  // Any table may have an address that is a network's or a file's.
  if (rule.kind == "address" && !first_held(phrase, "ip|mac|web|url|memory|email|mail").empty()) {
    held = {};
  }
  if (!held.empty() && rule.pattern != no_pattern && rule.kind != "national id" &&
      rule.kind != "name" && rule.kind != "phone" && rule.kind != "postcode" &&
      rule.kind != "payment card" && has_values(column) && share < 0.05) {
    held = {};  // named so, but not one value looks like it
  }
  PersonalData found{std::string(rule.kind), {}, 0};
  if (!held.empty()) {
    found.likelihood = rule.likelihood;
    found.reason = fmt::format("the name says '{}'", held);
  }
  const double needed = held.empty() ? 0.8 : 0.5;
  if (share >= needed && (!held.empty() || rule.pattern_alone > 0)) {
    found.likelihood = held.empty() ? rule.pattern_alone : std::max(0.97, rule.likelihood);
    found.reason += fmt::format("{}{} of the values look like {}", held.empty() ? "" : " and ",
                                percent(share), rule.what);
  } else if (held.empty()) {
    // A comment that is a whole sentence mentions much; its words count for less than a name's.
    const auto said = rule.likelihood >= 0.8 ? first_held(comment, rule.names) : std::string_view{};
    if (said.empty() || is_only_about(phrase, said) ||
        (has_values(column) && rule.pattern != no_pattern && share < 0.3)) {
      return std::nullopt;
    }
    found.likelihood = 0.55;
    found.reason = fmt::format("the comment says '{}'", said);
  }
  return found;
}

// "name" by itself, or "customer", is a person's only where the table or the values say so.
std::optional<PersonalData> by_context(const Column& column, std::string_view phrase,
                                       std::string_view table) {
  const double share = share_of(column, of(ValuePattern::person_name));
  const bool named = !first_held(phrase,
                                 "name|owner|assignee|author|customer|manager|agent|"
                                 "requester|created by|contact|representative")
                          .empty();
  if (!named || column.type.logical != LogicalType::string ||
      !first_held(phrase, not_people).empty() || is_only_about(phrase, "name")) {
    return std::nullopt;
  }
  if (share >= 0.6) {
    return PersonalData{
        "name",
        fmt::format("the name says '{}' and {} of the values look like names of people",
                    trim(phrase), percent(share)),
        0.85};
  }
  const auto people = first_held(table, people_tables);
  if (holds(phrase, "name") && !people.empty() && (!has_values(column) || share >= 0.2)) {
    return PersonalData{"name", fmt::format("a name in the table '{}'", people), 0.6};
  }
  return std::nullopt;
}

}  // namespace

std::optional<PersonalData> detect_personal_data(const Column& column, const TableName& table) {
  const std::string phrase = phrase_of(column.name.text);
  const std::string comment = phrase_of(column.comment);
  const std::string table_phrase = phrase_of(table.text);
  std::optional<PersonalData> best;
  const auto consider = [&](std::optional<PersonalData> found) {
    if (found && (!best || found->likelihood > best->likelihood)) {
      best = std::move(found);
    }
  };
  for (const Rule& rule : rules) {
    consider(by_rule(column, rule, phrase, comment));
  }
  consider(by_context(column, phrase, table_phrase));
  // Below that half of the columns found would be mistakes.
  return best && best->likelihood >= 0.5 ? best : std::nullopt;
}

std::string mask(std::string_view value) {
  const auto at_sign = value.find('@');
  const auto last_dot = value.rfind('.');
  const bool email = at_sign != value.npos && last_dot != value.npos && last_dot > at_sign;
  const std::size_t kept_from = email ? last_dot : value.size();
  const bool tiny = utf8_length(value) <= 2;
  std::string masked;
  bool in_word = false;
  for (std::size_t at = 0; at < value.size();) {
    const auto rest = value.substr(at);
    const auto character = utf8_prefix(rest, 1);
    const char c = character.front();
    at += character.size();
    if (at > kept_from) {
      masked += character;
    } else if (is_digit(c)) {
      masked += '*';
      in_word = true;
    } else if (is_letter(c) || static_cast<unsigned char>(c) >= 0x80) {
      masked += in_word || tiny ? std::string_view{"*"} : character;
      in_word = true;
    } else {
      masked += character;
      // What is masked already stays one word, so that masking twice changes nothing.
      in_word = c == '*';
    }
  }
  return masked;
}

namespace {

// Masks the rows and keeps the hashes of their parts, unless that was done before.
void hide_rows(ColumnStatistics& statistics) {
  std::vector<std::vector<std::uint64_t>> parts_of_rows;
  bool changed = false;
  bool composed = false;
  for (std::string& value : statistics.first_rows) {
    auto& hashes = parts_of_rows.emplace_back();
    if (const auto parts = value_parts(value); parts.size() > 1 && !value.ends_with("...")) {
      for (const auto part : parts) {
        hashes.push_back(value_hash(part));
      }
    }
    std::string masked = mask(value);
    if (masked != value) {
      changed = true;
      composed |= !hashes.empty();
      value = std::move(masked);
    }
  }
  if (changed) {
    statistics.row_parts = composed ? std::move(parts_of_rows) : decltype(parts_of_rows){};
  }
}

}  // namespace

void protect_personal_data(Column& column, const TableName& table) {
  column.personal = detect_personal_data(column, table);
  if (!column.personal || !column.statistics) {
    return;
  }
  ColumnStatistics& statistics = *column.statistics;
  for (auto* bound : {&statistics.minimum, &statistics.maximum}) {
    if (*bound) {
      *bound = mask(**bound);
    }
  }
  for (FrequentValue& value : statistics.frequent) {
    value.text = mask(value.text);
  }
  std::stable_sort(statistics.frequent.begin(), statistics.frequent.end(),
                   [](const FrequentValue& left, const FrequentValue& right) {
                     return left.count != right.count ? left.count > right.count
                                                      : left.text < right.text;
                   });
  for (std::string& sample : statistics.samples) {
    sample = mask(sample);
  }
  hide_rows(statistics);
}

}  // namespace mapctl::catalog
