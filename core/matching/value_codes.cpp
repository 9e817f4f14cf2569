// SPDX-License-Identifier: Apache-2.0
#include "core/matching/value_codes.hpp"

#include "core/base/text.hpp"
#include "core/catalog/code_lists.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>
#include <unordered_map>

namespace mapctl::matching {
namespace {

using catalog::Column;

constexpr std::size_t most_codes = 60;
constexpr std::size_t fewest_letters = 3;  // of a word that another may begin with
constexpr std::int64_t most_listed = 40;   // values of a column of codes
constexpr double recognised_share = 0.6;   // of the values, to be of a vocabulary
constexpr double covered_rows = 0.9;       // where the target declares no codes
constexpr std::int64_t most_words = 15;    // of a column of codes that no vocabulary knows ...
constexpr std::int64_t rows_a_word = 3;    // ... and rows for each, at least

constexpr double spelled_alike = 1.0;
constexpr double same_meaning = 0.9;
constexpr double begins_alike = 0.8;

// Of a column's values, to tell its vocabularies.
constexpr std::size_t most_looked_up = 16;
constexpr std::size_t fewest_looked_up = 2;
// Of the rows, where values are of one or two letters: these are found in many a vocabulary.
constexpr double recognised_letters = 0.98;

// Values that stand for the same, folded, with blanks between; '/' ends a meaning. Where a meaning
// has codes, they come first, the shortest at the beginning.
struct Vocabulary {
  std::string_view name;
  std::string_view meanings;
  bool specific = false;  // its values are seldom said of anything else
};

constexpr std::array vocabularies{
    Vocabulary{"gender",
               "m male man mann maennlich mannlich homme/f female woman w frau weiblich "
               "femme/x d other diverse divers nonbinary nb/u unknown notspecified "
               "undisclosed prefernottosay",
               true},
    Vocabulary{"yes or no",
               "y yes true t 1 on ja oui si sim tak vrai wahr active enabled aktiv actif/"
               "n no false f 0 off nein non nao nie faux falsch inactive disabled inaktiv inactif"},
    Vocabulary{"activity",
               "a act active enabled live aktiv/i inact inactive disabled dormant "
               "inaktiv/s susp suspended onhold blocked/c closed terminated cancelled "
               "canceled/p pend pending/d del deleted archived"},
    Vocabulary{"order status",
               "o open new placed created/p pending processing inprocess inprogress/"
               "s shipped sent dispatched/d delivered/c closed completed complete done finished "
               "fulfilled/x cancelled canceled void voided/r returned refunded/h hold onhold"},
    Vocabulary{"payment status",
               "p paid settled/u unpaid open due outstanding/o overdue late/r refunded "
               "reversed/v void voided/f failed declined/a authorized authorised"},
    Vocabulary{"marital status",
               "s single unmarried/m married/d divorced/w widowed/p partnered "
               "domesticpartner/sep separated/u unknown",
               true},
    Vocabulary{"priority",
               "l low minor/m n med medium normal/h high major/u c urgent critical "
               "blocker"},
    Vocabulary{"month",
               "1 01 jan january/2 02 feb february/3 03 mar march/4 04 apr april/5 05 may/"
               "6 06 jun june/7 07 jul july/8 08 aug august/9 09 sep sept september/10 oct "
               "october/11 nov november/12 dec december",
               true},
    Vocabulary{"weekday",
               "mon monday/tue tues tuesday/wed wednesday/thu thur thurs thursday/fri "
               "friday/sat saturday/sun sunday",
               true},
    Vocabulary{"currency",
               "usd usdollar unitedstatesdollar dollar/eur euro/gbp poundsterling britishpound "
               "ukpound/jpy japaneseyen yen/chf swissfranc/cad canadiandollar/aud australiandollar/"
               "nzd newzealanddollar/sek swedishkrona/nok norwegiankrone/dkk danishkrone/pln "
               "polishzloty zloty/czk czechkoruna/huf forint hungarianforint/ron leu romanianleu/"
               "cny yuan renminbi chineseyuan/inr indianrupee/brl brazilianreal real/mxn "
               "mexicanpeso/zar rand southafricanrand/try turkishlira/krw southkoreanwon/sgd "
               "singaporedollar/hkd hongkongdollar/ils newshekel israelishekel/aed "
               "emiratidirham uaedirham/sar saudiriyal/thb thaibaht/idr rupiah indonesianrupiah",
               true},
    Vocabulary{
        "state",
        "al alabama/ak alaska/az arizona/ar arkansas/ca california/co colorado/ct connecticut/de "
        "delaware/dc districtofcolumbia/fl florida/ga georgia/hi hawaii/id idaho/il illinois/in "
        "indiana/ia iowa/ks kansas/ky kentucky/la louisiana/me maine/md maryland/ma massachusetts/"
        "mi michigan/mn minnesota/ms mississippi/mo missouri/mt montana/ne nebraska/nv nevada/nh "
        "newhampshire/nj newjersey/nm newmexico/ny newyork/nc northcarolina/nd northdakota/oh "
        "ohio/ok oklahoma/or oregon/pa pennsylvania/ri rhodeisland/sc southcarolina/sd "
        "southdakota/tn tennessee/tx texas/ut utah/vt vermont/va virginia/wa washington/wv "
        "westvirginia/wi wisconsin/wy wyoming/"
        "ab alberta/bc britishcolumbia/mb manitoba/nb newbrunswick/nl newfoundlandandlabrador/ns "
        "novascotia/on ontario/pe princeedwardisland/qc quebec/sk saskatchewan",
        true},
    Vocabulary{
        "country",
        "us usa unitedstates unitedstatesofamerica/gb gbr unitedkingdom uk greatbritain/de deu "
        "germany deutschland/fr fra france/it ita italy/es esp spain/pt prt portugal/nl nld "
        "netherlands holland thenetherlands/be bel belgium/lu lux luxembourg/ch che switzerland/at "
        "aut austria/dk dnk denmark/se swe sweden/no nor norway/fi fin finland/is isl iceland/ie "
        "irl "
        "ireland/pl pol poland/cz cze czechia czechrepublic/sk svk slovakia/hu hun hungary/si svn "
        "slovenia/hr hrv croatia/ro rou romania/bg bgr bulgaria/gr grc greece/ee est estonia/lv "
        "lva "
        "latvia/lt ltu lithuania/ua ukr ukraine/tr tur turkey turkiye/ru rus russia "
        "russianfederation/ca can canada/mx mex mexico/br bra brazil brasil/ar arg argentina/cl "
        "chl "
        "chile/co col colombia/pe per peru/ve ven venezuela/au aus australia/nz nzl newzealand/jp "
        "jpn "
        "japan/cn chn china/in ind india/kr kor southkorea republicofkorea korea/sg sgp "
        "singapore/hk "
        "hkg hongkong/tw twn taiwan/id idn indonesia/my mys malaysia/th tha thailand/vn vnm "
        "vietnam/"
        "ph phl philippines/pk pak pakistan/za zaf southafrica/eg egy egypt/ma mar morocco/ng nga "
        "nigeria/ke ken kenya/il isr israel/ae are unitedarabemirates uae/sa sau saudiarabia",
        true},
};

// Letters and digits only: spelling and punctuation do not tell codes apart.
std::string folded_code(std::string_view text) {
  std::string result;
  for (const char c : fold(text)) {
    if (c != ' ' && c != '_' && c != '-' && c != '.') {
      result += c;
    }
  }
  return result;
}

// The number of the value's meaning, from 1; 0 when the vocabulary has it not.
std::size_t meaning_of(const Vocabulary& vocabulary, std::string_view folded) noexcept {
  std::size_t meaning = 1;
  for (std::size_t at = 0; at < vocabulary.meanings.size();) {
    const auto end =
        std::min(vocabulary.meanings.find_first_of(" /", at), vocabulary.meanings.size());
    if (vocabulary.meanings.substr(at, end - at) == folded) {
      return meaning;
    }
    meaning += end < vocabulary.meanings.size() && vocabulary.meanings[end] == '/' ? 1 : 0;
    at = end + 1;
  }
  return 0;
}

// The vocabularies of each value of any, a bit each.
using VocabularyBits = std::unordered_map<std::string_view, std::uint32_t>;
const VocabularyBits& vocabulary_bits() {
  static const VocabularyBits bits = [] {
    VocabularyBits found;
    for (std::size_t number = 0; number < vocabularies.size(); ++number) {
      auto rest = vocabularies[number].meanings;
      while (!rest.empty()) {
        const auto end = std::min(rest.find_first_of(" /"), rest.size());
        found[rest.substr(0, end)] |= std::uint32_t{1} << number;
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    }
    return found;
  }();
  return bits;
}

struct Code {
  std::string text{}, folded{};
};

bool is_recognised(const Vocabulary& vocabulary, std::span<const Code> codes,
                   std::ptrdiff_t fewest) {
  const auto known = std::count_if(codes.begin(), codes.end(), [&](const Code& code) {
    return meaning_of(vocabulary, code.folded) != 0;
  });
  return known >= fewest &&
         static_cast<double>(known) >= recognised_share * static_cast<double>(codes.size());
}

bool lists_codes(const Column& column) noexcept {
  return column.statistics && !column.personal && !column.statistics->frequent.empty() &&
         column.statistics->distinct <= most_listed;
}

// The codes that the target takes; of a code list those that the vocabulary knows.
std::vector<Code> codes_of(const Column& to) {
  std::vector<Code> codes;
  const auto add = [&](std::string text) {
    std::string folded = folded_code(text);
    codes.push_back({std::move(text), std::move(folded)});
  };
  if (!to.allowed_values.empty()) {
    std::for_each(to.allowed_values.begin(), to.allowed_values.end(), add);
  } else if (!to.code_list.empty()) {
    for (const auto code : catalog::code_list(to.code_list)) {
      add(std::string{code});
    }
  } else if (lists_codes(to)) {
    for (const auto& value : to.statistics->frequent) {
      add(value.text);
    }
  }
  return codes;
}

// The vocabulary that most of both sides' values are of; null when there is none.
const Vocabulary* shared_vocabulary(std::span<const Code> from, const Column& to,
                                    std::span<const Code> codes) {
  for (const Vocabulary& vocabulary : vocabularies) {
    const bool of_list = (to.code_list == "iso4217" && vocabulary.name == "currency") ||
                         (to.code_list.starts_with("iso3166") && vocabulary.name == "country");
    if (to.code_list.empty()
            ? is_recognised(vocabulary, codes, 2) && is_recognised(vocabulary, from, 2)
            : of_list && is_recognised(vocabulary, from, 1)) {
      return &vocabulary;
    }
  }
  return nullptr;
}

// A column of few words that come again and again, unlike one of names.
bool repeats_words(const Column& column) noexcept {
  return lists_codes(column) && column.statistics->distinct <= most_words &&
         column.statistics->rows >= rows_a_word * column.statistics->distinct;
}

struct Found {
  const Code* code = nullptr;
  double confidence = 0;
};

Found best_of(const Code& value, std::span<const Code> codes, const Vocabulary* vocabulary,
              bool by_beginning) {
  Found found;
  const auto take = [&](const Code& code, double confidence) {
    if (confidence > found.confidence) {
      found = {&code, confidence};
    }
  };
  const std::size_t meaning = vocabulary == nullptr ? 0 : meaning_of(*vocabulary, value.folded);
  for (const Code& code : codes) {
    if (code.text == value.text) {
      return {&code, spelled_alike};
    }
    if (code.folded == value.folded) {
      take(code, spelled_alike);
    } else if (meaning != 0 && meaning_of(*vocabulary, code.folded) == meaning) {
      take(code, same_meaning);
    } else if (by_beginning && code.folded.size() >= fewest_letters &&
               value.folded.size() >= fewest_letters &&
               (value.folded.starts_with(code.folded) || code.folded.starts_with(value.folded))) {
      take(code, begins_alike);
    }
  }
  return found;
}

}  // namespace

std::string_view vocabulary_of(const Column& column) {
  constexpr std::size_t fewest_words = 3;
  constexpr double certain_share = 0.8;
  if (!column.statistics || column.personal) {
    return {};
  }
  std::vector<std::string> words;
  // Where no value comes again, samples are as good.
  constexpr std::size_t enough = 12;
  for (const auto& value : column.statistics->frequent) {
    words.push_back(folded_code(value.text));
  }
  for (const auto& value : column.statistics->samples) {
    if (words.size() < enough) {
      words.push_back(folded_code(value));
    }
  }
  if (std::any_of(words.begin(), words.end(), [](const std::string& word) {
        return word.empty() || (word.front() >= '0' && word.front() <= '9');
      })) {
    return {};
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  for (const Vocabulary& vocabulary : vocabularies) {
    const bool whole = vocabulary.name == "gender" && words.size() == 2;
    const auto known = std::count_if(words.begin(), words.end(), [&](const std::string& word) {
      return meaning_of(vocabulary, word) != 0;
    });
    if ((words.size() >= fewest_words || whole) &&
        static_cast<double>(known) >= certain_share * static_cast<double>(words.size())) {
      return vocabulary.name;
    }
  }
  return {};
}

std::vector<CodeMatch> match_codes(const Column& from, const Column& to) {
  std::vector<CodeMatch> matches;
  if (!from.statistics || from.personal || from.statistics->frequent.empty()) {
    return matches;
  }
  const bool declared = !to.allowed_values.empty();
  if (!declared && !lists_codes(from)) {
    return matches;
  }
  const auto codes = codes_of(to);
  if (codes.empty()) {
    return matches;
  }
  std::vector<Code> values;
  for (const auto& value : from.statistics->frequent) {
    values.push_back({value.text, folded_code(value.text)});
  }
  const Vocabulary* vocabulary = shared_vocabulary(values, to, codes);
  // Without a vocabulary only words that are spelled alike are the same.
  if (!declared && vocabulary == nullptr &&
      (!to.code_list.empty() || !repeats_words(from) || !repeats_words(to))) {
    return matches;
  }
  bool changed = false;
  std::int64_t covered = 0;
  std::int64_t rows = 0;
  for (std::size_t at = 0; at < values.size(); ++at) {
    const std::int64_t count = from.statistics->frequent[at].count;
    rows += count;
    const Found found = best_of(values[at], codes, vocabulary, declared);
    if (found.code != nullptr && matches.size() < most_codes) {
      changed |= found.code->text != values[at].text;
      covered += count;
      matches.push_back({values[at].text, found.code->text, count, found.confidence});
    }
  }
  const bool enough =
      declared || static_cast<double>(covered) >= covered_rows * static_cast<double>(rows);
  if (!changed || !enough) {
    matches.clear();
  }
  return matches;
}

std::vector<CodeMatch> match_booleans(const Column& from) {
  Column words;
  words.allowed_values = {"true", "false"};
  return match_codes(from, words);
}

double covered_share(const Column& from, const std::vector<CodeMatch>& matches) noexcept {
  std::int64_t rows = 0;
  std::int64_t covered = 0;
  if (from.statistics) {
    for (const auto& value : from.statistics->frequent) {
      rows += value.count;
    }
  }
  for (const CodeMatch& match : matches) {
    covered += match.count;
  }
  return rows == 0 ? 0.0 : static_cast<double>(covered) / static_cast<double>(rows);
}

const std::uint32_t specific_vocabularies = [] {
  std::uint32_t bits = 0;
  for (std::size_t number = 0; number < vocabularies.size(); ++number) {
    bits |= vocabularies[number].specific ? std::uint32_t{1} << number : 0;
  }
  return bits;
}();

std::uint32_t vocabularies_of(const Column& column) {
  if (!lists_codes(column)) {
    return 0;
  }
  struct Known {
    std::size_t values = 0;
    std::int64_t rows = 0;
  };
  std::array<Known, vocabularies.size()> known{};
  const auto& frequent = column.statistics->frequent;
  std::int64_t rows = 0;
  std::int64_t rows_of_letters = 0;
  for (const auto& value : std::span{frequent}.first(std::min(frequent.size(), most_looked_up))) {
    const auto code = folded_code(value.text);
    rows += value.count;
    rows_of_letters += code.size() <= 2 ? value.count : 0;
    const auto found = vocabulary_bits().find(code);
    if (found == vocabulary_bits().end()) {
      continue;
    }
    for (std::size_t number = 0; number < known.size(); ++number) {
      if ((found->second >> number & 1U) != 0) {
        ++known[number].values;
        known[number].rows += value.count;
      }
    }
  }
  const double share = 2 * rows_of_letters > rows ? recognised_letters : recognised_share;
  std::uint32_t bits = 0;
  for (std::size_t number = 0; number < known.size(); ++number) {
    if (known[number].values >= fewest_looked_up &&
        static_cast<double>(known[number].rows) >= share * static_cast<double>(rows)) {
      bits |= std::uint32_t{1} << number;
    }
  }
  return bits;
}

mapping::Evidence code_evidence(const Column& from, const mapping::TransformationStep& codes) {
  std::int64_t rows = 0;
  std::int64_t covered = 0;
  std::size_t values = 0;
  std::string examples;
  for (const auto& value : from.statistics->frequent) {
    rows += value.count;
    const std::string_view code = codes.argument(value.text);
    if (code.empty()) {
      continue;
    }
    covered += value.count;
    if (++values <= 3) {
      examples += fmt::format("{}'{}' to '{}' in {} rows", values == 1 ? ": " : ", ", value.text,
                              code, value.count);
    }
  }
  const double share = rows == 0 ? 0.0 : static_cast<double>(covered) / static_cast<double>(rows);
  return {"code_map", share, 0.0,
          fmt::format("{} of {} values, {:.0f} % of the rows, have a code{}", values,
                      from.statistics->frequent.size(), std::floor(share * 100), examples)};
}

}  // namespace mapctl::matching
