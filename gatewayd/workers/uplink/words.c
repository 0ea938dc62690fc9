#include "words.h"

#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

__attribute__((format(printf, 2, 3))) static char *say(char *out, const char *format, ...)
{
    char text[2 * TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text_copy(out, TEXT_SIZE, text);
    return out;
}

char *words_lookup(char *out, const struct frame_uplink_config *config, int eai_error)
{
    if (eai_error == EAI_NONAME)
        return say(out, "host name \"%.100s\" not found: check the uplink's host", config->host);
    if (eai_error == EAI_AGAIN)
        return say(out, "host name \"%.100s\" can't be looked up now: is the home's internet connection up?",
                   config->host);
    return say(out, "host name \"%.100s\" can't be looked up: %s", config->host, gai_strerror(eai_error));
}

char *words_errno(char *out, const struct frame_uplink_config *config, int error)
{
    const char *host = config->host;
    unsigned port = config->port;
    switch (error) {
    case ECONNREFUSED:
        return say(out, "%.100s refuses connections at port %u: is the platform's broker running, is the port right?",
                   host, port);
    case ENETUNREACH:
    case EHOSTUNREACH:
        return say(out, "no route to %.100s: is the home's internet connection up?", host);
    case ETIMEDOUT:
        return say(out, "no answer from %.100s port %u any more: is the home's internet connection up?", host, port);
    case ECONNRESET:
    case EPIPE:
        return say(out, "%.100s port %u cut the connection", host, port);
    default:
        return say(out, "connection to %.100s port %u failed: %s", host, port, strerror(error));
    }
}

char *words_refused(char *out, const struct frame_uplink_config *config, int reason)
{
    switch (reason) {
    case 1:    /* 3.1.1: unacceptable protocol version */
    case 0x84: /* 5: unsupported protocol version */
        return say(out, "the platform's broker does not speak MQTT %s: set the other version for this uplink",
                   config->version == MQTT_5 ? "5" : "3.1.1");
    case 2:
    case 0x85:
        return say(out, "the platform's broker refuses our client id \"%.80s\": allow it there, or set another one",
                   config->client_id);
    case 3:
    case 0x88:
    case 0x89:
        return say(out, "the platform's broker is there but not available at the moment");
    case 4:
    case 5:
    case 0x86:
    case 0x87:
        return say(out, "the platform refuses our login: check the uplink's %s",
                   config->username[0]       ? "username and password"
                   : config->cert[0]         ? "client certificate (tls.cert), or set username and password"
                   : config->psk_identity[0] ? "psk identity and key"
                                             : "username and password (none are set)");
    case 0x8A:
        return say(out, "the platform has banned this gateway");
    case 0x97:
    case 0x9F:
        return say(out, "the platform limits connections: quota or rate exceeded");
    case 0x9C:
    case 0x9D:
        return say(out, "the platform has moved to another server: set the uplink's new host");
    default:
        return say(out, "the platform's broker refuses the connection with reason 0x%02x", (unsigned)reason);
    }
}

char *words_disconnect(char *out, const struct frame_uplink_config *config, int reason)
{
    switch (reason) {
    case 0x8B:
        return say(out, "the platform's broker is shutting down");
    case 0x8D:
        return say(out, "the platform's broker heard nothing from us in time");
    case 0x8E:
        return say(out, "another client took our session: is there a second gateway with client id \"%.80s\"?",
                   config->client_id);
    case 0x87:
    case 0x98:
        return say(out, "the platform's broker ended our connection on purpose (reason 0x%02x)", (unsigned)reason);
    case 0x95:
        return say(out, "the platform's broker refuses messages of this length");
    default:
        return say(out, "the platform's broker ended the connection with reason 0x%02x", (unsigned)reason);
    }
}

char *words_taken(char *out, const struct frame_uplink_config *config)
{
    return say(out, "%.100s closes the connection again and again: is there a second gateway with client id \"%.80s\"?",
               config->host, config->client_id);
}

char *words_silent(char *out, const struct frame_uplink_config *config, enum words_phase phase)
{
    const char *host = config->host;
    unsigned port = config->port;
    if (phase == PHASE_TCP)
        return say(out, "no answer from %.100s port %u: is the home's internet connection up, does a firewall block?",
                   host, port);
    if (phase == PHASE_TLS)
        return say(out, "%.100s port %u takes the connection but never answers the TLS handshake: is it a TLS port?",
                   host, port);
    if (phase == PHASE_LOGIN)
        return say(out, "%.100s port %u takes the connection but never answers: is it an MQTT broker, is TLS needed?",
                   host, port);
    return say(out, "the platform's broker does not confirm messages any more");
}

char *words_closed(char *out, const struct frame_uplink_config *config, enum words_phase phase)
{
    const char *host = config->host;
    unsigned port = config->port;
    if (phase == PHASE_TLS)
        return say(out, "%.100s port %u closed the connection during the TLS handshake: is it a TLS port?", host, port);
    if (phase == PHASE_LOGIN)
        return say(out, "%.100s port %u closed the connection before it answered the login: %s", host, port,
                   !config->tls      ? "does it want TLS?"
                   : config->cert[0] ? "does the platform accept our client certificate (tls.cert)?"
                   : config->psk[0]  ? "does the platform know our pre-shared key?"
                                     : "does it want a client certificate (tls.cert)?");
    return say(out, "%.100s port %u closed the connection", host, port);
}
