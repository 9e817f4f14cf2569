// SPDX-License-Identifier: Apache-2.0
#include "cli/starter_project.hpp"

#include <array>

namespace mapctl::cli {
namespace {

constexpr std::string_view configuration =
    R"(# Settings of this project; mapctl-config(5) describes them.
# A flag wins over an environment variable, that over this file, this file over the user's and the
# system's. `mapctl doctor --config` shows each value and where it came from.

# Where snapshots, runs and mappings are kept (default: .mapctl/registry.db beside this file).
# registry: .mapctl/registry.db

# Whose data are read and written.
# tenant: default

# Folders with profiles, searched before ./profiles.
# profiles: [profiles]

# Shape of standard output: table, json, jsonl or csv.
# format: table

# Least important message shown: error, warning, info or debug.
# log_level: info
)";

constexpr std::string_view plan_text =
    R"(# A batch plan: which source tables are mapped to which target tables; see mapctl-plan(5).
#   mapctl batch plan.yaml --dry-run     what would run
#   mapctl batch plan.yaml               run it
version: 1
name: starter

# Endpoints of every pair that does not name its own: a profile's name, `canonical` (the entities
# that mapctl ships), or a location such as file:data, sqlite:shop.db, dictionary:columns.csv.
source: example
target: canonical

propose:
  min_confidence: 0.5     # below this the decision is "no match"
  one_to_one: true        # a target column is used for one source column at most
  top: 5                  # candidates that are kept for each source column

pairs:
  # A table to a table.
  - {source: customers, target: customer}
  # Patterns stand for several tables, and `auto` lets mapctl find the target table:
  # - {source: "order*", target: auto}
  # A pair may have endpoints of its own:
  # - {source: Account, target: account, source_endpoint: crm}

output:
  workbook: out/starter.xlsx
  layout: tabs            # one sheet a pair; `zip` writes one workbook a pair and an index
  also: [json, html]
)";

constexpr std::string_view profile = R"(# How to reach one system; see mapctl-profile(5).
#   mapctl profile test example
#   mapctl discover example --stats
name: example

# What kind of system it is; `mapctl connector list` shows which there are, and
# `mapctl connector list --options` what may stand under `options`.
connector: file
options:
  path: ../data           # relative to this file

# Secrets are named, never written down:
# auth:
#   user: reader
#   password: ${env:EXAMPLE_PASSWORD}
#   token: ${file:/run/secrets/example}
)";

constexpr std::string_view customers =
    R"(cust_no,full_name,e_mail,phone_no,street,zip,city,country_cd,created_on
1001,Ada Winter,ada.winter@example.com,+44 20 7946 0101,12 Mill Lane,SW1A 1AA,London,GB,2024-01-15
1002,Jonas Berg,jonas.berg@example.com,+49 30 901820,Lindenweg 4,10115,Berlin,DE,2024-02-03
1003,Marta Silva,marta.silva@example.com,+351 21 123 4567,Rua Nova 8,1100-148,Lisboa,PT,2024-02-20
1004,Chen Li,,+86 10 5555 0123,88 Garden Road,100000,Beijing,CN,2024-03-11
1005,Noor Haddad,noor.haddad@example.com,,5 Cedar Street,75001,Paris,FR,2024-04-02
)";

constexpr std::array files{
    StarterFile{"mapctl.yaml", configuration},
    StarterFile{"plan.yaml", plan_text},
    StarterFile{"profiles/example.yaml", profile},
    StarterFile{"data/customers.csv", customers},
};

}  // namespace

std::span<const StarterFile> starter_files() noexcept {
  return files;
}

}  // namespace mapctl::cli
