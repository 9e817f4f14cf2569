// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/registry/audit.hpp"
#include "core/registry/audit_chain.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

namespace mapctl::registry {
namespace {

using Kind = AuditFinding::Kind;

constexpr std::size_t most_findings = 1000;
constexpr std::array<std::string_view, 6> kind_words{"changed",   "removed", "inserted",
                                                     "reordered", "head",    "checkpoint"};

struct Link {
  std::int64_t position = 0;
  std::string id{};
  Digest previous{};
  Digest hash{};
  bool reached = false;
};

class Verifier {
 public:
  Verifier(ports::SqlSession& session, std::string tenant, const std::optional<Secret>& key,
           std::stop_token stop)
      : session_{session}, tenant_{std::move(tenant)}, key_{key}, stop_{std::move(stop)} {}

  AuditVerification run() {
    read_checkpoints();
    read_rows();
    check_erased();
    if (!in_order_) {
      find_broken_links();
    }
    check_head();
    std::stable_sort(
        result_.findings.begin(), result_.findings.end(), [](const auto& left, const auto& right) {
          return std::pair{left.position, left.kind} < std::pair{right.position, right.kind};
        });
    if (result_.findings.size() > most_findings) {
      result_.findings.resize(most_findings);
    }
    return std::move(result_);
  }

 private:
  void add(Kind kind, std::int64_t position, std::string id, std::string detail,
           std::int64_t last = 0) {
    if (result_.findings.size() < 2 * most_findings) {
      result_.findings.push_back(
          {kind, position, std::max(last, position), std::move(id), std::move(detail)});
    }
  }

  void read_checkpoints() {
    start_ = audit_genesis(tenant_);
    std::int64_t before = 0;
    for (const Checkpoint& checkpoint : load_checkpoints(session_, tenant_)) {
      ++result_.checkpoints;
      if (!checkpoint.is_whole || checkpoint.position - before != checkpoint.removed) {
        add(Kind::checkpoint, checkpoint.position, {},
            fmt::format("the checkpoint says that {} rows were removed, its position says {}",
                        checkpoint.removed, checkpoint.position - before));
      }
      if (key_ && sign(tenant_, checkpoint, *key_) != checkpoint.signature) {
        add(Kind::checkpoint, checkpoint.position, {},
            checkpoint.signature.empty() ? "the checkpoint is not signed"
                                         : "the checkpoint's signature is wrong");
      }
      before = checkpoint.position;
      start_ = checkpoint.hash;
    }
    last_ = before;
  }

  // One pass over all rows, in the order of the chain. Whatever is not as it should be is looked
  // into afterwards, as it is rare.
  void read_rows() {
    const auto select = session_.prepare_scan(
        "SELECT " MAPCTL_AUDIT_COLUMNS
        ", position, payload_digest, previous_hash, erased_digest FROM mapping_audit_log WHERE "
        "tenant_id = $1 ORDER BY position");
    select->bind(1, tenant_);
    AuditHasher hasher;
    Digest expected = start_;
    while (select->step()) {
      if ((++result_.rows & 4095) == 0 && stop_.stop_requested()) {
        throw Error{ErrorCode::cancelled, "the verification was stopped"};
      }
      const std::int64_t position = select->integer(audit_column_count);
      const AuditFields fields = read_audit_fields(*select, 0);
      const auto payload = digest_from_bytes(select->bytes(audit_column_count + 1));
      const auto previous = digest_from_bytes(select->bytes(audit_column_count + 2));
      if (!check_payload(*select, fields, position, payload, hasher)) {
        in_order_ = in_order_ && payload.has_value();
      }
      if (position != last_ + 1 || previous != expected || !previous || !payload) {
        in_order_ = false;
      }
      expected = audit_row_hash(previous.value_or(Digest{}), payload.value_or(Digest{}));
      if (result_.first_position == 0) {
        result_.first_position = position;
      }
      last_ = position;
    }
    result_.last_position = result_.rows == 0 ? 0 : last_;
    end_ = expected;
  }

  bool check_payload(const ports::SqlStatement& row, const AuditFields& fields,
                     std::int64_t position, const std::optional<Digest>& payload,
                     AuditHasher& hasher) {
    Digest personal;
    if (row.is_null(audit_column_count + 3)) {
      personal = hasher.personal(fields);
    } else {
      ++result_.erased_rows;
      erased_.push_back(position);
      personal = digest_from_bytes(row.bytes(audit_column_count + 3)).value_or(Digest{});
      if (!fields.old_value.empty() || !fields.new_value.empty() || !fields.reason.empty() ||
          !fields.ip_address.empty() || !fields.user_agent.empty()) {
        add(Kind::changed, position, std::string{fields.id},
            "values were written into a row whose values are erased");
        return false;
      }
    }
    if (fields.action == "erased") {
      remember_erasure(fields, position);
    }
    if (payload && hasher.payload(fields, personal) == *payload) {
      return true;
    }
    add(Kind::changed, position, std::string{fields.id},
        fmt::format("its content is not what was written ({} of mapping '{}' at {})", fields.action,
                    fields.mapping, fields.created_at));
    return false;
  }

  // A record of an erasure names the rows whose values it blanked.
  void remember_erasure(const AuditFields& fields, std::int64_t position) {
    try {
      const Json facts = parse_json(fields.new_value, "an erasure");
      for (const Json& range : facts.at("positions")) {
        erasures_.emplace_back(range.at(0).get<std::int64_t>(), range.at(1).get<std::int64_t>());
      }
    } catch (const std::exception&) {
      add(Kind::changed, position, std::string{fields.id},
          "the record of an erasure is unreadable");
    }
  }

  void check_erased() {
    for (const std::int64_t position : erased_) {
      const bool recorded = std::any_of(erasures_.begin(), erasures_.end(), [&](const auto& range) {
        return range.first <= position && position <= range.second;
      });
      if (!recorded) {
        add(Kind::changed, position, {}, "its values are blanked and no erasure says so");
      }
    }
  }

  std::vector<Link> read_links() {
    std::vector<Link> links;
    links.reserve(static_cast<std::size_t>(result_.rows));
    const auto select = session_.prepare_scan(
        "SELECT position, id, payload_digest, previous_hash FROM mapping_audit_log WHERE "
        "tenant_id = $1 ORDER BY position");
    select->bind(1, tenant_);
    while (select->step()) {
      Link link;
      link.position = select->integer(0);
      link.id = select->text(1);
      const Digest payload = digest_from_bytes(select->bytes(2)).value_or(Digest{});
      link.previous = digest_from_bytes(select->bytes(3)).value_or(Digest{});
      link.hash = audit_row_hash(link.previous, payload);
      links.push_back(std::move(link));
    }
    return links;
  }

  // Follows the hashes instead of the positions: a row that is reached at another place was moved,
  // one that is never reached was put in, and where the way ends something is missing.
  void find_broken_links() {
    std::vector<Link> links = read_links();
    std::unordered_multimap<std::string_view, std::size_t> by_previous;
    std::unordered_map<std::string_view, int> followers;
    for (std::size_t i = 0; i < links.size(); ++i) {
      by_previous.emplace(as_bytes(links[i].previous), i);
      ++followers[as_bytes(links[i].previous)];
    }
    const std::int64_t begin = first_expected();
    std::int64_t at = begin - 1;
    Digest hash = start_;
    std::size_t lowest = 0;
    const Link* last = nullptr;
    while (true) {
      Link* next = nullptr;
      const auto [from, to] = by_previous.equal_range(as_bytes(hash));
      for (auto entry = from; entry != to; ++entry) {
        Link& candidate = links[entry->second];
        const bool leads_on = followers.count(as_bytes(candidate.hash)) != 0;
        const bool better = next == nullptr ||
                            (leads_on && followers.count(as_bytes(next->hash)) == 0) ||
                            (leads_on == (followers.count(as_bytes(next->hash)) != 0) &&
                             candidate.position < next->position);
        if (!candidate.reached && better) {
          next = &candidate;
        }
      }
      if (next == nullptr) {
        while (lowest < links.size() && (links[lowest].reached || links[lowest].position <= at)) {
          ++lowest;
        }
        if (lowest == links.size()) {
          break;
        }
        next = &links[lowest];
        report_break(*next, at, last);
      } else if (next->position < at) {
        add(Kind::reordered, next->position, next->id,
            fmt::format("it follows row {} by its hash", at));
        add(Kind::reordered, at, last == nullptr ? std::string{} : last->id,
            fmt::format("row {} follows it by its hash", next->position));
      } else if (next->position > at + 1 && !any_between(links, at, next->position)) {
        add(Kind::reordered, next->position, next->id,
            fmt::format("it follows row {} by its hash", at));
      }
      next->reached = true;
      at = std::max(at, next->position);
      hash = next->hash;
      last = next;
    }
    for (const Link& link : links) {
      if (!link.reached) {
        add(Kind::inserted, link.position, link.id, "no row before it leads to it");
      }
    }
    end_ = hash;
  }

  std::int64_t first_expected() const {
    std::int64_t position = 1;
    for (const Checkpoint& checkpoint : load_checkpoints(session_, tenant_)) {
      position = checkpoint.position + 1;
    }
    return position;
  }

  static bool any_between(const std::vector<Link>& links, std::int64_t from, std::int64_t to) {
    return std::any_of(links.begin(), links.end(), [&](const Link& link) {
      return link.position > from && link.position < to;
    });
  }

  void report_break(const Link& next, std::int64_t at, const Link* last) {
    if (next.position > at + 1) {
      add(Kind::removed, at + 1, {},
          fmt::format("{} before row {}",
                      next.position - at - 1 == 1 ? "a row is missing" : "rows are missing",
                      next.position),
          next.position - 1);
    } else if (last == nullptr) {
      add(Kind::removed, next.position, next.id,
          "what it follows is not the beginning of the chain: rows before it are missing");
    } else {
      add(Kind::changed, at, last->id,
          fmt::format("it is not the row that row {} follows: it was written anew, or rows "
                      "between the two were removed and the others renumbered",
                      next.position));
    }
  }

  void check_head() {
    const auto select =
        session_.prepare("SELECT position, hash FROM audit_heads WHERE tenant_id = $1");
    select->bind(1, tenant_);
    if (!select->step()) {
      if (result_.rows > 0) {
        add(Kind::head, last_, {}, "the head of the chain is missing");
      }
      return;
    }
    const std::int64_t position = select->integer(0);
    const auto hash = digest_from_bytes(select->bytes(1));
    result_.head = hash ? to_hex(*hash) : std::string{};
    if (position > last_) {
      add(Kind::removed, last_ + 1, {}, "rows at the end are missing", position);
    } else if (position < last_) {
      add(Kind::inserted, position + 1, {}, "rows behind the head of the chain", last_);
    } else if (hash != end_) {
      add(Kind::head, position, {}, "the last row is not the one that the head of the chain names");
    }
  }

  ports::SqlSession& session_;
  std::string tenant_;
  const std::optional<Secret>& key_;
  std::stop_token stop_;
  AuditVerification result_{};
  Digest start_{}, end_{};
  std::int64_t last_ = 0;
  bool in_order_ = true;
  std::vector<std::int64_t> erased_{};
  std::vector<std::pair<std::int64_t, std::int64_t>> erasures_{};
};

}  // namespace

std::string_view to_string(AuditFinding::Kind kind) noexcept {
  return kind_words[static_cast<std::size_t>(kind)];
}

AuditVerification verify_chain(ports::SqlSession& session, const std::string& tenant_id,
                               const std::optional<Secret>& key, std::stop_token stop) {
  return Verifier{session, tenant_id, key, std::move(stop)}.run();
}

AuditVerification verify_audit(Registry& registry, const std::optional<Secret>& key,
                               std::stop_token stop) {
  RegistryState& state = registry.state();
  ports::Transaction transaction{*state.session, ports::SqlSession::Access::read};
  AuditVerification verified = verify_chain(*state.session, state.tenant, key, std::move(stop));
  transaction.commit();
  return verified;
}

}  // namespace mapctl::registry
