// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/signature.hpp"

#include "core/base/error.hpp"
#include "core/base/handle.hpp"
#include "core/base/text.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <vector>

namespace mapctl::connectors::http {
namespace {

using ports::SignatureAlgorithm;
using BioHandle = Handle<BIO, &BIO_free_all>;
using KeyHandle = Handle<EVP_PKEY, &EVP_PKEY_free>;
using DigestHandle = Handle<EVP_MD_CTX, &EVP_MD_CTX_free>;
using EcdsaHandle = Handle<ECDSA_SIG, &ECDSA_SIG_free>;

constexpr int least_rsa_bits = 2048;
constexpr int coordinate_bytes = 32;  // of P-256

[[noreturn]] void fail(std::string message, std::string hint) {
  ERR_clear_error();  // its texts may quote the key
  throw Error{ErrorCode::configuration, std::move(message), std::move(hint)};
}

// A passphrase is never asked for on the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

KeyHandle read_key(SignatureAlgorithm algorithm, const Secret& key) {
  if (key.empty()) {
    fail("there is no private key to sign with",
         "put it under auth: as private_key, for example ${file:PATH}");
  }
  if (algorithm == SignatureAlgorithm::hs256) {
    const std::string& bytes = key.reveal();
    return KeyHandle{EVP_PKEY_new_raw_private_key(
        EVP_PKEY_HMAC, nullptr, reinterpret_cast<const unsigned char*>(bytes.data()),
        bytes.size())};
  }
  // Environment variables often hold the line feeds of a key as "\n".
  const Secret pem{replace_all(key.reveal(), "\\n", "\n")};
  const BioHandle input{
      BIO_new_mem_buf(pem.reveal().data(), static_cast<int>(pem.reveal().size()))};
  KeyHandle read{PEM_read_bio_PrivateKey(input.get(), nullptr, &no_passphrase, nullptr)};
  if (!read) {
    fail("the private key cannot be read",
         "give it in PEM and without a passphrase: openssl pkcs8 -topk8 -nocrypt -in KEY");
  }
  const bool is_elliptic = algorithm == SignatureAlgorithm::es256;
  if (EVP_PKEY_get_base_id(read.get()) != (is_elliptic ? EVP_PKEY_EC : EVP_PKEY_RSA) ||
      (is_elliptic && EVP_PKEY_get_bits(read.get()) != coordinate_bytes * 8)) {
    fail("the private key does not fit the algorithm of the token",
         "RS256 and PS256 need an RSA key, ES256 one on the curve P-256");
  }
  if (!is_elliptic && EVP_PKEY_get_bits(read.get()) < least_rsa_bits) {
    fail("the private key is shorter than 2048 bits",
         "make a new one: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048");
  }
  return read;
}

// Tokens carry the two numbers of an ECDSA signature one behind the other.
std::string joined_numbers(const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const EcdsaHandle pair{d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size()))};
  std::string joined(2 * coordinate_bytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(joined.data());
  if (!pair || BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, coordinate_bytes) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out + coordinate_bytes, coordinate_bytes) < 0) {
    throw Error{ErrorCode::internal, "a signature has an unexpected form"};
  }
  return joined;
}

}  // namespace

std::string signature(SignatureAlgorithm algorithm, const Secret& key, std::string_view text) {
  const KeyHandle read = read_key(algorithm, key);
  const DigestHandle digest{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* details = nullptr;  // owned by the digest
  bool good = read && digest &&
              EVP_DigestSignInit(digest.get(), &details, EVP_sha256(), nullptr, read.get()) == 1;
  if (good && algorithm == SignatureAlgorithm::ps256) {
    good = EVP_PKEY_CTX_set_rsa_padding(details, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(details, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t length = 0;
  good = good && EVP_DigestSign(digest.get(), nullptr, &length, bytes, text.size()) == 1;
  std::string made(length, '\0');
  good = good && EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(made.data()),
                                &length, bytes, text.size()) == 1;
  if (!good) {
    fail("a token cannot be signed with the private key", "check that the key is whole");
  }
  made.resize(length);
  return algorithm == SignatureAlgorithm::es256 ? joined_numbers(made) : made;
}

}  // namespace mapctl::connectors::http
