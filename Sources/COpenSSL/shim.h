#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

// Functions for what OpenSSL offers only as macros, which Swift does not import.

static inline int tls_require_1_2(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}

static inline long tls_send_server_name(SSL *session, const char *name) {
    return SSL_set_tlsext_host_name(session, name);
}

// An encrypted key file fails to load; OpenSSL's own answer would be to ask on the terminal.
static inline int tls_no_passphrase(char *buffer, int size, int writing, void *data) {
    return -1;
}

static inline void tls_never_ask(SSL_CTX *context) {
    SSL_CTX_set_default_passwd_cb(context, tls_no_passphrase);
}
