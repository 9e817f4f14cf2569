// SPDX-License-Identifier: Apache-2.0
#include "core/matching/values/vocabularies.hpp"

#include "core/base/ascii.hpp"
#include "core/base/text.hpp"
#include "core/catalog/statistics.hpp"

#include <algorithm>
#include <array>

namespace mapctl::matching {
namespace {

constexpr std::array vocabularies{
    Vocabulary{"gender",
               "m male man mann maennlich mannlich homme/f female woman w frau weiblich "
               "femme/x d other diverse divers nonbinary nb/u unknown notspecified "
               "undisclosed prefernottosay",
               true},
    Vocabulary{"salutation",
               "mr mister herr monsieur senor signor/ms mrs frau madame mme senora signora/miss "
               "fraulein mademoiselle mlle",
               true},
    Vocabulary{
        "yes or no",
        "y yes true t 1 on j ja oui si sim tak vrai wahr a active enabled aktiv actif/"
        "n no false f 0 off nein non nao nie faux falsch i inactive disabled inaktiv inactif"},
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

}  // namespace

std::span<const Vocabulary> all_vocabularies() noexcept {
  return vocabularies;
}

std::string folded_code(std::string_view text) {
  const std::string folded = fold(text);
  std::string result;
  for (std::size_t at = 0; at < folded.size(); ++at) {
    const char c = folded[at];
    const bool before_digit = at + 1 < folded.size() && is_digit(folded[at + 1]);
    const bool is_sign = c == '-' && result.empty() && before_digit;
    const bool is_point = c == '.' && before_digit && at > 0 && is_digit(folded[at - 1]);
    if (is_sign || is_point || (c != ' ' && c != '_' && c != '-' && c != '.')) {
      result += c;
    }
  }
  return result;
}

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

std::vector<std::string_view> vocabulary_words(const Vocabulary& vocabulary) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < vocabulary.meanings.size();) {
    const auto end =
        std::min(vocabulary.meanings.find_first_of(" /", at), vocabulary.meanings.size());
    words.push_back(vocabulary.meanings.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

std::span<const HashedWord> hashed_words(const Vocabulary& vocabulary) {
  static const std::vector<std::vector<HashedWord>> hashed = [] {
    std::vector<std::vector<HashedWord>> result;
    for (const Vocabulary& known : vocabularies) {
      auto& words = result.emplace_back();
      for (const auto word : vocabulary_words(known)) {
        const auto hash = catalog::value_hash(word);
        if (std::none_of(words.begin(), words.end(),
                         [&](const HashedWord& other) { return other.hash == hash; })) {
          words.push_back({hash, word});
        }
      }
    }
    return result;
  }();
  return hashed[static_cast<std::size_t>(&vocabulary - vocabularies.data())];
}

}  // namespace mapctl::matching
