#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/text.h"

#define PSK_MAX 128u /* bytes */

struct tls {
    const struct frame_uplink_config *config;
    SSL_CTX *context;
    bool check_dates;
    bool name_is_address;
    char host[TEXT_SIZE];
    bool done;
    int verify_error; /* X509_V_ERR_...; the first one */
    int alert;        /* sent by the other side; 0: none */
    int64_t own_end;  /* wall ms; 0: no certificate */
    int64_t ca_end;
};

__attribute__((format(printf, 2, 3))) static bool say(char out[TEXT_SIZE], const char *format, ...)
{
    char text[3 * TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text_copy(out, TEXT_SIZE, text);
    return true;
}

static struct tls *tls_of(const SSL *ssl)
{
    return SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
}

static int64_t end_of(const X509 *certificate)
{
    struct tm tm;
    if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm) != 1)
        return 0;
    return (int64_t)timegm(&tm) * 1000;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static int on_verify(int ok, X509_STORE_CTX *store)
{
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls *tls = tls_of(ssl);
    if (!ok && tls->verify_error == X509_V_OK)
        tls->verify_error = X509_STORE_CTX_get_error(store);
    return ok;
}

/* libmosquitto sets the server name to the address that it connects to; we connect by address but mean the name. The
 * callback's SSL is const by its prototype only. */
static void name_server(struct tls *tls, const SSL *ssl)
{
    union {
        const SSL *given;
        SSL *handshake;
    } as = {.given = ssl};
    SSL_set_tlsext_host_name(as.handshake, tls->name_is_address ? NULL : tls->host);
}

static void on_info(const SSL *ssl, int where, int value)
{
    struct tls *tls = tls_of(ssl);
    if (where & SSL_CB_HANDSHAKE_START && !tls->done) {
        name_server(tls, ssl);
    } else if (where & SSL_CB_HANDSHAKE_DONE) {
        STACK_OF(X509) *chain = SSL_get0_verified_chain(ssl);
        int n = chain ? sk_X509_num(chain) : 0;
        tls->done = true;
        tls->ca_end = n > 0 ? end_of(sk_X509_value(chain, n - 1)) : 0;
    } else if (where & SSL_CB_ALERT && where & SSL_CB_READ && (value & 0xff) != SSL_AD_CLOSE_NOTIFY) {
        tls->alert = value & 0xff;
    }
}

/* Without it OpenSSL asks a terminal for the passphrase of an encrypted key. */
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer, (void)size, (void)writing, (void)context;
    return 0;
}

static unsigned from_hex(const char *hex, unsigned char *out, unsigned size)
{
    unsigned n = 0;
    unsigned byte;
    for (; hex[0] && hex[1] && n < size && sscanf(hex, "%2x", &byte) == 1; hex += 2)
        out[n++] = (unsigned char)byte;
    return hex[0] ? 0 : n;
}

static unsigned on_psk(SSL *ssl, const char *hint, char *identity, unsigned identity_size, unsigned char *psk,
                       unsigned psk_size)
{
    (void)hint;
    const struct frame_uplink_config *config = tls_of(ssl)->config;
    if (!text_copy(identity, identity_size, config->psk_identity))
        return 0;
    return from_hex(config->psk, psk, psk_size);
}

static bool use_psk(struct tls *tls, char why[TEXT_SIZE])
{
    unsigned char key[PSK_MAX];
    unsigned n = from_hex(tls->config->psk, key, sizeof key);
    OPENSSL_cleanse(key, sizeof key);
    if (n == 0)
        return !say(why, "tls.psk must be an even number of hexadecimal digits, at most %u", 2 * PSK_MAX);
    /* A server that answers with a certificate instead can't pass: no CA is loaded. */
    SSL_CTX_set_psk_client_callback(tls->context, on_psk);
    SSL_CTX_set_max_proto_version(tls->context, TLS1_2_VERSION);
    if (SSL_CTX_set_cipher_list(tls->context, "PSK") != 1)
        return !say(why, "this system's OpenSSL allows no PSK ciphers");
    return true;
}

static bool readable(const char *setting, const char *path, char why[TEXT_SIZE])
{
    if (access(path, R_OK) == 0)
        return true;
    return !say(why, "tls.%s: can't read %.160s: %s", setting, path, strerror(errno));
}

static bool use_ca(const struct tls *tls, char why[TEXT_SIZE])
{
    const char *ca = tls->config->ca;
    if (!ca[0])
        return SSL_CTX_set_default_verify_paths(tls->context) == 1 ||
               !say(why, "no tls.ca is set and the system has no CA certificates");
    if (!readable("ca", ca, why))
        return false;
    if (SSL_CTX_load_verify_locations(tls->context, ca, NULL) != 1)
        return !say(why, "tls.ca: %.160s holds no CA certificate (PEM)", ca);
    return true;
}

static bool use_certificate(struct tls *tls, char why[TEXT_SIZE])
{
    const char *cert = tls->config->cert;
    const char *key = tls->config->key[0] ? tls->config->key : cert;
    if (!cert[0])
        return true;
    if (!readable("cert", cert, why) || !readable("key", key, why))
        return false;
    if (SSL_CTX_use_certificate_chain_file(tls->context, cert) != 1)
        return !say(why, "tls.cert: %.160s holds no certificate (PEM)", cert);
    SSL_CTX_set_default_passwd_cb(tls->context, no_passphrase);
    if (SSL_CTX_use_PrivateKey_file(tls->context, key, SSL_FILETYPE_PEM) != 1)
        return !say(why, "tls.key: %.120s holds no usable private key (PEM, no passphrase) for the certificate", key);
    if (SSL_CTX_check_private_key(tls->context) != 1)
        return !say(why, "tls.key: %.120s is not the key of tls.cert", key);

    tls->own_end = end_of(SSL_CTX_get0_certificate(tls->context));
    STACK_OF(X509) *chain = NULL;
    SSL_CTX_get0_chain_certs(tls->context, &chain);
    for (int i = 0; chain && i < sk_X509_num(chain); i++)
        tls->own_end = earlier(tls->own_end, end_of(sk_X509_value(chain, i)));
    return true;
}

static void use_checks(const struct tls *tls)
{
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(tls->context);
    const char *host = tls->config->host;
    if (tls->name_is_address)
        X509_VERIFY_PARAM_set1_ip_asc(param, host);
    else
        X509_VERIFY_PARAM_set1_host(param, host, 0);
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (!tls->check_dates)
        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME);
    SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, on_verify);
}

static bool is_address(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

struct tls *tls_create(const struct frame_uplink_config *config, bool check_dates, char why[TEXT_SIZE])
{
    struct tls *tls = calloc(1, sizeof *tls);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (!tls || !context) {
        SSL_CTX_free(context);
        free(tls);
        say(why, "out of memory");
        return NULL;
    }
    *tls = (struct tls){.config = config, .context = context, .check_dates = check_dates};
    tls->name_is_address = is_address(config->host);
    text_copy(tls->host, sizeof tls->host, config->host);
    SSL_CTX_set_app_data(context, tls);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_info_callback(context, on_info);
    use_checks(tls);
    bool good = config->psk[0] ? use_psk(tls, why) : use_ca(tls, why) && use_certificate(tls, why);
    ERR_clear_error();
    if (!good) {
        tls_destroy(tls);
        return NULL;
    }
    return tls;
}

void tls_destroy(struct tls *tls)
{
    if (!tls)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
}

void *tls_context(const struct tls *tls)
{
    return tls->context;
}

bool tls_ready(const struct tls *tls)
{
    return tls->done;
}

int64_t tls_expires(const struct tls *tls)
{
    return earlier(tls->own_end, tls->ca_end);
}

static bool certificate_trouble(const struct tls *tls, char out[TEXT_SIZE])
{
    const char *host = tls->config->host;
    switch (tls->verify_error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return say(out, "the certificate of %.100s has expired: the platform must renew it", host);
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return say(out, "the certificate of %.100s is not valid yet: is this gateway's clock right?", host);
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return say(out, "the server's certificate belongs to another host than %.100s: check the uplink's host", host);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_CERT_UNTRUSTED:
        return say(out, "wrong CA: the certificate of %.80s is not signed by %.120s: check tls.ca", host,
                   tls->config->ca[0] ? tls->config->ca : "a CA that this system knows");
    default:
        return say(out, "the certificate of %.80s is refused: %s", host,
                   X509_verify_cert_error_string(tls->verify_error));
    }
}

static bool alert_trouble(const struct tls *tls, char out[TEXT_SIZE])
{
    switch (tls->alert) {
    case SSL_AD_CERTIFICATE_EXPIRED:
        return say(out, "our client certificate has expired: renew tls.cert");
    case SSL_AD_CERTIFICATE_REVOKED:
        return say(out, "our client certificate was revoked: renew tls.cert");
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_ACCESS_DENIED:
        return say(out, "the platform does not accept our client certificate: check tls.cert and who signed it");
    case TLS13_AD_CERTIFICATE_REQUIRED:
        return say(out, "the platform wants a client certificate: set tls.cert and tls.key");
    case SSL_AD_UNKNOWN_PSK_IDENTITY:
    case SSL_AD_DECRYPT_ERROR:
    case SSL_AD_BAD_RECORD_MAC:
        if (tls->config->psk[0])
            return say(out, "the platform does not accept our pre-shared key: check tls.psk_identity and tls.psk");
        return say(out, "the TLS handshake failed: %s", SSL_alert_desc_string_long(tls->alert));
    case SSL_AD_HANDSHAKE_FAILURE:
        return say(out, "no common TLS settings with the platform: is %s what it expects?",
                   tls->config->psk[0]    ? "a pre-shared key"
                   : tls->config->cert[0] ? "our client certificate"
                                          : "TLS without a client certificate");
    case SSL_AD_PROTOCOL_VERSION:
        return say(out, "the platform speaks no TLS version that is safe (1.2 or newer)");
    default:
        return say(out, "the platform refused the TLS handshake: %s", SSL_alert_desc_string_long(tls->alert));
    }
}

bool tls_trouble(const struct tls *tls, char out[TEXT_SIZE])
{
    if (tls->verify_error != X509_V_OK)
        return certificate_trouble(tls, out);
    if (tls->alert)
        return alert_trouble(tls, out);
    return false;
}
